"""Records in a Vault (or an OpenBao): secrets of a KV version 2, asked for over our own HTTP."""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from nucliactl.errors import Damaged, Forbidden, NucliactlError, Rejected
from nucliactl.fleet.access import Access
from nucliactl.fleet.contract import MOST_RECORDS, Fields, not_listed, not_there, too_many
from nucliactl.fleet.vault_login import VaultLogin, failed, good_of
from nucliactl.http.client import Connection
from nucliactl.http.flow import Ask, Flow, perform
from nucliactl.secret import Secret
from nucliactl.service.answers import at

_MISSING = 404
_REFUSED = 403
_CONFLICT = 400


class InVault:
    """The records of a Vault. A token is used for as long as its lease lasts."""

    def __init__(self, access: Access, connection: Connection) -> None:
        self._address = access.address
        self._login = VaultLogin(access, connection)

    def key(self, name: str) -> str:
        return self._address.key(name)

    def place(self, name: str) -> str:
        return f"{self._address.place} {self.key(name)}"

    def names(self) -> list[str]:
        return perform(self._names())

    def read(self, names: Sequence[str]) -> dict[str, Fields | NucliactlError]:
        return perform(self._read(names))

    def write(self, name: str, fields: Fields) -> None:
        perform(self._write(name, fields))

    def listen(self, names: Sequence[str]) -> None:
        """A Vault tells of nothing."""

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def close(self) -> None:
        """Each question has had its own connection."""

    def _names(self) -> Flow[list[str]]:
        mount, *within = self._address.folder
        path = "/".join((mount, "metadata", *within))
        [response] = yield from self._allowed([("GET", f"{_quoted(path)}?list=true", None)])
        if response.status_code == _REFUSED:
            raise not_listed(self._address.place)
        if response.status_code == _MISSING:
            return []
        keys = at(good_of(response, self._address.place), "data", "keys")
        found = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
        if len(found) > MOST_RECORDS:
            raise too_many(self._address.place)
        return sorted(key for key in found if not key.endswith("/"))  # those are folders

    def _read(self, names: Sequence[str]) -> Flow[dict[str, Fields | NucliactlError]]:
        questions = [("GET", _quoted(self.key(name)), None) for name in names]
        answers = yield from self._allowed(questions)
        return {name: self._record(name, answer) for name, answer in zip(names, answers, strict=True)}

    def _record(self, name: str, response: httpx.Response) -> Fields | NucliactlError:
        key = self.key(name)
        if response.status_code == _REFUSED:
            return self._forbidden(key, "read")
        if response.status_code == _MISSING:
            return not_there(self._address.place, key, name)
        held = at(good_of(response, self._address.place), "data", "data")
        if not isinstance(held, dict):
            return Damaged(f"{key} is no secret of a KV version 2.", hint="Look at the mount in the address.")
        if not held:
            return not_there(self._address.place, key, name)
        if wrong := [field for field, value in held.items() if not isinstance(value, str)]:
            return Damaged(
                f"{key} has fields that are no strings: {', '.join(sorted(wrong))[:200]}.",
                hint="A record has strings only; write true as 'true'.",
            )
        return {field: Secret(value) for field, value in held.items()}

    def _write(self, name: str, fields: Fields) -> Flow[None]:
        key = self.key(name)
        opened = {field: value.reveal() for field, value in fields.items()}
        [response] = yield from self._allowed([("POST", _quoted(key), {"data": opened})])
        if response.status_code == _REFUSED:
            raise self._forbidden(key, "write")
        if response.status_code in (_CONFLICT, _MISSING):
            raise NucliactlError(
                f"{self._address.place} does not take {key} ({response.status_code}).",
                hint=f"Is {self._address.folder[0]} a KV of version 2?",
            )
        good_of(response, self._address.place)

    def _allowed(self, questions: Sequence[tuple[str, str, Any]]) -> Flow[list[httpx.Response]]:
        """Ask, several at once; return the answers. A 403 among them stands only where a login that works has
        it too: Vault says 403 to a token that is dead. Raises Unreachable, Rejected."""
        answers = yield from self._asked(questions)
        refused = [at for at, answer in enumerate(answers) if answer.status_code == _REFUSED]
        if not refused:
            return answers
        token = yield from self._login.token(anew=True)
        if not self._login.renews:
            response = yield self._login.request("GET", "auth/token/lookup-self", token)
            if response.status_code == _REFUSED:
                raise Rejected(
                    f"{self._address.place} rejected the token (403), or gives it no rights at all.",
                    hint=_CAUSES.format(self._address.folder[0]),
                )
            good_of(response, self._address.place)
        again = yield from self._asked([questions[at] for at in refused])
        for place, answer in zip(refused, again, strict=True):
            answers[place] = answer
        return answers

    def _asked(self, questions: Sequence[tuple[str, str, Any]]) -> Flow[list[httpx.Response]]:
        token = yield from self._login.token()
        asks: list[Ask] = [self._login.request(method, path, token, body) for method, path, body in questions]
        answers: list[Any] = yield asks
        for answer in answers:
            if isinstance(answer, NucliactlError):
                raise answer
            if answer.status_code >= 500 or answer.status_code == 429:
                raise failed(answer, self._address.place)
        return answers

    def _forbidden(self, key: str, what: str) -> Forbidden:
        return Forbidden(
            f"{self._address.place} does not let this login {what} {key} (403).",
            hint=_CAUSES.format(self._address.folder[0]),
        )


_CAUSES = (
    "A Vault says 403 for each of three: no policy of the token allows it; there is no mount {}; the token "
    "is not valid (any more)."
)


def _quoted(path: str) -> str:
    return "/".join(quote(part, safe="") for part in path.split("/"))
