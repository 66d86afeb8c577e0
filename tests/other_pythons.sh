#!/bin/sh
# Runs the tests that need no real server on the newest further supported Python of this machine, and the rules and the
# SDK on the others; says which were not found.
set -eu
cd "$(dirname "$0")/.."
sh tests/provision.sh base
own="$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
for version in 3.11 3.12 3.13; do
    [ "$version" = "$own" ] && continue
    python=""
    for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python; do
        if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then python="$candidate"; break; fi
    done
    if [ -z "$python" ]; then echo "Python $version: not on this machine"; continue; fi
    venv=".cache/py$version"
    [ -x "$venv/bin/python" ] || "$python" -m venv --without-pip "$venv"
    .venv/bin/uv pip install -q --python "$venv/bin/python" --compile-bytecode -r requirements-dev.txt
    .venv/bin/uv pip install -q --python "$venv/bin/python" --compile-bytecode --no-deps --reinstall-package nucliactl .
    echo "Python $version:"
    part="tests/rules tests/sdk"
    [ "$version" = 3.13 ] && part=tests
    "$venv/bin/pytest" -n auto -m "not real and not once" -p no:cacheprovider $part
done
