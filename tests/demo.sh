#!/bin/sh
# The main job, as a person and a program do it. Runs inside `nucliactl sandbox -- …`, which gives the variables.
set -eu
step() { printf '\n\033[1m$ %s\033[0m\n' "$*"; "$@"; }

echo "The service below is a stand-in on this machine (nucliactl sandbox); nothing in it is real."

printf '\n$ nucliactl auth kb %s - < key.txt\n' "$SANDBOX_KB_URL"
printf '%s\n' "$SANDBOX_KB_KEY" | nucliactl auth kb "$SANDBOX_KB_URL" -
printf '\n$ nucliactl auth kb %s - < key.txt\n' "$SANDBOX_KB2_URL"
printf '%s\n' "$SANDBOX_KB2_KEY" | nucliactl auth kb "$SANDBOX_KB2_URL" -
printf '\n$ nucliactl auth nua - --name pipeline < nua.txt\n'
printf '%s\n' "$SANDBOX_NUA_KEY" | nucliactl auth nua - --name pipeline
step nucliactl auth nucliadb "$SANDBOX_NUCLIADB_URL"
printf '\n$ nucliactl auth login --name me      (a browser opens; here a stand-in of a person signs in)\n'
BROWSER="python -m nucliactl.sandbox.visitor %s" nucliactl auth login --name me
step nucliactl list
step nucliactl use handbook
step nucliactl current
step nucliactl use catalogue
step nucliactl use -
step nucliactl auth status --all
step nucliactl explain

printf '\n$ python program.py\n'
python - <<'PROGRAM'
import nucliactl

profile = nucliactl.resolve()
print("resolve() gives", profile.name, "of kind", profile.kind, "at", profile.url)
with nucliactl.client() as http:
    print("its title:", http.get(profile.url).json()["config"]["title"])
print("resolve(kind='nua') gives", nucliactl.resolve(kind="nua").name)
PROGRAM

printf '\n$ a container: nothing but two variables\n'
env -i PATH="$PATH" NUCLIA_KB_URL="$SANDBOX_KB_URL" NUCLIA_API_KEY="$SANDBOX_KB_KEY" nucliactl current -o json
printf '\nThe demo is done.\n'
