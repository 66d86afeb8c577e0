"""The images, built by podman on a Debian that debootstrap made, and run as a user without rights, without a network and
without a place to write; docs/how-to/container.md shows how."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from containers import DEBIAN, podman
from fenced import blocks
from support import REPO, Home, Recorder, Result

pytestmark = [pytest.mark.once, pytest.mark.real]
URL = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
KEY = "image-key-0123456789"
CONFINED = ("--rm", "--read-only", "--user", "12345", "--cap-drop=all")


class Images(NamedTuple):
    """What `make image` printed, and how its images are run."""

    home: Home
    printed: str

    def run(self, image: str, *words: str, network: str = "none", flags: tuple[str, ...] = ()) -> Result:
        confined = ("podman", "run", *CONFINED, f"--network={network}", *flags)
        return self.home.program(*confined, f"nucliactl:{image}", *words)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    home = Home(tmp_path_factory.mktemp("image"))
    with podman(home):
        layers = subprocess.Popen(["tar", "-C", DEBIAN, "-c", "."], stdout=subprocess.PIPE)
        words = ["podman", "import", "-q", "-", "localhost/debian:1"]
        subprocess.run(words, stdin=layers.stdout, env=home.environ, check=True, capture_output=True)
        assert layers.wait() == 0
        given = {"BASE": "localhost/debian:1", "BUILD_FLAGS": "--isolation chroot --network host"}
        done = home.program(sys.executable, str(REPO / "container/build.py"), **given)
        assert done.code == 0, done.err
        yield Images(home, done.out)


both = pytest.mark.parametrize("image", ["slim", "small"])


def test_size_and_start_are_printed_and_the_small_one_is_small(images: Images) -> None:
    head, *rows = [line.split() for line in images.printed.splitlines()]
    assert head == ["image", "size", "start"] and [row[0] for row in rows] == [
        "nucliactl:slim",
        "nucliactl:small",
    ]
    slim, small = (float(row[1]) for row in rows)
    assert small < 60 < slim, images.printed
    assert all(row[2] == "MB" and row[4] == "ms" and float(row[3]) > 0 for row in rows)


@both
def test_an_image_says_who_runs_it_what_it_is_and_names_no_host(images: Images, image: str) -> None:
    found = images.home.program("podman", "image", "inspect", f"nucliactl:{image}").json[0]
    config = found["Config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/opt/nucliactl/bin/python", "-m", "nucliactl"]
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
    assert (labels["title"], labels["licenses"]) == ("nucliactl", "Apache-2.0")
    assert labels["version"] == images.run(image, "version").out.split()[-1]
    assert "://" not in json.dumps(config)


@both
def test_it_runs_without_rights_a_network_or_a_place_to_write(
    images: Images, image: str, tmp_path: Path
) -> None:
    secret = tmp_path / "key"
    secret.write_text(f"{KEY}\n")
    secret.chmod(0o400)

    os.chown(secret, 12345, 12345)
    mounted = ("--volume", f"{secret}:/run/secrets/nuclia_api_key:ro", "--env", f"NUCLIA_KB_URL={URL}")
    mounted += ("--env", "NUCLIA_API_KEY_FILE=/run/secrets/nuclia_api_key")
    assert images.run(image, "auth", "token", flags=mounted).out == f"{KEY}\n"
    current = images.run(
        image, "current", "-o", "json", flags=("-e", f"NUCLIA_KB_URL={URL}", "-e", f"NUCLIA_API_KEY={KEY}")
    )
    assert current.json == {"name": "env", "kind": "kb", "source": "env: NUCLIA_KB_URL, NUCLIA_API_KEY"}
    refused = images.run(image, "auth", "status", flags=mounted)
    assert refused.code == 5 and "unreachable" in refused.out and KEY not in refused.out + refused.err
    nothing = images.run(image, "current")
    assert nothing.code == 4 and "nucliactl auth kb" in nothing.err


@both
def test_a_program_in_it_asks_the_service_and_every_module_is_compiled(
    images: Images, image: str, recorder: Recorder
) -> None:
    """The code: modules that are loaded without bytecode would be compiled at each start."""
    code = (
        "import sys, os, importlib.util as u, nucliactl, redis\n"
        "with nucliactl.client() as http: print(http.get(nucliactl.resolve().url).json())\n"
        "print([n for n, m in sys.modules.items() if (getattr(m, '__file__', None) or '').endswith('.py')"
        " and os.path.exists(m.__file__) and not os.path.exists(u.cache_from_source(m.__file__))])\n"
    )
    url = f"{recorder.origin}/api/v1/kb/11111111-2222-3333-4444-555555555555"
    flags = (
        "-e",
        f"NUCLIA_KB_URL={url}",
        "-e",
        f"NUCLIA_API_KEY={KEY}",
        "--entrypoint",
        "/opt/nucliactl/bin/python",
    )
    done = images.run(image, "-c", code, network="host", flags=flags)
    assert done.out == "{}\n[]\n", done.err
    assert recorder.requests[-1].headers["x-nuclia-serviceaccount"] == f"Bearer {KEY}"
    status = images.run(image, "explain", "-o", "json", flags=flags[:4])
    assert status.json["profile"]["name"] == "env"


def test_the_small_one_has_no_shell(images: Images) -> None:
    done = images.run("small", "-c", "true", flags=("--entrypoint", "/bin/sh"))
    assert done.code == 127 and "no such file" in done.err


def test_the_command_of_the_page_runs(images: Images, sandbox: dict[str, str]) -> None:
    built, ran = (one.text for one in blocks("docs/how-to/container.md") if one.why.endswith("test_image.py"))
    assert (
        built == "make image\n"
        and "\n\t@$(BIN)/python container/build.py\n" in (REPO / "Makefile").read_text()
    )
    (images.home.work / "key").write_text(sandbox["SANDBOX_KB_KEY"])
    (images.home.work / "key").chmod(0o644)
    text = ran.replace("https://europe-1.dp.progress.cloud/api/v1/kb/KBID", sandbox["SANDBOX_KB_URL"])
    done = images.home.program("sh", "-euc", text.replace("podman run", "podman run --network=host"))
    assert done.code == 0 and " valid " in done.out, done.err
