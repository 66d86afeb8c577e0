"""What renews a session: who holds one is given the way to the server."""

from __future__ import annotations

from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Tokens(NamedTuple):
    """What the server gives for a grant. `expires_in` seconds, None where it names none."""

    access: Secret
    refresh: Secret | None
    expires_in: int | None


class Renewal(NamedTuple):
    """How a session is renewed: `renew` sends the refresh token of a user's profile and waits at most that
    many seconds; `seconds` says how long a whole refresh may take."""

    renew: Callable[[Definition, Secret, float], Tokens]
    seconds: Callable[[], float]
