"""What is in a Knowledge Box: its resources, a page at a time, and answers that come line by line."""

import uuid
from typing import Any

from nucliactl.sandbox.call import Call, Denied, Reply
from nucliactl.sandbox.state import Box, State

PAGE = 20
_READS_ONLY = ("SMEMBER", "SREADER", "READER", "MEMBER")


def resources(state: State, call: Call, box: Box) -> Reply:
    """A page of the list, as `?page=&size=` asks for it."""
    page, size = (_number(call, name, default) for name, default in (("page", 0), ("size", PAGE)))
    with state.lock:
        everything = state.resources_of(box)
    shown = everything[page * size : (page + 1) * size]
    last = (page + 1) * size >= len(everything)
    return Reply(200, {"resources": shown, "pagination": {"page": page, "size": size, "last": last}})


def add_resource(state: State, call: Call, box: Box, role: str | None) -> Reply:
    if role in _READS_ONLY:
        raise Denied(403, "Forbidden")
    given = call.payload()
    slug, title = given.get("slug"), given.get("title")
    if not isinstance(title or "", str) or not isinstance(slug or "", str):
        raise Denied(422, [{"loc": ["body", "title"], "msg": "Input should be a valid string"}])
    identity = uuid.uuid4().hex
    with state.lock:
        found = state.resources_of(box)
        if slug is not None and slug in (row["slug"] for row in found):
            raise Denied(409, f"Resource slug {slug} already exists")
        found.append({"id": identity, "slug": slug or identity, "title": title or ""})
    return Reply(201, {"uuid": identity, "seqid": len(found)})


def ask(state: State, call: Call, box: Box) -> Reply:
    """A question's answer, as a JSON value a line: the service sends each as it comes."""
    question = call.payload().get("query")
    if not isinstance(question, str) or not question:
        raise Denied(422, [{"loc": ["body", "query"], "msg": "Field required"}])
    with state.lock:
        found = {row["id"]: row for row in state.resources_of(box)}
    items: list[dict[str, Any]] = [{"type": "retrieval", "results": {"resources": found}}]
    items += [{"type": "answer", "text": text} for text in ("This is ", "a stand-in", ": it knows nothing.")]
    items.append({"type": "status", "code": "0", "status": "success"})
    return Reply(200, lines=tuple({"item": item} for item in items))


def _number(call: Call, name: str, default: int) -> int:
    text = call.parameters().get(name, str(default))
    if not text.isdigit() or len(text) > 9 or (name == "size" and int(text) == 0):
        raise Denied(422, [{"loc": ["query", name], "msg": "Input should be a valid integer"}])
    return int(text)
