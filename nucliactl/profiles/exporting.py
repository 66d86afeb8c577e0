"""Profiles as a document has them, and what a document cannot hold."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.disk.paths import beside
from nucliactl.errors import Malformed
from nucliactl.layers import effective
from nucliactl.login.save import DERIVED
from nucliactl.model.fields import file_keys
from nucliactl.model.kinds import KINDS, USER
from nucliactl.model.profile import Definition
from nucliactl.model.spelling import letters_off
from nucliactl.model.ways import WAYS
from nucliactl.profiles.document import Described
from nucliactl.profiles.handing import opened
from nucliactl.programs.variables import handed_over, key_instead
from nucliactl.resolver.named import named_definition
from nucliactl.secret import Secret
from nucliactl.sources.environment.candidates import candidate_of
from nucliactl.sources.environment.variables import Environment
from nucliactl.sources.sources import Sources
from nucliactl.store.formats import parse_toml

_IN_FILES = ("store", "path", "system", "flag")
_STAND_IN = Secret("<secret>")  # recognised as none by all that would look into it
_OF_A_FILE = ("kind", "extends", "storage", "timeout")


class Exported(NamedTuple):
    """Profiles for a document; `said` is for people: what is not in it."""

    profiles: tuple[Described, ...]
    said: tuple[str, ...]


def exported(names: Sequence[str], sources: Sources, *, with_secrets: bool, as_variables: bool) -> Exported:
    """Return profiles by name as a document has them: as keys of a definition, or as variables of a `.env`.

    Their own secrets are opened only `with_secrets`. Raises UnknownProfile, Malformed for what has no
    definition or what no variable can say, and what opening a secret raises.
    """
    profiles, said = [], list[str]()
    for name in dict.fromkeys(names):
        definition = stored_profile(name, sources)
        describe = _as_variables if as_variables else _as_definition
        table, words = describe(definition, sources, with_secrets)
        profiles.append(Described(name, table))
        said += [f"{name}: {text}" for text in words]
        said += _left_behind(definition, names) if not as_variables else ()
    return Exported(tuple(profiles), tuple(said))


def stored_profile(name: str, sources: Sources) -> Definition:
    """Return a profile that a file defines. Raises UnknownProfile, Malformed for one that none does."""
    definition = named_definition(name, sources)
    if definition.source.kind not in _IN_FILES:
        raise Malformed(
            f"{name!r} is not a stored profile: it stands in {definition.source.location}.",
            hint=f"Make it one: {hints.IMPORT}",
        )
    return definition


def _left_behind(definition: Definition, names: Sequence[str]) -> list[str]:
    """What the profile refers to and the document does not hold."""
    others = {key: other for key in ("session", "extends") if (other := definition.get(key))}
    return [
        f"{definition.name}: {key} = {other!r} refers to a profile that is not in it; name {other} too"
        for key, other in others.items()
        if other not in names
    ]


def _as_definition(
    definition: Definition, sources: Sources, with_secrets: bool
) -> tuple[dict[str, Any], list[str]]:
    """The definition as it is written, unknown keys too. A secret that it refers to stays where it is."""
    location = definition.source.location
    contents = sources.files.read(location, definition.trust)
    table = parse_toml(contents.data if contents else b"", location)
    said = [f"{key} is left out: it is no plain value" for key in table if not _is_plain(table[key])]
    table = {key: value for key, value in table.items() if _is_plain(value)}
    if not with_secrets:
        again = hints.EXPORT_SECRETS.format(definition.name)
        doubtful = [key for key in table if key not in file_keys(definition.kind) and _may_hold_secret(key)]
        said += [f"{key} is left out: it may be a secret; to have it there: {again}" for key in doubtful]
        table = {key: value for key, value in table.items() if key not in doubtful}
    kind = KINDS[definition.kind]
    declared, way = kind.secret, WAYS[definition.secret.way]
    if declared is None:
        return table, said
    table.pop(declared.name, None)
    if way.opens == "late":
        key = f"{declared.name}{way.suffix}"
        if way.name == "file":
            table[key] = beside(location, definition.secret.where)
        if with_secrets:
            said.append(f"its {kind.form} is not in it: {key} says where it is")
    elif definition.secret.kept or way.name == "inline":
        secret, words = _secret(definition, sources, with_secrets)
        table |= {declared.name: secret} if secret else {}
        said += words
    return table, said


def _may_hold_secret(key: str) -> bool:
    """Say whether a key of nobody's may hold a secret by its name: a misspelt one, or one of another kind."""
    if key.lower().endswith(("key", "token", "secret", "password")):
        return True
    secrets = {kind.secret.name for kind in KINDS.values() if kind.secret}
    return any(letters_off(key, secret, 2) is not None for secret in secrets)


def _is_plain(value: Any) -> bool:
    several = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return several or isinstance(value, str | bool | int | float)


def _secret(definition: Definition, sources: Sources, with_secrets: bool) -> tuple[Secret | None, list[str]]:
    declared = KINDS[definition.kind].secret
    if declared is None or definition.secret.way == "none":
        return None, []
    if not with_secrets:
        again = hints.EXPORT_SECRETS.format(definition.name)
        return None, [f"its {KINDS[definition.kind].form} is not in it; to have it there: {again}"]
    said = (
        ["it has the access token only: a session stays where it is"] if definition.kind == USER.name else []
    )
    return opened(definition, sources), said


def _as_variables(
    definition: Definition, sources: Sources, with_secrets: bool
) -> tuple[dict[str, Any], list[str]]:
    """What a `.env` says of the profile, as nucliactl itself reads it there."""
    if definition.secret.way == "session":
        raise _unsayable(definition, key_instead(definition))
    secret, said = _secret(definition, sources, with_secrets)
    values = {key: found.value for key, found in effective(definition, sources).items()}
    own = _own(definition, values, None if definition.secret.way == "none" else _STAND_IN)
    read = _read_back(definition, dict(own.values()))
    declared = KINDS[definition.kind].secret
    held = own.pop(declared.name, None) if declared else None
    unread = [key for key, (_, text) in own.items() if _text(read.get(key)) != text]
    variables: dict[str, Any] = dict(variable for key, variable in own.items() if key not in unread)
    if held and secret:
        variables[held[0]] = secret
    lost = [key for key in unread if key in values]
    lost += [key for key in ("description", "extends", "timeout", "title") if definition.get(key)]
    return variables, [*said, *([f"a .env cannot say its {', '.join(lost)}"] if lost else [])]


def _own(
    definition: Definition, values: Mapping[str, Any], secret: Secret | None
) -> dict[str, tuple[str, str]]:
    """The variables, by key, in which nucliactl could read a profile again: those of what `run` hands over,
    and those of the defaults that are no other program's."""
    handed = {one.name: one.held for one in handed_over(definition, values, secret)}
    skipped = (*_OF_A_FILE, *DERIVED.get(definition.kind, ()))
    found = {}
    for declared in KINDS[definition.kind].fields:
        if declared.variables and declared.in_file and declared.name not in skipped:
            value = handed.get(declared.variables[0], values.get(declared.name))
            if value is not None:
                found[declared.name] = declared.variables[0], _text(value)
    return found


def _read_back(definition: Definition, variables: Mapping[str, str]) -> Mapping[str, Any]:
    candidate = candidate_of(Environment(variables), definition.kind)
    read = candidate.definition if candidate else None
    if read is None:
        raise _unsayable(definition)
    if issuer := definition.get("issuer"):  # the key itself says it
        read = read._replace(values={**read.values, "issuer": issuer})
    if (read.base_url or definition.base_url) != definition.base_url:
        raise _unsayable(definition)
    if read.roles != definition.roles or read.values.get("public") != definition.values.get("public"):
        raise _unsayable(definition)
    return read.values


def _text(value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    return "1" if value is True else str(value)


def _unsayable(definition: Definition, hint: str | None = None) -> Malformed:
    instead = f"As TOML it can be exported: {hints.EXPORT.format(definition.name)}"
    return Malformed(
        f"A .env cannot say what {definition.name!r} is.", hint=f"{hint}\n{instead}" if hint else instead
    )
