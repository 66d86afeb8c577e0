"""Every fenced block of the README and every example of --help is executed, against the sandbox."""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator

import pytest
from fenced import PAGES, Block, blocks
from fleet.stores import Team
from support import REPO, Home, sandbox_with

from nucliactl import sdk
from nucliactl.cli.registry import COMMANDS
from nucliactl.model.definition import kept_nowhere, parse_definition
from nucliactl.model.profile import Source

pytestmark = pytest.mark.once


@pytest.fixture
def reader(home: Home, callback_ports: None, team: Team) -> Iterator[Home]:
    """Somebody who follows the page: the keys in files, example addresses leading to a sandbox of the
    page's own, and to a Redis and a Vault of this run."""
    with sandbox_with() as found:
        home.environ.update(found)
        home.servers = team.localised
        yield prepared(home)


def prepared(person: Home) -> Home:
    for file, variable in (
        ("key", "KB_KEY"),
        ("key2", "KB2_KEY"),
        ("agent-key", "AGENT_KEY"),
        ("nua", "NUA_KEY"),
        ("pat", "PERSONAL_TOKEN"),
        ("user-token", "USER_TOKEN"),
    ):
        (person.work / f"{file}.txt").write_text(person.environ[f"SANDBOX_{variable}"] + "\n")
    acme = f"NUCLIA_KB_URL={person.environ['SANDBOX_KB_URL']}\nNUCLIA_API_KEY={person.environ['SANDBOX_KB_KEY']}\n"
    (person.work / "acme.env").write_text(acme)
    person.environ["BROWSER"] = f"{sys.executable} -m nucliactl.sandbox.visitor %s"
    client = person.work / "bin/your-client"
    client.parent.mkdir()
    client.write_text('#!/bin/sh\ntest -n "$NUCLIA_KB_URL" && test -n "$NUCLIA_API_KEY"\n')
    client.chmod(0o755)
    person.environ["PATH"] = f"{client.parent}:{person.environ['PATH']}"
    (person.work / "notes.txt").write_text("Nobody travels on Mondays.\n")
    (person.work / "profiles").symlink_to(REPO / "profiles")
    (person.path / ".nuclia").mkdir()
    theirs = {"default": {"nucliadb": person.environ["SANDBOX_NUCLIADB_URL"]}}
    (person.path / ".nuclia/config").write_text(json.dumps(theirs))
    return person


def localised(text: str, home: Home) -> str:
    text = home.servers(text, home.environ)
    for example, variable in (
        ("https://aws-us-east-2-1.dp.progress.cloud/api/v1/kb/KBID2", "SANDBOX_KB2_URL"),
        ("https://europe-1.dp.progress.cloud/api/v1/kb/KBID", "SANDBOX_KB_URL"),
        ("http://localhost:8080/api/v1/kb/KBID", "SANDBOX_LOCAL_KB_URL"),
        ("http://localhost:8080", "SANDBOX_NUCLIADB_URL"),
    ):
        text = text.replace(example, home.environ[variable])
    if "TOKEN_ID" in text:
        made = home.run("auth", "create_personal_token", "an example's", "-o", "json").json
        text = text.replace("TOKEN_ID", made["id"])
    if "KEY_ID" in text:
        made = home.run("auth", "create_api_key", "handbook", "-o", "json").json
        text = text.replace("KEY_ID", made["id"])
    for example in ("ACCOUNT", "ID"):
        text = text.replace(
            {"ACCOUNT": "ACCOUNT_ID", "ID": "AGENT_ID"}[example], home.environ[f"SANDBOX_AGENT_{example}"]
        )
    if "CLIENT_ID" in text:
        text = text.replace("CLIENT_ID", home.run("auth", "nuas", "-o", "json").json[0]["client_id"])
    return text.replace(" KBID", " " + home.environ["SANDBOX_KB_URL"].rsplit("/", 1)[1])


def execute(block: Block, home: Home) -> None:
    text = localised(block.text, home)
    if block.language == "sh":
        home.warm = home.warm and " &\n" not in text  # what is killed by $! is a process of its own
        result = home.shell(text)
    elif block.language == "python":
        result = home.python(text)
    else:
        assert block.language == "toml", (
            f"line {block.line}: a block of {block.language!r} cannot be executed"
        )
        source = Source("store", "README.md")
        assert parse_definition("p", tomllib.loads(text), source, kept_nowhere).warnings == ()
        return
    assert result.code == 0, f"line {block.line}:\n{text}\n{result.out}\n{result.err}"


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_runs_or_says_why_not(
    reader: Home, record_property, page: str, request: pytest.FixtureRequest
) -> None:
    if page.endswith("keyring.md"):
        reader.environ.update(request.getfixturevalue("keyring").variables)
    found = blocks(page)
    for block in found:
        if block.fate == "run":
            execute(block, reader)
    fates = Counter(block.fate for block in found)
    counts = ", ".join(f"{number} {fate}" for fate, number in fates.items())
    record_property("examples", f"{page}: {counts}")
    assert len(found) == len(re.findall(r"^```", (REPO / page).read_text(), re.MULTILINE)) // 2


def test_few_blocks_are_not_run_and_each_says_why(record_property) -> None:
    found = [(page, block) for page in PAGES for block in blocks(page)]
    fates = Counter(block.fate for _, block in found)
    record_property("examples", ", ".join(f"{number} {fate}" for fate, number in sorted(fates.items())))
    for page, block in found:
        if block.fate == "not run":
            record_property("examples", f"not run: {page}:{block.line}: {block.why}")
    assert fates["not run"] < 12
    assert fates["run"] > 4 * (fates["not run"] + fates["run elsewhere"])


def test_a_block_that_another_test_runs_is_known_there() -> None:
    """The test names the page, or the file or folder that the block includes."""
    elsewhere = [(page, one) for page in PAGES for one in blocks(page) if one.fate == "run elsewhere"]
    for page, block in elsewhere:
        included = re.fullmatch(r'--8<-- "(?:.*/)?([^/"]+)/([^/"]+)"\n', block.text)
        names = (page, *included.groups()) if included else (page,)
        text = (REPO / block.why).read_text()
        assert any(name in text for name in names), f"{page}:{block.line}: {block.why}"


def test_the_reference_is_what_the_code_says() -> None:
    words = [sys.executable, str(REPO / "docs/generate.py"), "--check"]
    finished = subprocess.run(words, capture_output=True, text=True, check=False, cwd=REPO)
    assert finished.returncode == 0, finished.stderr


def test_every_example_of_help_runs(reader: Home, record_property) -> None:
    for words in (
        ("auth", "kb", reader.environ["SANDBOX_KB_URL"], reader.environ["SANDBOX_KB_KEY"]),
        ("auth", "kb", reader.environ["SANDBOX_KB2_URL"], reader.environ["SANDBOX_KB2_KEY"]),
        ("auth", "nua", reader.environ["SANDBOX_NUA_KEY"]),
        ("auth", "set_user_token", reader.environ["SANDBOX_USER_TOKEN"]),
        (
            "auth",
            "agent",
            "europe-1",
            *(reader.environ[f"SANDBOX_AGENT_{n}"] for n in ("ACCOUNT", "ID", "KEY")),
        ),
        ("auth", "nucliadb", reader.environ["SANDBOX_NUCLIADB_URL"]),
        ("use", "handbook"),
    ):
        assert reader.run(*words).code == 0
    before, ran = reader.files(), 0
    for path in sorted(COMMANDS, key=lambda path: path[-1] == "rotate_nua_key"):  # last: a key dies of it
        text = reader.run(*path, "--help").out
        examples = re.findall(r"^  \$ (.*)$", text, re.MULTILINE)
        assert examples, f"{path} has no example"
        for example in examples:
            for name in reader.files().keys() - before.keys():
                (reader.store / name).unlink()
            for name, data in before.items():
                (reader.store / name).write_bytes(data)
                (reader.store / name).chmod(0o600)
            (reader.work / ".nuclia-profile").unlink(missing_ok=True)
            result = reader.shell(localised(example, reader))
            assert result.code == 0, f"{example}\n{result.out}\n{result.err}"
            ran += 1
    record_property("examples", f"--help: {len(COMMANDS)} commands, {ran} examples, {ran} run")
    assert ran >= len(COMMANDS)


def test_every_command_is_in_the_top_level_help_and_answers_help(home: Home) -> None:
    text = home.run("--help").out
    for path, entry in COMMANDS.items():
        assert " ".join(path) in text and entry.summary in text
        assert home.run(*path, "-h").code == 0
    assert (
        "auth kb" in home.run("auth").out
        and "version" not in home.run("auth", "--help").out.split("options")[0]
    )
    assert home.run("--version").out == home.run("version").out


def test_the_example_profiles_load_and_list(home: Home) -> None:
    rows = home.run("--profiles-dir", str(REPO / "profiles"), "list", "-o", "json")
    assert rows.err == "" and len(rows.json) == len(list((REPO / "profiles").glob("*.toml")))
    assert {row["kind"] for row in rows.json} == {"agent", "kb", "nua", "nucliadb", "personal-token", "user"}
    for row in rows.json:
        names = ("NUCLIA_API_KEY", "NUCLIA_PERSONAL_TOKEN", "NUCLIA_USER_TOKEN", "NUCLIA_ARAG_API_KEY")
        variables = dict.fromkeys(names, "k")
        words = ("--profiles-dir", str(REPO / "profiles"), "explain", "--profile", row["name"], "-o", "json")
        assert home.run(*words, **variables).json["exit_code"] == 0, row


def test_every_variable_of_the_tool_stands_in_the_reference() -> None:
    """What the code reads under our own prefix is documented, but for what only we set ourselves."""
    page = (REPO / "docs/reference/profiles.md").read_text()
    code = "".join(path.read_text() for path in (REPO / "nucliactl").rglob("*.py"))
    read = set(re.findall(r"\bNUCLIACTL_[A-Z]+(?:_[A-Z]+)*\b", code)) - {"NUCLIACTL_COMMAND_CHAIN"}
    assert {"NUCLIACTL_PROJECT", "NUCLIACTL_OUTPUT"} <= read
    assert {name for name in read if f"`{name}`" not in page} == set()


def test_the_reference_of_errors_has_whole_sentences() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", (REPO / "docs/reference/errors.md").read_text(), re.M)
    assert len(rows) > 15
    assert [name for name, words in rows if not words.endswith(".")] == []


def test_what_a_page_includes_is_marked_as_the_site_reads_it_and_is_there() -> None:
    pages = {page: (REPO / page).read_text() for page in PAGES}
    marks = [line for text in pages.values() for line in text.splitlines() if re.match(r"--8 ?<", line)]
    assert marks
    for line in marks:
        found = re.fullmatch(r'--8<-- "([^"]+)"', line)
        assert found and (REPO / found[1]).exists(), line


def test_the_examples_of_the_reference_run_and_every_public_name_has_one(reader: Home) -> None:
    text = (REPO / "docs/examples/sdk.py").read_text()
    execute(Block("python", text, 1, "run"), reader)
    shown = re.findall(
        r"^### (\w+)$.*?^```python$", (REPO / "docs/reference/sdk.md").read_text(), re.M | re.S
    )
    methods = [name for name in dir(sdk.NucliaAuth) if not name.startswith("_")]
    assert len(methods) >= 29 and set(methods) <= set(shown)
