"""What a sign-in waits for, in words, and where it would wait for nobody."""

import socket
import sys
from collections.abc import Mapping

from nucliactl import hints
from nucliactl.errors import LoginNeeded
from nucliactl.login.browser import can_open
from nucliactl.terminal import in_ci_job


def check_somebody(environ: Mapping[str, str]) -> None:
    """Raise LoginNeeded where nobody can open a browser: in a CI job, or in a pod of Kubernetes without a
    notebook."""
    where = "a CI job (CI is set)" if in_ci_job(environ) else ""
    if environ.get("KUBERNETES_SERVICE_HOST") and "ipykernel" not in sys.modules:
        where = where or "a pod of Kubernetes"
    if where and not environ.get("BROWSER"):
        raise LoginNeeded(
            f"Nobody can sign in here: this is {where}.",
            hint="Set NUCLIA_API_KEY and NUCLIA_KB_URL, or NUCLIA_PERSONAL_TOKEN. "
            f"A token is made where you are signed in: {hints.NEW_TOKEN}",
        )


def wait_in_words(port: int, seconds: float, environ: Mapping[str, str]) -> str:
    """Return how long a sign-in is waited for and where its answer comes to, `port` of this machine; and what
    to type where the browser may run on another machine."""
    said = f"waiting up to {seconds:g} seconds for the browser to come back to port {port} of this machine"
    if can_open(environ):
        return said
    return f"{said}; from another one, first run there: ssh -L {port}:127.0.0.1:{port} {socket.gethostname()}"
