"""The Knowledge Boxes of a NucliaDB."""

from nucliactl import hints
from nucliactl.errors import NotThere, NucliactlError
from nucliactl.http.client import Connection
from nucliactl.http.flow import Answer, Flow, get
from nucliactl.model.endpoint import is_uuid
from nucliactl.model.names import shown
from nucliactl.model.segment import is_segment, segment
from nucliactl.service.answers import good, id_at, rows, text_at
from nucliactl.service.check import Identity

TITLED = 100
"""In a list as long as this the title of each is asked for."""


def boxes(connection: Connection) -> Flow[tuple[Identity, ...]]:
    """Return the boxes of a NucliaDB. Raises as `good` does."""
    answer = yield get(connection, f"{connection.base_url}/kbs")
    found = [
        Identity(slug=text_at(row, "slug"), identity=identity)
        for row in rows(answer, "the list of Knowledge Boxes", "kbs")
        if (identity := id_at(row, "uuid")) and is_segment(identity)
    ]
    if not found or len(found) > TITLED:
        return tuple(found)
    answers = yield [get(connection, box_url(connection, box)) for box in found]
    return tuple(box._replace(title=_title(one)) for box, one in zip(found, answers, strict=True))


def box(connection: Connection, wanted: str) -> Flow[Identity]:
    """Return the one box of a NucliaDB that has a slug or id. Raises NotThere."""
    name = segment(wanted, "a Knowledge Box")
    place = f"{connection.base_url}/kb/{name if is_uuid(wanted) else f's/{name}'}"
    try:
        answer = good((yield get(connection, place)), f"the Knowledge Box {shown(wanted)}")
    except NotThere:
        answer = None
    identity = id_at(answer, "uuid")
    if identity is None or not is_segment(identity):
        raise NotThere(
            f"There is no Knowledge Box {shown(wanted)} at {connection.definition.target}.",
            hint=f"List them: {hints.BOXES}",
        )
    return Identity(text_at(answer, "config", "title"), text_at(answer, "slug"), identity)


def box_url(connection: Connection, found: Identity) -> str:
    return f"{connection.base_url}/kb/{segment(found.identity or '', 'a Knowledge Box')}"


def _title(answer: Answer) -> str | None:
    try:
        return None if isinstance(answer, NucliactlError) else text_at(good(answer, "it"), "config", "title")
    except NucliactlError:
        return None
