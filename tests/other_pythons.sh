#!/bin/sh
# Runs, on the other supported Pythons of this machine, the tests of what differs from one Python to another: the SDK, the
# rules, and on the newest also signals, forks, tracebacks, files and imports. Says which were not found.
set -eu
cd "$(dirname "$0")/.."
sh tests/provision.sh base
own="$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
for version in 3.11 3.12 3.13 3.14; do
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
    [ "$version" = 3.13 ] && part="$part tests/contract tests/hostile/test_crash_and_concurrency.py tests/hostile/test_forks.py
        tests/hostile/test_light_path.py tests/hostile/test_no_second_place.py tests/cli/test_completion.py tests/cli/test_log_in.py"
    "$venv/bin/pytest" -n auto --dist worksteal -m "not real and not once" -p no:cacheprovider $part
done
