"""A kind is whole: everything that is looked up by kind is there for each, or is named here as missing."""

from pathlib import Path
from typing import get_args

import pytest

from nucliactl.cli.registry import COMMANDS
from nucliactl.http.auth import CREDENTIAL_HEADERS
from nucliactl.model.definition import define
from nucliactl.model.kinds import KINDS, NUA, SIGNED_IN, USER, Kind
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.model.words import KindName
from nucliactl.overview import COLUMNS
from nucliactl.secret import Secret
from nucliactl.service.check import CHECKS
from nucliactl.sources.environment.readers import READERS
from nucliactl.store.credentials import login_command

HERE = Source("flag", "here")
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "profiles.md"
GIVEN: dict[KindName, dict[str, str]] = {
    "kb": {"url": "https://z-1.dp.progress.cloud/api/v1/kb/" + "0" * 32},
    "nua": {"issuer": "https://z-1.dp.progress.cloud", "identity": "client"},
    "nucliadb": {"url": "http://localhost:8080"},
    "agent": {"url": "https://z-1.dp.progress.cloud", "agent": "assistant", "account": "acme"},
    "user": {"identity": "ann@example.org"},
    "personal-token": {"identity": "ann@example.org"},
}


def missing(kind: Kind) -> list[str]:
    """Return what a kind still lacks."""
    path = tuple(kind.login.split()[1:])
    return [
        what
        for there, what in (
            (kind.name in get_args(KindName), "its name in KindName, model/words.py"),
            (kind.name in KINDS, "its place in KINDS, model/kinds.py"),
            (kind.base, "base: what requests start from"),
            (kind.target, "target: what `list` shows"),
            (kind.identity or kind.secret is None, "identity: the keys of its id"),
            (kind.columns or kind.secret is None, "columns of `auth show`"),
            (not set(kind.columns) - COLUMNS.keys(), "a cell for each of its columns, overview.py"),
            (kind.name in READERS, "a reader, sources/environment/readers.py"),
            (kind.name in CHECKS, "a check, service/check.py"),
            (path in COMMANDS, "its login command, cli/registry.py"),
            (kind.name in GIVEN, "an example in GIVEN, tests/rules/test_kinds.py"),
            (f"`{kind.name}`" in PAGE.read_text(), "its page: run docs/generate.py"),
        )
        if not there
    ]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_no_kind_lacks_anything(kind: Kind) -> None:
    assert not missing(kind), f"{kind.name} lacks:\n" + "\n".join(missing(kind))


def test_half_a_kind_is_told_what_it_lacks() -> None:
    half = NUA._replace(name="half", base=(), columns=("SHARDS",), login="nucliactl auth half")  # type: ignore[arg-type]
    said = "\n".join(missing(half))
    for what in ("KindName", "KINDS", "base", "cell", "a reader", "a check", "login command"):
        assert what in said
    assert "target" not in said and "identity" not in said


def test_every_table_over_kinds_has_each_and_no_other() -> None:
    assert set(get_args(KindName)) == {*KINDS} == {*READERS} == {*CHECKS} == {*GIVEN}


def profile(kind: Kind) -> Definition:
    ref = SecretRef("inline", "here", Secret("s" * 24)) if kind.secret else SecretRef("none")
    return define("mine", kind.name, GIVEN[kind.name], HERE, ref)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_a_profile_leads_where_its_credential_may_go_and_nowhere_else(kind: Kind) -> None:
    made = profile(kind)
    assert made.base_url is not None and "{" not in made.base_url
    assert made.base_url.startswith(made.origins[0] + "/")
    assert made.target != "-" and made.identity[2] is not None
    assert made.identity != profile(USER).identity or kind is USER


def test_what_a_kind_does_not_state_leads_nowhere() -> None:
    bare = Definition("mine", "nua", {}, HERE, SecretRef("store", "x"), ())
    assert bare.base_url is None and bare.target == "-" and bare.identity[2] is None


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_the_login_command_of_a_profile_parses(kind: Kind) -> None:
    from importlib import import_module

    words = login_command(profile(kind)).split()[1:]
    path = next(tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in COMMANDS)
    parser = import_module(f"nucliactl.cli.commands.{COMMANDS[path].module}").parser(path)
    parser.parse_args(words[len(path) :])
    assert "{" not in " ".join(words) and (words[-1] == "-") == (kind is not USER and kind.secret is not None)


def test_the_header_of_every_secret_is_taken_off_other_requests() -> None:
    assert {kind.header.lower() for kind in KINDS.values()} <= {name.lower() for name in CREDENTIAL_HEADERS}


def test_a_kind_of_a_user_has_the_addresses_of_a_login() -> None:
    for name in SIGNED_IN:
        assert {"domain", "global_url", "oauth_url", "zone_url"} <= {f.name for f in KINDS[name].fields}
