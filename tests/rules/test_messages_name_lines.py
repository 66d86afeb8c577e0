"""Every message about a value from a file names the file and the line."""

import pytest
from support import Home

KB = "https://z.dp.progress.cloud/api/v1/kb/x"
DOTENV: dict[str, tuple[str, str]] = {
    "a reference": (
        "BASE=https://x\nNUCLIA_KB_URL=${BASE}/api/v1/kb/a\nNUCLIA_API_KEY=k\n",
        ":2: NUCLIA_KB_URL",
    ),
    "no URL": ("\n\nNUCLIA_KB_URL=nonsense\nNUCLIA_API_KEY=k\n", ":3: NUCLIA_KB_URL"),
    "a zone": ("NUCLIA_KBID=x\nNUCLIA_ZONE=a/b\nNUCLIA_API_KEY=k\n", ":2: NUCLIA_ZONE"),
    "a NUA key": ("A=1\nNUCLIA_NUA_KEY=canary\n", ":2: NUCLIA_NUA_KEY"),
    "a kind": (f"NUCLIA_KIND=knowledge\nNUCLIA_KB_URL={KB}\nNUCLIA_API_KEY=k\n", ":1: NUCLIA_KIND"),
    "a kind it has not": (f"NUCLIA_KB_URL={KB}\nNUCLIA_API_KEY=k\nNUCLIA_KIND=nua\n", ":3"),
    "half": (f"A=1\nNUCLIA_KB_URL={KB}\n", ":2"),
    "two spellings": (f"NUCLIA_KB_URL={KB}\nNUCLIA_API_KEY=k\nNUCLIA_SERVICEACCOUNT=j\n", ":2,3"),
    "two kinds": ("NUCLIA_USER_TOKEN=t\nNUCLIA_PERSONAL_TOKEN=p\n", ":1,2"),
    "a name": ("A=1\nNUCLIA_PROFILE=Not A Name\n", ":2"),
    "a name by reference": ("A=1\nNUCLIA_PROFILE=${CUSTOMER}\n", ":2"),
    "nobody": ("A=1\nNUCLIA_PROFILE=nobody\n", ":2"),
    "a host": ("NUCLIA_KB_URL=https://evil.example/api/v1/kb/x\nNUCLIA_API_KEY=k\n", ":1,2"),
    "a domain": ("NUCLIA_USER_TOKEN=t\nNUCLIA_DOMAIN=no domain\n", ":2: NUCLIA_DOMAIN"),
    "a NucliaDB": ("A=1\nNUCLIADB_URL=ftp://x\n", ":2: NUCLIADB_URL"),
}


def test_a_dotenv_and_an_env_file(home: Home) -> None:
    given = home.path / "given.env"
    for what, (text, place) in DOTENV.items():
        for path, flags in ((home.work / ".env", []), (given, ["--env-file", str(given)])):
            path.write_text(text)
            result = home.run("current", *flags)
            if result.code == 0:
                assert what == "a host" and flags, (what, result)  # what is given may lead anywhere
                continue
            assert f"{path}{place}" in result.err, (what, result.err)
            assert ("is not expanded" in result.err) == ("${" in text), (what, result.err)
            assert "canary" not in result.err and result.err.count(str(path)) <= 3
        given.unlink()
        (home.work / ".env").unlink()


@pytest.mark.parametrize("text", ["# c\n\nnobody\n", "# c\n\nNot A Name\n", "# c\n\na,a,B\n"])
def test_a_pin(home: Home, text: str) -> None:
    path = home.work / ".nuclia-profile"
    path.write_text(text)
    assert f"{path}:3" in home.run("current").err
    path.write_text("a\n# c\nb\n")
    assert "line 3 is one too many" in home.run("current").err


DEFINITIONS: dict[str, tuple[str, str]] = {
    "a kind": ('# c\nkind = "knowledge"\n', ":2: kind"),
    "a URL": ('kind = "kb"\n\nurl = "nonsense"\n', ":3: url"),
    "a form": ('kind = "kb"\nurl = "' + KB + '"\ntimeout = "x"\n', ":3: timeout"),
    "a key in a text": ("kind = 'kb'\ndescription = '''\nurl = 1\n'''\nurl = 1\n", ":5: url"),
    "two ways": ('kind = "kb"\nurl = "' + KB + '"\napi_key = "k"\napi_key_file = "f"\n', ":3: api_key"),
}


def test_a_definition(home: Home) -> None:
    for what, (text, place) in DEFINITIONS.items():
        path = home.define("p", text)
        assert f"{path}{place}" in home.run("auth", "token", "--profile", "p").err, what
    path = home.define("p", f'kind = "kb"\nurl = "{KB}"\napi_key = "k"\nextends = "p"\n')
    assert (
        f"{path}:4 extends in a circle"
        in home.run("api", "--profile", "p", "/x").err + home.run("explain", "--profile", "p").out
    )
    home.define("p", f'kind = "kb"\nurl = "{KB}"\napi_key = "k"\nacount = "p"\n')
    assert "did you mean 'account'? (line 4)" in home.run("current", "--profile", "p", "-o", "json").err


def test_the_settings(home: Home) -> None:
    home.define("p", f'kind = "kb"\nurl = "{KB}"\napi_key = "k"\n')
    path = home.store / "config.toml"
    for text, words in {
        'timeout = "x"': ["explain", "--profile", "p"],
        'output = "yaml"': ["list"],
        "allowed_origins = 1": ["list"],
        'allowed_origins = ["nonsense"]': ["list"],
        "outptu = 1": ["list"],
    }.items():
        path.write_text(f"# c\n\n{text}\n")
        result = home.run(*words)
        assert f"{path}:3: " in result.out + result.err, (text, result)
