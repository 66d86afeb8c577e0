"""A project that chooses and is not trusted is refused: no other account answers in its place."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import Home, Result

DEFINITION = 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "{0}-key"\n'
CHOICES = {
    ".nuclia-profile": "acme\n",
    ".env": "NUCLIA_PROFILE=acme\n",
    ".env with a credential": "NUCLIA_KB_URL=https://z.dp.progress.cloud/api/v1/kb/d\nNUCLIA_API_KEY=k\n",
    ".env with half a credential": "OTHER=1\nNUCLIA_API_KEY=k\n",
}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give files away")
STRANGER = 12345


@pytest.fixture
def repo(home: Home) -> Home:
    """A person in a sub-directory of a checkout, who has switched to globex."""
    for name in ("acme", "globex"):
        home.define(name, DEFINITION.format(name))
    home.run("use", "globex")
    home.work = home.path / "repo/deep"
    home.work.mkdir(parents=True)
    (home.path / "repo/.git").mkdir()
    return home


def choose(home: Home, choice: str = ".nuclia-profile") -> Path:
    path = home.path / "repo" / choice.split()[0]
    path.write_text(CHOICES[choice])
    return path


def refused(result: Result) -> bool:
    return result.code == 6 and result.out == ""


@needs_root
@pytest.mark.parametrize("choice", CHOICES)
def test_a_checkout_of_another_user_is_refused_and_the_ways_out_work(repo: Home, choice: str) -> None:
    path = choose(repo, choice)
    os.chown(path, STRANGER, STRANGER)
    result = repo.run("current")
    assert refused(result) and f"{path} chooses a profile and is not trusted" in result.err
    assert f"uid {STRANGER}" in result.err
    assert refused(repo.run("auth", "token")) and refused(repo.run("current", NUCLIACTL_PROJECT="yes"))
    assert repo.python("import nucliactl; nucliactl.resolve()").err.count("Refused") >= 1

    assert repo.run("current", "--no-project").out == "globex\n"
    assert repo.run("current", "--profile", "globex").out == "globex\n"
    followed = {".nuclia-profile": "acme\n", ".env": "acme\n", ".env with a credential": "dotenv\n"}.get(
        choice
    )
    trusting = repo.run("current", NUCLIACTL_PROJECT="TRUST")
    assert trusting.out == followed if followed else trusting.code == 4
    listed = next(line for line in result.err.split(": ") if line.startswith("trusted_projects = "))
    (repo.store / "config.toml").write_text(listed.split(" in config.toml")[0] + "\n")
    trusting = repo.run("current")
    assert trusting.out == followed if followed else trusting.code == 4


@needs_root
def test_what_does_not_use_the_active_profile_goes_on_and_says_it(repo: Home) -> None:
    path = choose(repo)
    os.chown(path, STRANGER, STRANGER)
    result = repo.run("list", "-o", "name")
    assert result.code == 0 and result.out == "acme\nglobex\n" and "is not trusted" in result.err
    assert not any(row["active"] for row in repo.run("list", "-o", "json").json)
    found = repo.run("explain", "-o", "json").json
    assert found["exit_code"] == 6 and found["profile"] is None
    rows = [c for c in found["candidates"] if c["outcome"] == "refused"]
    assert [(r["rank"], r["source"]) for r in rows] == [("4", f"pin: {path}")]
    assert repo.run("prompt") == (0, "!\n", "")
    result = repo.run("use", "acme")
    assert result.code == 0 and "still stands in the way" in result.err and "is not trusted" in result.err
    assert repo.run("profile", "show", "acme").code == 0
    assert repo.run("profile", "copy", "acme", "other").code == 0
    url = "https://z.dp.progress.cloud/api/v1/kb/new"
    assert repo.run("auth", "kb", url, "-", "--no-validate", stdin="k").code == 0
    assert repo.run("auth", "logout", "acme").code == 0
    assert refused(repo.run("--profile", "dotenv", "current")) is False
    assert repo.run("current", NUCLIA_PROFILE="acme").out == "acme\n"  # a higher rank never asks


@needs_root
def test_trust_covers_a_directory_and_those_below_it_and_nothing_beside_it(repo: Home) -> None:
    os.chown(choose(repo), STRANGER, STRANGER)
    real = os.path.realpath(repo.path)
    link = repo.path / "link"
    link.symlink_to(repo.path / "repo")
    for listed, wanted in {
        real: "acme\n", f"{real}/repo/": "acme\n", "/": "acme\n",
        f"{real}/rep": "", f"{real}/repo/deep": "", str(link): "",
    }.items():  # fmt: skip
        (repo.store / "config.toml").write_text(f'trusted_projects = ["/elsewhere", "{listed}"]\n')
        assert repo.run("current").out == wanted, listed
    for damaged in ('trusted_projects = ["~/repo"]\n', "trusted_projects = true\n"):
        (repo.store / "config.toml").write_text("\n" + damaged)
        result = repo.run("current")
        assert result.code == 7 and "config.toml:2: trusted_projects" in result.err
    repo.store.joinpath("config.toml").write_text("")
    (repo.path / "repo/.env").write_text(f'NUCLIACTL_PROJECT=trust\ntrusted_projects=["{real}"]\n')
    assert refused(repo.run("current"))


@needs_root
def test_a_strangers_file_that_chooses_nothing_stops_nothing(repo: Home) -> None:
    for text in ("DEBUG=1\n", "NUCLIA_ZONE=europe-1\n", "NUCLIA_PROFILE=\n", "# NUCLIA_PROFILE=acme\n"):
        path = repo.path / "repo/.env"
        path.write_text(text)
        os.chown(path, STRANGER, STRANGER)
        assert repo.run("current") == (0, "globex\n", ""), text


def test_a_directorys_name_forges_no_hint_and_the_hint_works_as_typed(repo: Home) -> None:
    for name in ("line\n  Now run: curl", "esc\x1b[31m", "bidi\u202e", "raw\udcff", "it's \\ \n", 'q"uo te'):
        folder = repo.path / name
        (folder / ".git").mkdir(parents=True)
        pin = folder / ".nuclia-profile"
        pin.write_text("acme\n")
        pin.chmod(0o666)
        repo.work = folder
        result = repo.run("current")
        assert refused(result) and len(result.err.splitlines()) == 2, name
        assert result.err.replace("\n", "").isprintable()
        mend = result.err.partition("Mend it: ")[2].partition(". Leave")[0]
        subprocess.run(["bash", "-c", mend], check=True)
        assert repo.run("current").out == "acme\n", name
        if name.isprintable() or "\n" in name:
            pin.chmod(0o666)
            listed = result.err.partition("trusted_projects = ")[2].partition(" in config.toml")[0]
            (repo.store / "config.toml").write_text(f"trusted_projects = {listed}\n")
            assert repo.run("current").out == "acme\n", name
            (repo.store / "config.toml").unlink()


def test_what_everybody_may_write_is_refused_unless_it_is_trusted(repo: Home) -> None:
    for choice in (".nuclia-profile", ".env"):
        path = choose(repo, choice)
        path.chmod(0o666)
        result = repo.run("current")
        assert refused(result) and f"chmod o-w {path}" in result.err
        assert repo.run("current", NUCLIACTL_PROJECT="trust").out == "acme\n"
        path.chmod(0o664)
        assert repo.run("current").out == "acme\n"
        (repo.path / "repo").chmod(0o777)
        assert refused(repo.run("current"))
        (repo.path / "repo").chmod(0o1777)  # as /tmp: others cannot put another file in its place
        assert repo.run("current").out == "acme\n"
        (repo.path / "repo").chmod(0o755)
        path.unlink()


def git(*words: str, at: Path) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *words], cwd=at, check=True, capture_output=True)


@pytest.fixture
def worktree(repo: Home) -> Home:
    """A checkout with a `.env`, and a worktree of it whose `.env` is a link to that one."""
    main = repo.path / "repo"
    shutil.rmtree(main / ".git")
    git("init", "-q", at=main)
    git("commit", "-q", "--allow-empty", "-m", "x", at=main)
    git("worktree", "add", "-q", "../wt", at=main)
    choose(repo, ".env")
    (repo.path / "wt/sub").mkdir()
    (repo.path / "wt/.env").symlink_to("../repo/.env")
    repo.work = repo.path / "wt/sub"
    return repo


def test_a_worktree_may_link_into_its_main_checkout(worktree: Home) -> None:
    assert worktree.run("current").out == "acme\n"
    assert worktree.run("current", GIT_DIR="/nowhere", PATH="/nowhere").out == "acme\n"  # no git is asked
    (worktree.path / "wt/.env").unlink()
    (worktree.path / "wt/.nuclia-profile").symlink_to(choose(worktree))
    assert worktree.run("current").out == "acme\n"
    (worktree.path / "elsewhere").write_text("acme\n")
    (worktree.path / "wt/.nuclia-profile").unlink()
    (worktree.path / "wt/.nuclia-profile").symlink_to(worktree.path / "elsewhere")
    assert refused(worktree.run("current"))


def test_a_worktree_with_relative_links_is_one_too(worktree: Home) -> None:
    (record,) = (worktree.path / "repo/.git/worktrees").iterdir()
    (worktree.path / "wt/.git").write_text(f"gitdir: ../repo/.git/worktrees/{record.name}\n")
    (record / "gitdir").write_text("../../../../wt/.git\n")
    assert worktree.run("current").out == "acme\n"


def test_who_only_claims_to_be_a_worktree_is_none(worktree: Home) -> None:
    (record,) = (worktree.path / "repo/.git/worktrees").iterdir()
    back = (record / "gitdir").read_text()
    (record / "gitdir").write_text(str(worktree.path / "other/.git") + "\n")
    assert refused(worktree.run("current")) and refused(worktree.run("current", NUCLIACTL_PROJECT="trust"))
    (record / "gitdir").unlink()
    assert refused(worktree.run("current"))
    (record / "gitdir").write_text(back)
    assert worktree.run("current").out == "acme\n"
    for pointer in (b"gitdir: " + b"x" * 5000, b"gitdir: a\0b", b"gitdir: \xff\n", b"gitdir: ", b""):
        (worktree.path / "wt/.git").write_bytes(pointer)
        assert refused(worktree.run("current")), pointer
    forged = worktree.path / "wt/fake/worktrees/wt"  # a repository of another form
    forged.mkdir(parents=True)
    (forged / "gitdir").write_text(str(worktree.path / "wt/.git"))
    (worktree.path / "wt/.git").write_text(f"gitdir: {forged}\n")
    assert refused(worktree.run("current"))


@needs_root
@pytest.mark.parametrize("whose", ["wt/.git", "wt", "repo", "repo/.git/worktrees/wt/gitdir"])
def test_a_worktree_link_needs_both_checkouts_to_be_ones_own(worktree: Home, whose: str) -> None:
    os.chown(worktree.path / whose, STRANGER, STRANGER)
    assert refused(worktree.run("current")) and refused(worktree.run("current", NUCLIACTL_PROJECT="trust"))


def test_a_link_anywhere_within_the_project_is_its_own(repo: Home) -> None:
    choose(repo, ".env")
    (repo.work / ".env").symlink_to("../.env")
    assert repo.run("current").out == "acme\n"
    (repo.work / ".env").unlink()
    (repo.work / ".env").symlink_to("nowhere")
    assert repo.run("current").out == "acme\n"  # nothing here: the walk goes on
    (repo.work / ".env").unlink()
    (repo.work / ".env").symlink_to(".env")
    assert repo.run("current").out == "acme\n"


def test_a_home_directory_under_version_control_is_no_project_for_links(repo: Home) -> None:
    (repo.path / ".git").mkdir()
    plain = repo.path / "unpacked"
    plain.mkdir()
    choose(repo, ".env")
    (plain / ".env").symlink_to("../repo/.env")
    repo.work = plain
    assert refused(repo.run("current"))


@needs_root
def test_a_link_that_another_user_made_is_not_followed(repo: Home) -> None:
    (repo.path / "repo/pin").write_text("acme\n")
    link = repo.path / "repo/.nuclia-profile"
    link.symlink_to("pin")
    assert repo.run("current").out == "acme\n"
    os.chown(link, STRANGER, STRANGER, follow_symlinks=False)
    assert refused(repo.run("current"))


def test_submodules_bare_repositories_and_links_to_the_project_are_walked_as_git_walks(repo: Home) -> None:
    choose(repo)
    inner = repo.path / "repo/module/deep"
    inner.mkdir(parents=True)
    (inner.parent / ".git").write_text("gitdir: ../.git/modules/module\n")
    repo.work = inner
    assert repo.run("current").out == "globex\n"  # a submodule is a project of its own
    bare = repo.path / "bare.git/objects"
    bare.mkdir(parents=True)
    (bare.parent / ".nuclia-profile").write_text("acme\n")
    repo.work = bare
    assert repo.run("current").out == "globex\n"
    repo.work = bare.parent
    assert repo.run("current").out == "acme\n"
    (repo.path / "short").symlink_to(repo.path / "repo/deep")
    repo.work = repo.path / "short"
    assert repo.run("current").out == "acme\n"


@needs_root
def test_a_strangers_mark_in_a_shared_directory_makes_no_project_of_it(repo: Home) -> None:
    shared = repo.path / "shared"
    (shared / "mine/deep").mkdir(parents=True)
    shared.chmod(0o1777)
    (shared / ".git").mkdir()
    (shared / ".nuclia-profile").write_text("acme\n")
    repo.work = shared / "mine/deep"
    assert repo.run("current").out == "acme\n"
    for name in (".git", ".nuclia-profile"):
        os.chown(shared / name, STRANGER, STRANGER)
    assert repo.run("current").out == "globex\n"
    repo.work = shared
    assert refused(repo.run("current"))


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [(w, "globex\n") for w in ("0", "false", "No", "OFF", " 0 ")]
    + [(w, "acme\n") for w in ("1", "true", "Yes", "on", "", " ", "trust", "Trust")]
    + [(w, None) for w in ("2", "none", "disable", "trusted", "-")],
)  # fmt: skip
def test_the_switch_is_read_as_every_switch_is(repo: Home, stated: str, wanted: str | None) -> None:
    choose(repo)
    result = repo.run("current", NUCLIACTL_PROJECT=stated)
    if wanted is None:
        assert result.code == 2 and "NUCLIACTL_PROJECT is neither true, false nor trust" in result.err
    else:
        assert result.out == wanted


def test_every_other_switch_has_the_same_words(repo: Home) -> None:
    url = {"NUCLIA_KB_URL": "https://z.dp.progress.cloud/api/v1/kb/p"}
    for stated, code in {"1": 0, "YES": 0, "on": 0, "0": 4, "No": 4, "off": 4, "": 4, "2": 2, "y": 2}.items():
        result = repo.run("current", NUCLIA_KB_PUBLIC=stated, **url)
        assert result.code == code, (stated, result)
    (repo.work / ".env").write_text(f"NUCLIA_KB_URL={url['NUCLIA_KB_URL']}\nNUCLIA_KB_PUBLIC=maybe\n")
    result = repo.run("current")
    assert (
        result.code == 2 and f"{repo.work}/.env:2: NUCLIA_KB_PUBLIC is neither true nor false" in result.err
    )
    assert repo.run("profile", "set", "acme", "public=maybe").code == 2
