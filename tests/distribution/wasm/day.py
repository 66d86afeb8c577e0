"""Run by newest.mjs: every module is imported, and what needs files only is done."""

import importlib
import os
import pkgutil
import sys

if not hasattr(os, "geteuid"):  # what a browser's Python lacks, and no system of ours
    os.geteuid = os.getegid = os.getuid
    os.getgroups = list

import nucliactl
from nucliactl.cli.main import main

WITHOUT = ("nucliactl.__main__", "nucliactl.testing")  # a command line; pytest's
for found in pkgutil.walk_packages(nucliactl.__path__, "nucliactl."):
    if found.name not in WITHOUT:
        importlib.import_module(found.name)
os.umask(0o077)
os.makedirs("/tmp/store/profiles")
for place in ("/tmp/store", "/tmp/store/profiles"):
    os.chmod(place, 0o700)
for name in ("first", "second"):
    with open(f"/tmp/store/profiles/{name}.toml", "w") as file:
        file.write('kind = "nucliadb"\nurl = "http://localhost:8080"\n')
    os.chmod(file.name, 0o600)
os.environ["NUCLIA_CONFIG_DIR"] = "/tmp/store"
DAY = (
    "list -o json",
    "use second",
    "current",
    "explain",
    "profile set first description=x",
    "profile copy first third",
)
codes = [main(words.split()) for words in DAY]
version = f"{sys.version_info.major}.{sys.version_info.minor}"
print("python", version, "codes", codes, "profile", nucliactl.resolve().name)
