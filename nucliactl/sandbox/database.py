"""What a NucliaDB answers: roles in a header, upper case, joined by semicolons."""

import re

from nucliactl.sandbox import content
from nucliactl.sandbox.call import Call, Denied, Reply
from nucliactl.sandbox.state import State

_KB = re.compile(r"/api/v1/kb/(?:s/)?([A-Za-z0-9_-]+)(/counters|/resources|/ask)?")
_ROOT = "<!doctype html><title>Nuclia</title>This is a stand-in of NucliaDB."


def nucliadb(state: State, call: Call) -> Reply:
    """Answer as a NucliaDB does."""
    roles = set(call.headers.get("x-nucliadb-roles", "").split(";"))
    if call.path == "/":
        return Reply(200, page=_ROOT)
    if call.path == "/api/v1/kbs":
        return _boxes(state, call, roles)
    if match := _KB.fullmatch(call.path):
        return _of_box(state, call, match[1], match[2], roles)
    raise Denied(404, "Not Found")


def _of_box(state: State, call: Call, key: str, part: str | None, roles: set[str]) -> Reply:
    adds = call.method == "POST" and part == "/resources"
    if not roles & ({"WRITER"} if adds else {"READER", "MANAGER"}):
        raise Denied(403, "Forbidden")
    box = state.box(key, local=True)
    if box is None:
        raise Denied(404, "Knowledge Box does not exist")
    if adds:
        return content.add_resource(state, call, box, None)
    match call.method, part:
        case "GET", None:
            return Reply(200, box.shown())
        case "GET", "/counters":
            return Reply(200, {"resources": len(state.resources_of(box))})
        case "GET", "/resources":
            return content.resources(state, call, box)
        case "POST", "/ask":
            return content.ask(state, call, box)
    raise Denied(405, "Method Not Allowed")


def _boxes(state: State, call: Call, roles: set[str]) -> Reply:
    if "MANAGER" not in roles:
        raise Denied(403, "Forbidden")
    if call.method == "GET":
        return Reply(200, {"kbs": [{"slug": b.slug, "uuid": b.id} for b in state.boxes if b.local]})
    given = call.payload()
    slug, title = given.get("slug"), given.get("title", "")
    if not isinstance(slug, str) or not isinstance(title, str):
        raise Denied(422, "Invalid payload")
    box = state.add_local(slug, title)
    if box is None:
        raise Denied(419, "Knowledge Box already exists")
    return Reply(201, box.shown())
