"""All sources of one moment, put together from variables and flags. Making one reads nothing."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from nucliactl.disk import paths
from nucliactl.model.names import ENV
from nucliactl.model.profile import Definition
from nucliactl.sources.directory import Directories, Directory
from nucliactl.sources.variables import Environment
from nucliactl.store.active import Active, read_active
from nucliactl.store.layout import Store


class Flags(NamedTuple):
    """What the command line (or an SDK argument) says about sources and selection."""

    profile: str | None = None
    config_dir: str | None = None
    profiles_dir: str | None = None


class World(NamedTuple):
    """Everything a resolver may ask. `store` is None where there is no home for one."""

    environment: Environment
    directories: Directories
    store: Store | None
    flags: Flags

    def active(self) -> Active:
        return read_active(self.store) if self.store else Active()

    def definitions(self, name: str) -> Definition | None:
        return self.directories.load(name)

    def reserved(self, name: str) -> Environment | None:
        """Return the environment that a reserved name such as `env` stands for."""
        return self.environment if name == ENV else None


def world(environ: Mapping[str, str], flags: Flags = Flags()) -> World:
    """Return the sources under these variables and flags.

    Raises Malformed for a relative NUCLIA_CONFIG_DIR or NUCLIA_PROFILES_PATH.
    """
    root = paths.store_dir(environ, flags.config_dir)
    store = Store(root) if root else None
    found = []
    if flags.profiles_dir:
        found.append(Directory("flag", os.path.abspath(flags.profiles_dir)))
    if store:
        found.append(Directory("store", store.profiles, store))
    found.extend(Directory("path", path) for path in paths.path_dirs(environ))
    if os.name == "posix":
        found.append(Directory("system", os.path.join(paths.SYSTEM, "profiles")))
    return World(Environment(environ), Directories(tuple(found)), store, flags)
