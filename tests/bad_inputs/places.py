"""A: what files are, where they lie, and what becomes of a write (22-53)."""

import json
import os
import shutil
import socket
import subprocess
import threading

from hostile import test_bounds as bounds
from hostile import test_crash_and_concurrency as crashes
from hostile import test_read_only as read_only
from support import COMMAND, until

from .world import CANARY, ENVIRONMENT, KB, KEPT, LOCAL, NO_OVERRIDE, World, case


@case(22)
def a_directory_for_a_file(w: World) -> None:
    (w.store / "profiles/p.toml").mkdir(parents=True)
    w.refuses(7, "not a regular file", "auth", "token", "--profile", "p")
    (w.work / ".env").mkdir()
    w.ok("list")


@case(23)
def a_pipe(w: World) -> None:
    os.mkfifo(w.work / ".env")
    w.profile()
    assert w.token("--profile", "p") == CANARY
    given = w.home.path / "given.env"
    os.mkfifo(given)
    text = "".join(f"{name}={value}\n" for name, value in ENVIRONMENT.items())
    threading.Thread(target=given.write_text, args=(text,), daemon=True).start()
    assert w.token("--env-file", str(given)) == CANARY


@case(24)
def a_socket_and_a_device(w: World) -> None:
    (w.store / "profiles").mkdir(parents=True)
    listener = socket.socket(socket.AF_UNIX)
    os.chdir(w.store / "profiles")  # the address of a socket is short
    listener.bind("p.toml")
    os.chdir("/")
    assert w.run("auth", "token", "--profile", "p").code in (1, 7)
    listener.close()
    (w.store / "profiles/q.toml").symlink_to("/dev/zero")
    w.refuses(7, "not a regular file", "auth", "token", "--profile", "q")
    assert w.run("auth", "token", "--env-file", "/dev/zero").code != 0


@case(25)
def a_link(w: World) -> None:
    real = w.home.path / "checkout.toml"
    w.profile().rename(real)
    link = w.store / "profiles/p.toml"
    link.symlink_to(real)
    w.ok("profile", "set", "p", "account=acme")
    assert link.is_symlink() and "acme" in real.read_text() and w.token("--profile", "p") == CANARY


@case(26)
def a_link_to_nothing(w: World) -> None:
    (w.store / "profiles").mkdir(parents=True)
    link = w.store / "profiles/p.toml"
    link.symlink_to(w.home.path / "nowhere")
    w.refuses(3, "p", "auth", "token", "--profile", "p")
    assert link.is_symlink() and not (w.home.path / "nowhere").exists()


@case(27)
def a_link_to_itself(w: World) -> None:
    (w.store / "profiles").mkdir(parents=True)
    (w.store / "profiles/p.toml").symlink_to("p.toml")
    w.refuses(1, "symbolic links", "auth", "token", "--profile", "p")
    w.ok("list")


@case(28)
def a_link_to_another_file_system(w: World) -> None:
    script = f"mount -t tmpfs -o mode=700 tmpfs {w.home.path}/work; cp {w.profile()} {w.work}/p.toml; "
    script += f"ln -sf {w.work}/p.toml {w.store}/profiles/p.toml"
    result = w.mounted(
        f"{script}; {COMMAND} profile set p account=acme", "profile", "show", "p", "-o", "json"
    )
    assert result.code == 0 and "acme" in result.out, result


@case(29)
def a_link_into_a_read_only_store(w: World) -> None:
    real = w.home.path / "nix"
    real.mkdir()
    (real / "p.toml").write_text(f'kind = "kb"\nurl = "{KB}"\n')
    (w.store / "profiles").mkdir(parents=True)
    (w.store / "profiles/p.toml").symlink_to(real / "p.toml")
    closed = f"mount --bind {real} {real}; mount -o remount,ro,bind {real}"
    w.is_refusal(1, "p.toml", lambda: w.mounted(closed, "profile", "set", "p", "account=acme"))
    (w.work / "key").write_text(CANARY)
    login = f"{COMMAND} auth kb {KB} - --no-validate --name p < key"
    result = w.mounted(f"{closed}; {login}", "current")
    assert result.code == 0 and w.token("--profile", "p") == CANARY


@case(30)
def a_second_name_of_the_file(w: World) -> None:
    path = w.profile()
    os.link(path, w.home.path / "second")
    w.ok("profile", "set", "p", "account=acme")
    assert (w.home.path / "second").read_text() == KEPT and "acme" in path.read_text()


@case(31)
def a_secret_others_can_read(w: World) -> None:
    crashes.test_files_others_may_write_or_read_are_refused_with_the_chmod(w.home, 0o644, KEPT, 6)


@case(32)
def a_file_others_can_write(w: World) -> None:
    crashes.test_files_others_may_write_or_read_are_refused_with_the_chmod(w.home, 0o666, LOCAL, 6)


@case(33)
def a_file_nobody_may_open(w: World) -> None:
    w.profile().chmod(0)
    w.is_refusal(
        1, "Permission denied", lambda: w.start(*NO_OVERRIDE, COMMAND, "auth", "token", "--profile", "p")
    )


@case(34)
def a_directory_nobody_may_enter(w: World) -> None:
    folder = w.profile().parent
    folder.chmod(0o600)
    result = w.start(*NO_OVERRIDE, COMMAND, "auth", "token", "--profile", "p")
    assert result.code == 1 and "chmod" in result.err, result


@case(35)
def any_umask(w: World) -> None:
    for mask in ("000", "022", "077", "777"):
        shutil.rmtree(w.store, ignore_errors=True)
        script = f"umask {mask}; printf {CANARY} | {COMMAND} auth kb {KB} - --no-validate --name p"
        assert w.home.program("sh", "-c", script).code == 0
        modes = {oct(path.stat().st_mode & 0o777) for path in w.store.rglob("*") if path.is_dir()}
        assert modes == {"0o700"}, (mask, modes)
        assert {oct(path.stat().st_mode & 0o777) for path in w.store.rglob("*") if path.is_file()} == {
            "0o600"
        }


@case(36)
def a_read_only_home(w: World) -> None:
    w.profile(LOCAL)
    closed = f"mount --bind {w.home.path} {w.home.path}; mount -o remount,ro,bind {w.home.path}"
    assert w.mounted(closed, "list", "-o", "name").out == "p\n"
    w.is_refusal(1, "Read-only file system", lambda: w.mounted(closed, "use", "p"))


@case(37)
def a_read_only_root_no_home_any_uid(w: World) -> None:
    image = w.fixture("image")
    read_only.test_variables_alone_are_enough_and_nothing_is_written(
        image, w.home.path, ["nucliactl", "auth", "token"], "container-key-0451\n"
    )


@case(38)
def a_home_that_is_none(w: World) -> None:
    for value in ("", "relative", "~", "/nonexistent/home"):
        w.home.environ["NUCLIA_CONFIG_DIR"] = ""
        read_only.test_a_home_that_is_none_never_becomes_a_directory_here(w.home, value)


@case(39)
def a_relative_config_home(w: World) -> None:
    del w.home.environ["NUCLIA_CONFIG_DIR"]
    w.ok("auth", "nucliadb", "http://localhost:1", "--no-validate", XDG_CONFIG_HOME="here")
    assert not (w.work / "here").exists() and (w.home.path / ".config/nucliactl").is_dir()


@case(40)
def a_file_that_is_a_mount(w: World) -> None:
    for name in "ab":
        w.profile(LOCAL, name)
    w.ok("use", "a")
    path = w.store / "active.json"
    w.is_refusal(1, "mount", lambda: w.mounted(f"mount --bind {path} {path}", "use", "b"))


def a_disk_that_fails(w: World, error: str) -> None:
    for call in ("fsync", "rename"):
        crashes.test_a_failing_disk_leaves_the_old_contents_and_no_temp_file(w.home, error, call)


@case(41)
def a_full_disk(w: World) -> None:
    a_disk_that_fails(w, "ENOSPC")


@case(42)
def a_full_quota(w: World) -> None:
    a_disk_that_fails(w, "EDQUOT")


@case(43)
def a_broken_disk(w: World) -> None:
    a_disk_that_fails(w, "EIO")


@case(44)
def a_file_size_limit(w: World) -> None:
    for name in "ab":
        w.profile(LOCAL, name)
    w.ok("use", "a")
    limited = ("sh", "-c", 'ulimit -f 0; exec "$@"', "sh", COMMAND, "use", "b")
    w.is_refusal(1, "File too large", lambda: w.start(*limited))


@case(45)
def no_file_may_be_opened(w: World) -> None:
    bounds.test_too_few_files_are_not_blamed_on_the_service(w.home, w.recorder)


@case(46)
def a_path_that_is_too_long(w: World) -> None:
    for path in ("/" + "x" * 5000, "/" + "x/" * 3000, "/" + "x" * 256):
        result = w.run("auth", "token", "--env-file", path)
        assert result.code in (1, 2, 3, 4) and "\n" in result.err, result
        assert w.run("list", "--config-dir", path).code in (0, 1, 2)
    w.refuses(2, "name", "auth", "nucliadb", "http://localhost:1", "--no-validate", "--name", "x" * 256)


@case(47)
def names_that_differ_in_case(w: World) -> None:
    w.profile(KEPT, "prod")
    w.refuses(2, "Prod", "auth", "nucliadb", "http://localhost:1", "--no-validate", "--name", "Prod")
    assert w.run("auth", "token", "--profile", "Prod").code in (2, 3)


@case(48)
def names_windows_cannot_store(w: World) -> None:
    for name in ("CON", "prod.", "nul:", "a:b"):
        w.refuses(2, "name", "auth", "nucliadb", "http://localhost:1", "--no-validate", "--name", name)


@case(49)
def a_file_system_without_locks(w: World) -> None:
    w.session()
    w.renews()
    for error in ("ENOLCK", "ENOSYS"):
        assert w.strace(f"inject=flock:error={error}", "list", "-o", "name").out == "ann\n"
        inject = f"inject=flock:error={error}"
        w.is_refusal(1, "lock", lambda inject=inject: w.strace(inject, "auth", "token", "--profile", "ann"))
    assert w.recorder.requests == []


@case(50)
def what_a_killed_writer_leaves(w: World) -> None:
    crashes.test_the_next_write_of_anything_sweeps_what_killed_writers_left_and_nothing_else(
        w.home, ["use", "a"]
    )


@case(51)
def an_edit_beside_an_edit(w: World) -> None:
    path = w.profile(KEPT)
    editor = w.home.path / "editor"
    editor.write_text(
        f'#!/bin/sh\n{COMMAND} profile set p account=theirs >&2\necho \'description = "mine"\' >> "$1"\n'
    )
    editor.chmod(0o755)
    result = w.run("profile", "edit", "p", EDITOR=str(editor))
    assert "theirs" in path.read_text(), result
    assert "mine" in path.read_text() or result.code != 0


@case(52)
def forgotten_while_it_is_renewed(w: World) -> None:
    path = w.session()
    leaving: list[subprocess.Popen[str]] = []

    def answer(request):
        if "refresh" in request.body.decode():
            leaving.append(w.popen("profile", "delete", "ann", "--yes"))
        return 200, {}, b'{"access_token": "new", "refresh_token": "s", "expires_in": 1800}'

    w.recorder.answer = answer
    w.home.run("auth", "token", "--profile", "ann")
    assert leaving[0].wait() == 0, leaving[0].communicate()
    until(lambda: not path.exists())
    assert w.run("auth", "token", "--profile", "ann").code == 3


@case(53)
def a_file_of_a_newer_release(w: World) -> None:
    path = w.session(expires_at=None, later={"x": 1})
    assert w.token("--profile", "ann") == f"{CANARY}-access"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 2}))
    w.refuses(7, str(path), "auth", "token", "--profile", "ann")
