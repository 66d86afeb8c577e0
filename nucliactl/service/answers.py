"""What the service's answers mean, in one place."""

import contextlib
from typing import Any

import httpx

from nucliactl.errors import NotThere, NucliactlError, Rejected, Unreachable, unclear
from nucliactl.http.flow import ASKED_BY
from nucliactl.http.origin import origin_of_request
from nucliactl.model.source import GIVEN
from nucliactl.secret import printable
from nucliactl.service.rejection import after_rejection

_LONGEST = 250


def good(response: httpx.Response, what: str, *, missing: str | None = None) -> Any:
    """Return the JSON of a successful answer (None for an empty one).

    `what` names what was asked for. Raises Rejected for 401 and 403, NotThere for 404 (in the words
    `missing`), Unreachable for 429, for 5xx and for nonsense (`lost`), NucliactlError for other refusals.
    """
    if 200 <= response.status_code < 300:
        if not response.content:
            return None
        try:
            return response.json()
        except (ValueError, RecursionError):
            host = origin_of_request(response.request)
            raise unclear(f"{host} answered {what} with something that is not JSON.") from None
    raise refused(response, what, missing=missing)


def refused(response: httpx.Response, what: str, *, missing: str | None = None) -> NucliactlError:
    """Return the error of an answer that is no success, in the service's words; `good` says which."""
    status, host, detail = response.status_code, origin_of_request(response.request), _detail(response)
    if status in (401, 403):
        error = Rejected(f"{host} rejected {what} ({status}{detail}).")
        definition = response.extensions.get(ASKED_BY)
        if definition is not None and definition.source != GIVEN:
            error.hint = after_rejection(definition, None, error.message, forbidden=status == 403)
        return error
    if status == 404:
        return NotThere(missing or f"{host} does not know {what} (404{detail}).")
    if status == 429:
        return Unreachable(
            f"{host} is rate-limiting requests (429{detail}).", hint="Wait a little and try again."
        )
    if status >= 500:
        return unclear(f"{host} failed with {status}{detail}.", hint="Try again later.")
    return NucliactlError(f"{host} refused {what} with {status}{detail}.")


def rows(response: httpx.Response, what: str, *path: str) -> list[dict[str, Any]]:
    """Return the objects of a list that was asked for, which stands at a path of keys in the answer; raises
    as `good` does. What is no list is not an empty one."""
    answer = at(good(response, what), *path)
    if not isinstance(answer, list):
        host = origin_of_request(response.request)
        raise Unreachable(f"{host} answered {what} with something that is not a list.")
    return [row for row in answer if isinstance(row, dict)]


def _detail(response: httpx.Response) -> str:
    """The service's own words: a text, or what it finds wrong with each part of what was sent."""
    found = json_of(response)
    said = next((text for name in ("detail", "message", "error") if (text := _words(at(found, name)))), "")
    return f": {printable(said, _LONGEST)}" if said else ""


def _words(detail: Any) -> str:
    if isinstance(detail, list):
        problems = [problem for problem in detail if isinstance(problem, dict)]
        return "; ".join(filter(None, map(_problem, problems)))
    return detail if isinstance(detail, str) else ""


def _problem(found: dict[str, Any]) -> str:
    """One problem of a validation: where, and what."""
    place, text = found.get("loc"), found.get("msg")
    where = ".".join(map(str, place)) + ": " if isinstance(place, list) else ""
    return where + text if isinstance(text, str) else ""


def json_of(response: httpx.Response) -> Any:
    """Return the JSON of an answer, None where it is none."""
    with contextlib.suppress(ValueError, RecursionError):
        return response.json()
    return None


def at(found: Any, *path: str) -> Any:
    """Return what stands at a path of keys in an answer, None where nothing does."""
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def text_at(found: Any, *path: str) -> str | None:
    """Return the string at a path of keys in an answer, or None where there is none fit to be kept:
    one line of printable text of a sane length."""
    text = at(found, *path)
    fit = isinstance(text, str) and 0 < len(text) <= _LONGEST and text.isprintable()
    return text if fit else None


def id_at(found: Any, *path: str) -> str | None:
    """Return the id at a path of keys: a text as `text_at` wants it, or a whole number."""
    value = at(found, *path)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**30:
        return str(value)
    return text_at(value)
