#!/bin/sh
# Runs, on the other supported Pythons of this machine, the tests of what differs from one Python to another: the SDK with its
# threads, copies and tracebacks, what is imported when, forks, and what stands beside a module of Python's or builds on one
# (argparse, tomllib, urllib, ssl). A rule that is plain Python is held by one Python alone. Says which were not found.
set -eu
cd "$(dirname "$0")/.."
PART="tests/sdk tests/contract tests/hostile/test_light_path.py tests/hostile/test_forks.py tests/hostile/test_no_second_place.py
    tests/rules/test_light.py tests/rules/test_light_completion.py tests/rules/test_faster_ways.py tests/rules/test_reads.py
    tests/rules/test_names_and_endpoints.py tests/rules/test_certificates.py tests/rules/test_no_secret.py tests/cli/test_log_in.py"
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
    "$venv/bin/pytest" -n auto --dist worksteal -m "not real and not once" -p no:cacheprovider $PART
done
