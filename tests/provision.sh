#!/bin/sh
# Installs everything the suite needs below this repository, once: the development environment (.venv, pinned), the
# programs some tests drive (by apt-get, as root), and a real NucliaDB (.cache/nucliadb). Safe to run again at any time.
# What cannot be had is said, and its tests are skipped with that reason. "provision.sh base" makes .venv only and
# "rest" all but that; "docs" installs the documentation's builder, "bench" the peers that benchmarks/ measures, "release"
# what builds and checks the package, and nothing else.
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-python3}"
UV_VERSION=0.13.8

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON" >&2; exit 1; }

# done STAMP FILE...: says whether STAMP was made from these very files.
made_from() { stamp="$1"; shift; [ -e "$stamp" ] && [ "$(cat "$@" | cksum)" = "$(cat "$stamp")" ]; }
mark() { stamp="$1"; shift; cat "$@" | cksum > "$stamp"; }

# environment FOLDER REQUIREMENTS PYTHON: a virtual environment of these pins, made anew when they change.
environment() {
    made_from "$1/stamp" "$2" && return
    rm -rf "$1"
    "$3" -m venv --without-pip "$1" \
        && .venv/bin/uv pip install -q --python "$1/bin/python" --compile-bytecode --no-deps -r "$2" \
        && mark "$1/stamp" "$2"
}

# programs PROGRAM:PACKAGE...: installs the Debian packages of programs that are not there.
programs() {
    missing=""
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || missing="$missing ${pair##*:}"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get -qq update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null \
            || echo "could not install:$missing" >&2
    else
        echo "not installed, what needs them is skipped:$missing" >&2
    fi
}

# Not editable: the tests run the installed command, as a user has it.
base() {
    [ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
    if ! made_from .venv/stamp requirements-dev.txt; then
        .venv/bin/python -m pip install -q --disable-pip-version-check "uv==$UV_VERSION"
        .venv/bin/uv pip install -q --python .venv/bin/python --compile-bytecode -r requirements-dev.txt
        mark .venv/stamp requirements-dev.txt
    fi
    .venv/bin/uv pip install -q --python .venv/bin/python --compile-bytecode --no-deps --reinstall-package nucliactl .
}
[ "${1:-}" = rest ] || base
[ "${1:-}" = base ] && exit 0

if [ "${1:-}" = bench ]; then
    programs gh:gh kubectl:kubernetes-client valgrind:valgrind
    # Ourselves as a user has us: without the packages of development, some of which httpx would load too.
    .venv/bin/python -m venv --clear --without-pip .cache/bench/nucliactl
    .venv/bin/uv pip install -q --python .cache/bench/nucliactl/bin/python --compile-bytecode --constraint requirements-dev.txt .
    for pins in benchmarks/peers/*.txt; do
        environment ".cache/bench/$(basename "$pins" .txt)" "$pins" .venv/bin/python || echo "$pins could not be installed" >&2
    done
    environment .cache/nuclia tests/real/nuclia/requirements.txt .venv/bin/python || echo "the official client could not be installed" >&2
    exit 0
fi

# What builds and checks the package, the wheels of what builds it, and of its own dependencies the wheels and an environment without more.
release() {
    environment .cache/release release/tools.txt .venv/bin/python && environment .cache/ci tests/distribution/ci.txt .venv/bin/python && environment .cache/frozen release/frozen.txt .venv/bin/python || return 1
    made_from .cache/builders/stamp pyproject.toml release/tools.txt || {
        rm -rf .cache/builders
        .venv/bin/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > .cache/builders.txt
        .cache/release/bin/python -m pip download -qq --only-binary :all: -d .cache/builders -c release/tools.txt -r .cache/builders.txt \
            && mark .cache/builders/stamp pyproject.toml release/tools.txt
    } || return 1
    made_from .cache/runtime/stamp pyproject.toml requirements-dev.txt && return
    rm -rf .cache/runtime .cache/wheels
    .venv/bin/python -c 'import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
print(*project["dependencies"], *project["optional-dependencies"]["redis"], sep="\n")
print("async-timeout")  # redis needs it on Python before 3.11.3: Debian 12 has 3.11.2' > .cache/wheels.txt
    .cache/release/bin/python -m pip download -qq --only-binary :all: -d .cache/wheels -c requirements-dev.txt -r .cache/wheels.txt \
        && .venv/bin/python -m venv --without-pip .cache/runtime \
        && .venv/bin/uv pip install -q --python .cache/runtime/bin/python --compile-bytecode --no-index --find-links .cache/wheels \
            -r .cache/wheels.txt && mark .cache/runtime/stamp pyproject.toml requirements-dev.txt
}
if [ "${1:-}" = release ]; then release; exit; fi

# node FOLDER SOURCE: the Node packages that SOURCE pins.
node() {
    made_from "$1/stamp" "$2/package-lock.json" && return
    rm -rf "$1" && mkdir -p "$1" && cp "$2/package.json" "$2/package-lock.json" "$1/"
    (cd "$1" && npm ci --silent --no-audit --no-fund) && mark "$1/stamp" "$2/package-lock.json"
}

# The documentation's builder, and the diagrams that it draws by Node.
docs() {
    environment .cache/docs docs/requirements.txt .venv/bin/python || echo "the documentation's builder could not be installed" >&2
    # It has also what the tests drive by Node: a certified OAuth server, a browser's remote control.
    node .cache/node tests/real/node || echo "the Node packages could not be installed; their tests are skipped" >&2
    mkdir -p docs/assets && cp .cache/node/node_modules/mermaid/dist/mermaid.min.js docs/assets/ 2>/dev/null \
        || echo "the documentation's diagrams cannot be drawn" >&2
}
if [ "${1:-}" = docs ]; then docs; exit; fi

# What needs Python only. It is installed while the system's programs are.
environments() {
    release || echo "the package's builders could not be installed; their tests are skipped" >&2

    # The schemas of Kubernetes and Compose.
    environment .cache/schemas tests/fleet/schemas.txt .venv/bin/python \
        || echo "the schemas could not be installed; their tests are skipped" >&2

    # NucliaDB's pins install on Python 3.11 and 3.12; its tests may run on any Python, the server is a process of its own.
    if ! made_from .cache/nucliadb/stamp tests/real/nucliadb/requirements.txt; then
        for python in python3.11 python3.12 "$PYTHON"; do
            if "$python" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; then
                environment .cache/nucliadb tests/real/nucliadb/requirements.txt "$python" || true
                break
            fi
        done
        [ -e .cache/nucliadb/stamp ] || echo "NucliaDB could not be installed; its tests are skipped" >&2
    fi

    # The official client, to see that what it really writes is read.
    environment .cache/nuclia tests/real/nuclia/requirements.txt .venv/bin/python \
        || echo "the official client could not be installed; its tests are skipped" >&2

    # A notebook's kernel, and what runs a notebook without a browser.
    environment .cache/notebook tests/real/notebook/requirements.txt .venv/bin/python \
        || echo "Jupyter's kernel could not be installed; its tests are skipped" >&2

    # A server with Vault's API, and an independent client of it.
    environment .cache/openbao tests/fleet/openbao/requirements.txt .venv/bin/python \
        || echo "OpenBao could not be installed; its tests are skipped" >&2

    # What tries our readers with a million inputs each.
    environment .cache/fuzz tests/goals/fuzz.txt .venv/bin/python \
        || echo "Atheris could not be installed; its tests are skipped" >&2
}
environments &

programs nginx:nginx-light openssl:openssl strace:strace valgrind:valgrind setpriv:util-linux dash:dash zsh:zsh fish:fish dh_bash-completion:bash-completion mandoc:mandoc man:man-db vi:vim-tiny curl:curl kubectl:kubernetes-client chromium:chromium npm:npm \
    gnome-keyring-daemon:gnome-keyring dbus-run-session:dbus dbus-send:dbus pass:pass gpg:gnupg redis-server:redis-server redis-cli:redis-tools podman:podman buildah:buildah runc:runc debootstrap:debootstrap tmux:tmux fzf:fzf

# A Debian for the container examples, made once.
if ! made_from .cache/debian/stamp tests/fleet/debian.txt; then
    if command -v debootstrap >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        rm -rf .cache/debian && mkdir -p .cache/debian
        debootstrap $(grep -v "^#" tests/fleet/debian.txt) "$PWD/.cache/debian/root" >/dev/null 2>&1 \
            && mark .cache/debian/stamp tests/fleet/debian.txt
    fi
    [ -e .cache/debian/stamp ] || echo "no Debian could be made; the tests of containers are skipped" >&2
fi

docs

# The newest Python, in Node.
node .cache/wasm tests/distribution/wasm || echo "Python in Node could not be installed; its test is skipped" >&2

wait
