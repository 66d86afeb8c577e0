"""Each file of ours is opened once for a command, and once more under the lock where it writes."""

import json
from pathlib import Path

import pytest
from support import Home, Recorder

PROGRAM = """
import json, os, sys
opened, locked = {}, False
def hook(event, args):
    global locked
    if event == "os.rename":  # what takes its place is another file
        opened.pop(os.path.realpath(args[1]), None)
    if event == "open" and isinstance(args[0], str):
        if args[0].endswith(".lock"):
            locked = True
        elif os.path.isfile(args[0]):
            path = os.path.realpath(args[0])
            opened.setdefault(path, []).append(locked)
import nucliactl.disk.paths
nucliactl.disk.paths.SYSTEM = os.environ["SYSTEM"]
from nucliactl.cli.main import main
sys.addaudithook(hook)
code = main(json.loads(os.environ["WORDS"]))
with open(os.environ["REPORT"], "w") as file:
    json.dump([code, opened], file)
"""
KB = "https://a.dp.progress.cloud/api/v1/kb/{0}"
DEFINITION = 'kind = "kb"\nurl = "' + KB + '"\naccount = "acme"\n'
OFFICIAL = {"default": {"kbid": "k"}, "kbs_token": [{"id": "k", "url": KB.format("k"), "token": "t"}]}


@pytest.fixture
def lived_in(home: Home) -> Home:
    """Every sort of file there is: a project with `.env` and pin, settings, an official file, definitions
    with bases and a session, credentials, a switched-to profile, another profile directory."""
    home.define("base", DEFINITION.format("base"))
    for name in ("a", "b"):
        home.define(name, DEFINITION.format(name) + 'extends = "base"\n')
    home.define("d", DEFINITION.format("d"))
    home.define("me", 'kind = "user"\n')
    for name in ("r1", "r2"):
        home.define(name, DEFINITION.format(name) + 'session = "me"\n')
    for name in ("a", "b", "d", "base"):
        stored(home, name, {"kind": "kb", "origins": ["https://a.dp.progress.cloud"], "secret": "k"})
    origins = ["https://accounts.progress.cloud", "https://oauth.progress.cloud"]
    origins += ["https://*.dp.progress.cloud", "https://*.rag.progress.cloud"]
    session = {"access_token": "t", "refresh_token": "r", "issued_at": 1, "expires_at": 9999999999}
    stored(home, "me", {"kind": "user", "origins": origins, **session})
    system = home.path / "etc"
    home.environ.update(SYSTEM=str(system), NUCLIA_PROFILES_PATH=str(home.path / "more"))
    written(system / "config.toml", "timeout = 30\n")
    written(system / "profiles/s.toml", DEFINITION.format("s") + 'api_key = "k"\n')
    written(home.store / "config.toml", 'timeout = 20\nallowed_origins = ["https://x.example.com"]\n')
    written(home.path / "more/c.toml", DEFINITION.format("c") + 'api_key = "k"\n')
    written(home.path / ".nuclia/config", json.dumps(OFFICIAL))
    written(home.work / ".git/HEAD", "")
    written(home.work / ".env", "NUCLIA_ACCOUNT=acme\nNUCLIA_APIKEY=1\n")
    for name in ("b", "a"):
        assert home.run("use", name).code == 0
    return home


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)


def stored(home: Home, name: str, credential: dict[str, object]) -> None:
    written(home.store / f"credentials/{name}.json", json.dumps({"version": 1, **credential}))


def opened(home: Home, *words: str, code: int = 0) -> dict[str, list[bool]]:
    """Run a command; return for each file of the home how often it was opened, and whether that was
    after the store's lock was."""
    report = home.path / "report.json"
    result = home.python(PROGRAM, WORDS=json.dumps(words), REPORT=str(report))
    assert report.exists(), result.err
    found, files = json.loads(report.read_text())
    assert found == code, result.err
    own = str(home.path)
    return {path.removeprefix(own): times for path, times in files.items() if path.startswith(own)}


def often(files: dict[str, list[bool]]) -> dict[str, list[bool]]:
    """Those that were opened twice before the lock was held, or twice from then on."""
    return {path: times for path, times in files.items() if max(times.count(False), times.count(True)) > 1}


READING = {
    "explain": ["explain"],
    "explain of a kind": ["explain", "--kind", "kb", "-o", "json"],
    "explain of a session": ["explain", "--profile", "r1"],
    "explain of what is extended": ["explain", "--profile", "b", "-o", "json"],
    "list": ["list"],
    "list as JSON": ["list", "-o", "json"],
    "current": ["current"],
    "current as JSON": ["current", "-o", "json"],
    "profile show": ["profile", "show"],
    "profile show of a name": ["profile", "show", "r2", "-o", "json"],
    "prompt": ["prompt"],
}
WRITING = {
    "use": ["use", "b"],
    "use of the previous": ["use", "-", "-o", "json"],
    "use here": ["use", "b", "--here"],
    "auth kb": ["auth", "kb", KB.format("new"), "key", "--no-validate"],
    "auth kb again": ["auth", "kb", KB.format("d"), "key", "--no-validate", "--name", "d"],
    "auth kb of a known one": ["auth", "kb", KB.format("b"), "key", "--no-validate", "-o", "json"],
}
PROJECTS = {
    "a .env of no account": None,
    "a pin": (".nuclia-profile", "b\n"),
    "a .env that names one": (".env", "NUCLIA_PROFILE=b\n"),
    "a .env with a key": (".env", f"NUCLIA_KB_URL={KB.format('e')}\nNUCLIA_API_KEY=k\n"),
}


@pytest.mark.parametrize("project", PROJECTS)
@pytest.mark.parametrize("command", [*READING, *WRITING])
def test_each_file_is_opened_once_and_once_more_where_it_is_written(
    lived_in: Home, command: str, project: str
) -> None:
    if said := PROJECTS[project]:
        written(lived_in.work / said[0], said[1])
    files = opened(lived_in, *(READING | WRITING)[command])
    assert files
    assert often(files) == {}
    if command in READING:
        assert [path for path, times in files.items() if True in times] == []


@pytest.mark.parametrize("variables", [{"NUCLIA_PROFILE": "b"}, {"NUCLIA_KIND": "kb", "NUCLIA_API_KEY": "k"}])
def test_variables_do_not_change_that(lived_in: Home, variables: dict[str, str]) -> None:
    lived_in.environ.update(variables)
    for words in (["explain", "-o", "json"], ["list"], ["use", "b"]):
        assert often(opened(lived_in, *words)) == {}


def test_an_env_file_is_read_once(lived_in: Home) -> None:
    path = lived_in.path / "given.env"
    written(path, "NUCLIA_PROFILE=b\n")
    for words in (["explain"], ["current"], ["profile", "show", "-o", "json"]):
        files = opened(lived_in, *words, "--env-file", str(path))
        assert files["/given.env"] == [False]
        assert often(files) == {}


FRESH = """
import json, os, sys
from nucliactl.profiles.switch import switch
from nucliactl.sources.sources import sources_of
sources = sources_of(os.environ)
before = sources.active(), sources.directories.load("b").account
store = os.environ["NUCLIA_CONFIG_DIR"]
with open(f"{store}/active.json", "w") as file:
    json.dump({"version": 1, "current": "d", "previous": "a", "last": {}}, file)
with open(f"{store}/profiles/b.toml", "a") as file:
    file.write('description = "new"\\n')
remembered = sources.active().current, sources.directories.load("b").get("description")
switched = switch(sources, "b").definitions[0].get("description")
after = sources.active()
print(json.dumps([before[0].current, *remembered, switched, after.current, after.previous]))
"""


def test_a_writer_works_on_what_it_reads_under_the_lock(lived_in: Home) -> None:
    result = lived_in.python(FRESH)
    assert result.err == ""
    assert result.json == ["a", "a", None, "new", "b", "d"]


def test_a_status_opens_each_definition_and_each_credential_once(home: Home, recorder: Recorder) -> None:
    for name in ("a", "b", "c"):
        url = f"{recorder.origin}/api/v1/kb/{name}"
        home.define(name, f'kind = "kb"\nurl = "{url}"\n')
        stored(home, name, {"kind": "kb", "origins": [recorder.origin], "secret": "k"})
    recorder.answer = lambda _: (200, {}, b'{"uuid": "0"}')
    home.environ["SYSTEM"] = str(home.path / "etc")
    files = opened(home, "auth", "status", "--all")
    assert often(files) == {}
    for place in ("profiles/c.toml", "credentials/c.json"):
        assert files[f"/{(home.store / place).relative_to(home.path)}"] == [False], files
