"""Whose a file is: what other users wrote is not obeyed, and root leaves a user's store to the user.

Real users (by setpriv), real mounts (in a mount namespace)."""

import json
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Result

pytestmark = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not all(map(shutil.which, ("setpriv", "unshare"))),
    reason="needs root, setpriv and unshare",
)
ME, OTHER, ROOT = 12345, 23456, 0
INLINE = 'kind = "kb"\nurl = "https://a.dp.progress.cloud/api/v1/kb/x"\napi_key = "key-of-{0}"\n'
KEYLESS = 'kind = "nucliadb"\nurl = "http://localhost:1"\n'
COMMAND_RUNS = (
    'kind = "kb"\nurl = "https://a.dp.progress.cloud/api/v1/kb/x"\napi_key_command = ["touch", "{0}"]\n'
)
VARIABLES = {"NUCLIA_KB_URL": "https://a.dp.progress.cloud/api/v1/kb/s/env", "NUCLIA_API_KEY": "key-of-env"}


class Machine:
    """A machine with several users; `home` belongs to ME."""

    def __init__(self, image: Path, path: Path) -> None:
        self.image, self.path = image, path
        self.home = self.folder(path / "home", ME)
        self.store = self.home / ".config/nucliactl"

    def folder(self, path: Path, uid: int, mode: int = 0o755) -> Path:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        os.chown(path, uid, uid)
        return path

    def file(self, path: Path, text: str, uid: int, mode: int = 0o600) -> Path:
        for folder in reversed(path.parents):
            if not folder.exists():
                self.folder(folder, uid)
        path.write_text(text)
        path.chmod(mode)
        os.chown(path, uid, uid)
        return path

    def run(self, *words: str, uid: int = ME, before: str = "", stdin: str = "", **variables: str) -> Result:
        """Run the command as a user, in a mount namespace where `before` was done by root."""
        environ = {
            "PATH": f"{self.image}:{os.environ['PATH']}",
            "PYTHONPATH": f"{self.image}/site",
            "LD_LIBRARY_PATH": f"{self.image}/lib",
            "HOME": str(self.home),
            **variables,
        }
        become = [] if uid == ROOT else ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
        given = [f"{name}={value}" for name, value in environ.items()]
        script = f'{before or ":"}; cd /; exec "$@"'
        finished = subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", *become, "env", "-i", *given, "nucliactl", *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in finished.stderr, finished.stderr
        return Result(finished.returncode, finished.stdout, finished.stderr)

    def owners(self) -> set[int]:
        """Everybody who owns something below the home."""
        return {path.lstat().st_uid for path in (self.home, *self.home.rglob("*"))}


@pytest.fixture
def machine(image: Path) -> Iterator[Machine]:
    """Not below pytest's own directory, which it closes for others whenever it starts."""
    with tempfile.TemporaryDirectory(prefix="nucliactl-users-", dir="/tmp") as folder:
        root = Path(folder)
        root.chmod(0o755)
        yield Machine(image, root)


def test_a_file_of_another_user_in_the_implicit_store_is_refused_with_both_ways_out(
    machine: Machine,
) -> None:
    path = machine.file(machine.store / "profiles/p.toml", KEYLESS, ME)
    os.chown(path, OTHER, OTHER)
    path.chmod(0o644)
    result = machine.run("auth", "show", "--profile", "p")
    assert result.code == 6 and str(path) in result.err
    assert f"sudo chown -R {ME} {machine.store}" in result.err
    assert f"NUCLIA_CONFIG_DIR={machine.store}" in result.err
    named = machine.run("current", "-o", "json", "--profile", "p", NUCLIA_CONFIG_DIR=str(machine.store))
    assert named.code == 0 and named.json["name"] == "p"
    os.chown(path, ROOT, ROOT)
    assert machine.run("current", "-o", "json", "--profile", "p").code == 0


@pytest.mark.parametrize("what", ["", "profiles", "active.json", "config.toml"])
def test_whatever_part_of_the_implicit_store_is_another_users_is_refused(machine: Machine, what: str) -> None:
    machine.file(machine.store / "profiles/p.toml", KEYLESS, ME)
    machine.file(machine.store / "active.json", '{"version": 1, "current": "p"}', ME)
    machine.file(machine.store / "config.toml", "timeout = 5\n", ME)
    assert machine.run("explain", "-o", "json").json["exit_code"] == 0
    os.chown(machine.store / what, OTHER, OTHER)
    (machine.store / what).chmod(0o755)
    assert machine.run("explain", "-o", "json").json["exit_code"] == 6
    # It supplies nothing that this needs.
    assert machine.run("auth", "token", **VARIABLES).out == "key-of-env\n"


def test_a_store_of_another_user_that_was_named_works_and_runs_no_command(machine: Machine) -> None:
    other = machine.path / "other"
    mark = machine.folder(machine.path / "marks", ME, 0o777) / "ran"
    machine.file(other / "profiles/p.toml", KEYLESS, OTHER, 0o644)
    machine.file(other / "profiles/c.toml", COMMAND_RUNS.format(mark), OTHER, 0o644)
    machine.file(other / "active.json", '{"version": 1, "current": "p"}', OTHER, 0o644)
    named = {"NUCLIA_CONFIG_DIR": str(other)}
    assert machine.run("current", **named).out == "p\n"
    assert '"p"' in machine.run("list", "-o", "json", **named).out
    refused = machine.run("auth", "token", "--profile", "c", **named)
    assert refused.code == 6 and "command" in refused.err and not mark.exists()
    os.chown(other / "profiles/c.toml", ME, ME)
    assert machine.run("auth", "token", "--profile", "c", **named).code == 4 and mark.exists()


def test_a_link_of_another_user_to_a_file_of_mine_runs_no_command(machine: Machine) -> None:
    other = machine.path / "other"
    mark = machine.folder(machine.path / "marks", ME, 0o777) / "ran"
    mine = machine.file(machine.home / "mine/c.toml", COMMAND_RUNS.format(mark), ME, 0o644)
    machine.file(other / "profiles/p.toml", KEYLESS, OTHER, 0o644)
    (other / "profiles/c.toml").symlink_to(mine)
    os.chown(other / "profiles/c.toml", OTHER, OTHER, follow_symlinks=False)
    result = machine.run("auth", "token", "--profile", "c", NUCLIA_CONFIG_DIR=str(other))
    assert result.code == 6 and not mark.exists()


def test_root_reads_a_users_store_runs_none_of_its_commands_and_leaves_it_to_the_user(
    machine: Machine,
) -> None:
    mark = machine.path / "ran"
    machine.file(machine.store / "profiles/p.toml", INLINE.format("me"), ME, 0o640)
    (machine.store / "profiles/p.toml").chmod(0o600)
    machine.file(machine.store / "profiles/d.toml", KEYLESS, ME, 0o644)
    machine.file(machine.store / "profiles/c.toml", COMMAND_RUNS.format(mark), ME)
    machine.file(machine.store / "active.json", '{"version": 1, "current": "d"}', ME)
    assert machine.run("auth", "token", "--profile", "p", uid=ROOT).out == "key-of-me\n"
    assert machine.run("auth", "token", "--profile", "c", uid=ROOT).code == 6 and not mark.exists()
    assert machine.run("use", "p", uid=ROOT).code == 0
    assert machine.run("profile", "set", "d", "description=by root", uid=ROOT).code == 0
    assert stat.S_IMODE((machine.store / "profiles/d.toml").stat().st_mode) == 0o644
    login = ["auth", "kb", "https://a.dp.progress.cloud/api/v1/kb/y", "-", "--no-validate", "--name", "y"]
    assert machine.run(*login, uid=ROOT, stdin="key-of-y").code == 0
    assert machine.owners() == {ME}
    assert machine.run("current").out == "y\n"
    assert machine.run("use", "p").code == 0


def test_the_store_that_root_makes_in_a_users_home_is_the_users(machine: Machine) -> None:
    login = ["auth", "kb", "https://a.dp.progress.cloud/api/v1/kb/y", "-", "--no-validate", "--name", "y"]
    assert machine.run(*login, uid=ROOT, stdin="key-of-y").code == 0
    assert machine.owners() == {ME}
    assert machine.run("auth", "token").out == "key-of-y\n"


def test_root_changes_through_a_link_keep_the_owner_of_what_it_leads_to(machine: Machine) -> None:
    team = machine.file(machine.path / "team/profiles/d.toml", KEYLESS, OTHER, 0o664)
    machine.file(machine.store / "profiles/p.toml", KEYLESS, ME)
    (machine.store / "profiles/d.toml").symlink_to(team)
    assert machine.run("profile", "set", "d", "description=new", uid=ROOT).code == 0
    assert "new" in team.read_text() and team.stat().st_uid == OTHER
    assert stat.S_IMODE(team.stat().st_mode) == 0o664


def test_a_file_of_the_store_that_cannot_be_read_names_the_chown(machine: Machine) -> None:
    machine.file(machine.store / "profiles/p.toml", KEYLESS, ME)
    active = machine.file(machine.store / "active.json", '{"version": 1, "current": "p"}', ME)
    os.chown(active, ROOT, ROOT)
    result = machine.run("current")
    assert result.code == 1 and f"sudo chown -R {ME} {active}" not in result.err
    assert f"sudo chown -R {ME} {machine.store}" in result.err
    os.chown(active, ME, ME)
    active.chmod(0o000)
    result = machine.run("current")
    assert result.code == 1 and f"chmod u+rw {active}" in result.err


def test_a_home_that_cannot_be_entered_stops_only_what_would_ask_the_store(machine: Machine) -> None:
    closed = machine.folder(machine.path / "closed", ROOT, 0o700)
    machine.file(machine.path / "mounted/p.toml", INLINE.format("mount"), ROOT, 0o644)
    at = {"HOME": str(closed)}
    mounted = {**at, "NUCLIA_PROFILES_PATH": str(machine.path / "mounted")}
    alone = machine.run("auth", "token", **at, **VARIABLES)
    assert (alone.code, alone.out, alone.err) == (0, "key-of-env\n", "")
    named = machine.run("auth", "token", **mounted, NUCLIA_PROFILE="p")
    assert (named.code, named.out) == (0, "key-of-mount\n")
    assert named.err.count("\n") == 1 and f"{closed} is closed to this user" in named.err
    nothing = machine.run("auth", "token", **at)
    assert nothing.code == 4 and f"{closed} is closed to this user" in nothing.err
    assert machine.run("current", NUCLIA_CONFIG_DIR=f"{closed}/store", **at).code == 1
    assert machine.run("use", "p", **mounted).code == 1
    assert machine.run("list", **mounted).code == 0


def test_the_official_clients_default_does_not_answer_for_a_store_that_cannot_be_reached(
    machine: Machine,
) -> None:
    official = '{"default": {"nucliadb": "http://localhost:8080"}}'
    machine.file(machine.home / ".nuclia/config", official, ME)
    assert machine.run("current").out == "nuclia:nucliadb\n"
    closed = machine.folder(machine.path / "closed", ROOT, 0o700)
    result = machine.run("current", XDG_CONFIG_HOME=str(closed))
    assert result.code == 4 and str(closed) in result.err


def volume(path: Path, mode: str = "0777") -> str:
    return f"mkdir -p {path} && mount -t tmpfs -o mode={mode} none {path}"


def test_an_empty_dir_that_everybody_may_write_is_a_profile_directory_its_contents_are_judged(
    machine: Machine,
) -> None:
    seed = machine.file(machine.path / "seed/p.toml", INLINE.format("mount"), ROOT, 0o644)
    at = machine.path / "volume"
    fill = f"{volume(at)} && cp -p {seed} {at}/p.toml"
    named = {"NUCLIA_PROFILES_PATH": str(at), "NUCLIA_PROFILE": "p"}
    assert machine.run("auth", "token", before=fill, **named).out == "key-of-mount\n"
    within = f"{volume(at)} && mkdir -m 777 {at}/in && cp -p {seed} {at}/in/p.toml"
    below = {**named, "NUCLIA_PROFILES_PATH": f"{at}/in"}
    found = machine.run("auth", "token", before=within, **below)
    assert found.out == "key-of-mount\n", found
    bound = f"mkdir -p {at} && mount --bind {machine.folder(machine.path / 'bound', ROOT, 0o777)} {at}"
    bound += f" && cp -p {seed} {at}/p.toml"
    assert machine.run("auth", "token", before=bound, **named).out == "key-of-mount\n"
    loose = machine.run("auth", "token", before=f"{fill} && chmod 666 {at}/p.toml", **named)
    assert loose.code == 6 and f"chmod o-w {at}/p.toml" in loose.err


def test_a_directory_that_everybody_may_write_and_that_is_no_mount_is_refused(machine: Machine) -> None:
    loose = machine.folder(machine.path / "deep/loose", ME, 0o777)
    machine.file(loose / "p.toml", INLINE.format("x"), ME, 0o644)
    named = {"NUCLIA_PROFILES_PATH": str(loose), "NUCLIA_PROFILE": "p"}
    result = machine.run("auth", "token", **named)
    assert result.code == 6 and f"chmod o-w {loose}" in result.err
    assert machine.run("auth", "token", NUCLIA_PROFILES_PATH=str(loose), **VARIABLES).code == 0
    loose.chmod(0o1777)
    assert machine.run("auth", "token", **named).out == "key-of-x\n"
    loose.chmod(0o775)
    assert machine.run("auth", "token", **named).out == "key-of-x\n"


def test_sub_directories_of_a_named_volume_are_judged(machine: Machine) -> None:
    at = machine.path / "volume"
    seed = machine.file(machine.path / "seed/p.toml", KEYLESS, ROOT, 0o644)
    for mode, code in (("755", 0), ("777", 6)):
        fill = f"{volume(at)} && mkdir -m {mode} {at}/profiles && cp -p {seed} {at}/profiles/"
        found = machine.run("current", "-o", "json", "--profile", "p", before=fill, NUCLIA_CONFIG_DIR=str(at))
        assert found.code == code, found


def test_group_access_to_a_secret_of_a_named_store_is_one_warning(machine: Machine) -> None:
    path = machine.file(machine.store / "profiles/p.toml", INLINE.format("me"), ME, 0o660)
    named = {"NUCLIA_CONFIG_DIR": str(machine.store)}
    result = machine.run("auth", "token", "--profile", "p", **named)
    assert result.out == "key-of-me\n" and result.err.count(str(path)) == 2 and result.err.count("\n") == 1
    assert machine.run("auth", "token", "--profile", "p").code == 6
    path.chmod(0o604)
    assert machine.run("auth", "token", "--profile", "p", **named).code == 6


def test_where_modes_mean_nothing_they_are_ignored_on_demand_and_owners_are_not(machine: Machine) -> None:
    path = machine.file(machine.store / "profiles/p.toml", INLINE.format("me"), ME, 0o777)
    for folder in (machine.store, machine.store / "profiles"):
        folder.chmod(0o777)
    refused = machine.run("auth", "token", "--profile", "p")
    assert refused.code == 6 and "NUCLIACTL_MODES=ignore" in refused.err
    ignored = machine.run("auth", "token", "--profile", "p", NUCLIACTL_MODES="ignore")
    assert ignored.out == "key-of-me\n" and ignored.err.count("\n") == 1
    login = ["auth", "kb", "https://a.dp.progress.cloud/api/v1/kb/y", "-", "--no-validate"]
    assert machine.run(*login, stdin="k").code == 6
    saved = machine.run(*login, stdin="key-of-y", NUCLIACTL_MODES="ignore")
    assert saved.code == 0 and saved.err.count("modes are not judged") == 1
    assert machine.run("list", NUCLIACTL_MODES="off").code == 2
    os.chown(path, OTHER, OTHER)
    assert machine.run("auth", "token", "--profile", "p", NUCLIACTL_MODES="ignore").code == 6


def test_only_the_system_may_ignore_modes_by_a_file(machine: Machine) -> None:
    machine.file(machine.store / "profiles/p.toml", INLINE.format("me"), ME, 0o666)
    machine.file(machine.store / "config.toml", 'modes = "ignore"\n', ME)
    assert machine.run("auth", "token", "--profile", "p").code == 6
    system = machine.file(machine.path / "etc/config.toml", 'modes = "ignore"\n', ROOT, 0o644)
    mount = f"mkdir -p /etc/nucliactl && mount --bind {system.parent} /etc/nucliactl"
    assert machine.run("auth", "token", "--profile", "p", before=mount).out == "key-of-me\n"
    system.chmod(0o666)
    assert machine.run("auth", "token", "--profile", "p", before=mount).code == 6


def test_the_systems_directory_must_be_roots_or_the_users(machine: Machine) -> None:
    path = machine.file(machine.path / "etc/profiles/p.toml", INLINE.format("etc"), ROOT, 0o644)
    mount = f"mkdir -p /etc/nucliactl && mount --bind {machine.path / 'etc'} /etc/nucliactl"
    assert machine.run("auth", "token", "--profile", "p", before=mount).out == "key-of-etc\n"
    os.chown(path, OTHER, OTHER)
    refused = machine.run("auth", "token", "--profile", "p", before=mount)
    assert refused.code == 6 and "sudo chown -R root /etc/nucliactl" in refused.err
    overflow = int(Path("/proc/sys/kernel/overflowuid").read_text())
    os.chown(path, overflow, overflow)
    assert machine.run("auth", "token", "--profile", "p", before=mount).out == "key-of-etc\n"
    assert machine.run("auth", "token", "--profile", "p", before=mount, uid=overflow).code == 0


@pytest.mark.parametrize(
    "closed", ["/etc/nucliactl", "/etc/nucliactl/profiles", "/etc/nucliactl/config.toml"]
)
def test_what_of_the_system_may_not_be_read_is_never_made_a_users_own(machine: Machine, closed: str) -> None:
    before = (
        "mkdir -p /etc/nucliactl; mount -t tmpfs -o mode=755 tmpfs /etc/nucliactl; "
        f"mkdir /etc/nucliactl/profiles; touch /etc/nucliactl/config.toml; chmod 700 {closed}"
    )
    machine.file(machine.store / "profiles/own.toml", KEYLESS, ME)
    result = machine.run("list", before=before)
    assert "chown" not in result.err and f"sudo chmod a+rX {closed}" in result.err, result
    mended = f"{before}; chmod a+rX {closed}"
    assert machine.run("list", before=mended).err == ""
    if not closed.endswith(".toml"):  # a closed directory supplies nothing, and stops nothing
        assert result.code == 0 and machine.run("current", before=before, **VARIABLES).out == "env\n"


def test_doctor_says_whose_the_store_is_names_nobody_and_is_stopped_by_nothing(machine: Machine) -> None:
    machine.file(machine.store / "profiles/a.toml", INLINE.format("a"), ME)
    theirs = machine.file(machine.store / "profiles/b.toml", INLINE.format("b"), OTHER)
    found = machine.run("doctor", "--offline")
    assert (
        found.code == 1 and f"~/{theirs.relative_to(machine.home)} belongs to another user, who" in found.out
    )
    assert 'sudo chown -R "$(id -un)" ~/.config/nucliactl' in found.out
    assert str(ME) not in found.out and str(OTHER) not in found.out and "key-of" not in found.out
    for folder in (machine.store, machine.store / "profiles"):
        os.chown(folder, OTHER, OTHER)
    assert machine.run("doctor", "--fix", "--offline").out.count("belongs to another user") == 1
    assert machine.owners() == {ME, OTHER}


@pytest.mark.parametrize("closed", ["", "profiles", "credentials", "credentials/a.json", "profiles/a.toml"])
def test_doctor_opens_what_its_owner_has_closed(machine: Machine, closed: str) -> None:
    machine.file(machine.store / "profiles/a.toml", KEYLESS, ME)
    machine.file(machine.store / "credentials/a.json", "{}", ME, 0o644)
    (machine.store / closed).chmod(0)
    before = machine.run("doctor", "--offline", "-o", "json")
    closed_ones = [f for f in json.loads(before.out)["findings"] if "cannot be read" in f["sentence"]]
    assert before.code == 1 and len(closed_ones) == 1 and closed_ones[0]["fix"].startswith("chmod ")
    machine.run("doctor", "--offline", "--fix")
    after = json.loads(machine.run("doctor", "--offline", "-o", "json").out)["findings"]
    assert [f["check"] for f in after if f["level"] == "problem"] == ["credentials"]  # what is in it: {}
    assert stat.S_IMODE((machine.store / "credentials/a.json").stat().st_mode) == 0o600


def test_doctor_on_a_store_that_nobody_may_enter_a_full_disk_and_a_read_only_one(machine: Machine) -> None:
    machine.file(machine.store / "profiles/a.toml", KEYLESS, ME)
    os.chown(machine.store, OTHER, OTHER)
    machine.store.chmod(0o700)
    found = machine.run("doctor", "--fix", "--offline")
    assert found.code == 1 and "~/.config/nucliactl cannot be read: Permission denied." in found.out
    os.chown(machine.store, ME, ME)
    readonly = f"mount --bind {machine.store} {machine.store}; mount -o remount,ro,bind {machine.store}"
    (machine.store / "profiles/a.toml").chmod(0o666)
    found = machine.run("doctor", "--fix", "--offline", before=readonly)
    assert found.code == 1 and "may be written by everybody" in found.out
    assert "cannot be written: logins and renewed sessions are not kept" in found.out
    assert "nothing could be mended" in found.out
    full = (
        f"mount -t tmpfs -o size=16k,uid={ME},gid={ME},mode=700 none {machine.store}; "
        f"dd if=/dev/zero of={machine.store}/x 2>/dev/null; chown {ME} {machine.store}/x"
    )
    found = machine.run("doctor", "--offline", before=full)
    assert found.code == 1 and "The disk of ~/.config/nucliactl is full." in found.out
