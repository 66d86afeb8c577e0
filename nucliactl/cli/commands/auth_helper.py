"""`nucliactl auth helper get`: headers for an address, as Bazel and others ask a credential helper."""

import os
import sys
from typing import Any

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.output import emit_json, iso
from nucliactl.errors import Malformed
from nucliactl.layers import seconds_of
from nucliactl.service.headers import check_uri, sending

_LIMIT = 64 * 1024
_EXAMPLE = f"""echo '{{"uri": "https://europe-1.dp.progress.cloud/api/v1/kb/KBID"}}' | {hints.HELPER}"""


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, _EXAMPLE)
    made.add_argument("action", choices=("get",), help='get: read {"uri": …}, print {"headers": …}')
    made.add_argument("--protocol", choices=("bazel",), default="bazel", help="the one there is: bazel")
    add_profile_argument(made)
    return made


def run(args: Arguments) -> None:
    uri = _asked()
    sources = sources_from(args)
    definition = active_definition(sources)
    sources.bases(definition)
    if definition.base_url is not None:
        check_uri(uri, definition.origins)  # before anything is opened or renewed
    found = sending(definition, os.environ, lambda: seconds_of(definition, sources))
    check_uri(uri, found.origins)
    answer: dict[str, Any] = {"headers": {name: [value] for name, value in found.headers.items()}}
    if found.expires_at is not None:
        answer["expires"] = iso(found.expires_at)
    emit_json(answer)


def _asked() -> str:
    """Return the address that standard input asks about."""
    import json

    if sys.stdin.isatty():
        raise Malformed("What is asked comes on standard input.", hint=_EXAMPLE)
    try:
        text = sys.stdin.buffer.read(_LIMIT + 1)
        found = json.loads(text) if len(text) <= _LIMIT else None
    except (ValueError, RecursionError):
        found = None
    uri = found.get("uri") if isinstance(found, dict) else None
    if not isinstance(uri, str):
        raise Malformed(
            'Standard input holds no question of the form {"uri": "https://…"}.', hint=f"Try: {_EXAMPLE}"
        )
    return uri
