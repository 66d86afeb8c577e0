"""All sources of one moment, put together from variables and flags. Making one reads no file."""

from __future__ import annotations

import os

from nucliactl.disk import paths, witness
from nucliactl.disk.reading import Files
from nucliactl.errors import Damaged, Malformed, NotWritable, UnknownProfile
from nucliactl.model.names import DOTENV, ENV
from nucliactl.model.trust import named
from nucliactl.sources.directory import Directories, Directory
from nucliactl.sources.environment.variables import Environment, may_mean_ours
from nucliactl.sources.project import ENV_FILE, Project, find_project, folders
from nucliactl.sources.snapshot import InMemory
from nucliactl.sources.trust import Trust, project_switch, within
from nucliactl.store.active import Active, read_active
from nucliactl.store.config import Config, read_config, system_trust
from nucliactl.store.layout import Store, store_at
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nucliactl.model.profile import Definition
    from nucliactl.sources.environment.unread import Unread
    from nucliactl.sources.official import Entry

MAX_BASES = 5


class Flags(NamedTuple):
    """What the command line (or an SDK argument) says about sources and selection.

    `asked_by` names what gave `profile`, and `said` is how errors call it where people call it otherwise.
    `project` False leaves the project directory out.
    """

    profile: str | None = None
    config_dir: str | None = None
    profiles_dir: str | None = None
    env_file: str | None = None
    project: bool = True
    verbose: bool = False
    asked_by: str = "--profile"
    said: str | None = None


class Sources:
    """Everything a resolver may ask. `store` is None where there is none, or none that can be reached;
    `no_store` says why where that is somebody's mistake. `walks`: whether project directories count.

    Each file is read when it is first asked for, and once.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        flags: Flags,
        cwd: str | None,
        in_memory: InMemory = InMemory(),
        files: Files | None = None,
    ) -> None:
        self.flags, self.in_memory = flags, in_memory
        self.environment = Environment(environ)
        self.files = files or Files()
        self.store, self.no_store = store_at(environ, flags.config_dir, self.files)
        self.directories = Directories(tuple(self._directories(environ)))
        walks, self._trusts_all = project_switch(environ)
        self.walks = flags.project and walks
        self._cwd = cwd if self.walks else None
        self._walk: list[str] | None = None
        self._project: list[Project | None] = []
        self._env_file: list[Environment] = []
        self.official_path = paths.official_path(environ)

    def _directories(self, environ: Mapping[str, str]) -> list[Directory]:
        found, read = list[Directory](), self.files.read
        if self.flags.profiles_dir == "":
            raise Malformed("--profiles-dir is empty.", hint="Give a directory, or leave the flag out.")
        if self.flags.profiles_dir:
            if not witness.is_directory(self.flags.profiles_dir):
                raise Malformed(
                    f"--profiles-dir names {self.flags.profiles_dir}, which does not exist.",
                    hint="Correct the flag.",
                )
            given = os.path.abspath(self.flags.profiles_dir)
            found.append(Directory("flag", given, named(given), allow=self.allows, read=read))
        if self.store:
            found.append(Directory("store", self.store.profiles, self.store.trust, self.store, read=read))
        for path in paths.path_dirs(environ):
            found.append(Directory("path", path, named(path), read=read))
        if os.name == "posix":
            system = os.path.join(paths.SYSTEM, "profiles")
            found.append(Directory("system", system, system_trust(self.store), read=read))
        return found

    def writable(self) -> Store:
        """Return the store for writing; raise what stands in the way, or NotWritable where there is no
        place for one."""
        if self.no_store is not None:
            raise self.no_store
        if self.store is None:
            raise NotWritable(
                "There is no home directory to keep profiles in.",
                hint="Set NUCLIA_CONFIG_DIR to a directory of yours, or use environment variables.",
            )
        return self.store

    def config(self, wanted: Collection[str] | None = None) -> Config:
        """Return the settings files of /etc and of the store; one without a `wanted` key (None: any)
        is not judged."""
        return read_config(self.store, wanted, self.files.read)

    def bases(self, definition: Definition) -> tuple[Definition, ...]:
        """Return what a definition extends, nearest first. They supply defaults only.

        Raises UnknownProfile for a name nobody defines, Damaged for a cycle or more than five.
        """
        chain: list[Definition] = []
        seen = [definition.name]
        name = definition.get("extends")
        while name is not None:
            if name in seen or len(chain) == MAX_BASES:
                said = " → ".join([*seen, name])
                raise Damaged(
                    f"{_extending(definition)} extends in a circle or too deeply: {said}.",
                    hint=f"Shorten the chain; {MAX_BASES} at most.",
                )
            base = self.directories.load(name)
            if base is None:
                raise UnknownProfile(
                    f"There is no profile {name!r}, which {seen[-1]} extends.",
                    hint=f"Correct extends in {_extending(definition)}.",
                )
            chain.append(base)
            seen.append(name)
            name = base.get("extends")
        return tuple(chain)

    def active(self) -> Active:
        return read_active(self.store) if self.store else Active()

    def project(self) -> Project | None:
        """Return the project directory, found by one walk; None if there is none or it is off."""
        if not self._project:
            trust = Trust(self.trusts, paths.home_dir(self.environment.variables))
            self._project.append(find_project(self._folders, self.allows, trust, self.files))
        return self._project[0]

    @property
    def _folders(self) -> list[str]:
        """The directories a project may be in, nearest first."""
        if self._walk is None:  # no `cached_property`: Python 3.11's has a lock that a fork leaves locked
            self._walk = folders(self._cwd) if self._cwd else []
        return self._walk

    def unread(self) -> tuple[Unread, ...]:
        """Return what looks like a variable of ours in the environment (with --env-file, in that file)
        and is not read."""
        file = self.env_file()
        if file is None and not may_mean_ours(self.environment.variables):
            return ()
        from nucliactl.sources.environment.unread import unread, unread_in_file

        return unread_in_file(file.path, self.files, file) if file and file.path else unread(self.environment)

    def unread_in_project(self) -> tuple[Unread, ...]:
        """Return the same of the nearest `.env`."""
        there = self._folders if self.flags.env_file is None else ()
        if not any(witness.exists(os.path.join(folder, ENV_FILE)) for folder in there):
            return ()
        from nucliactl.sources.environment.unread import unread_in_project

        return unread_in_project(there, self.files, self.project())

    def official(self) -> tuple[Entry, ...]:
        """Return what the official client's file offers."""
        if self.official_path is None or not witness.exists(self.official_path):
            return ()
        from nucliactl.sources.official import read_official

        return read_official(self.official_path, self.files.read)

    def env_file(self) -> Environment | None:
        """Return the variables of --env-file, a trusted source of its own; None without the flag."""
        path = self.flags.env_file
        if path is None:
            return None
        if not self._env_file:
            from nucliactl.sources.dotenv import read_env_file

            self._env_file.append(read_env_file(path, self.files.read))
        return self._env_file[0]

    def allows(self, origin: str) -> bool:
        """Say whether a source that is not trusted may lead to an origin: a known root, this
        machine, or one that `allowed_origins` of config.toml names."""
        from nucliactl.model.endpoint import host_of, is_loopback, known_root

        host = host_of(origin)
        if known_root(host.removeprefix("*.")) or is_loopback(host):
            return True
        return origin in self.config(("allowed_origins",)).allowed_origins

    def trusts(self, folder: str) -> bool:
        """Say whether the user trusts the projects at or below a directory (its real path), whoever
        owns or may write their files: `trusted_projects` of config.toml, or NUCLIACTL_PROJECT."""
        return self._trusts_all or any(
            within(folder, one) for one in self.config(("trusted_projects",)).trusted_projects
        )

    def reserved(self, name: str) -> Environment | None:
        """Return the environment that the name `env` or `dotenv` stands for.

        Raises what keeps a project's `.env` from being followed."""
        if name == DOTENV:
            project = self.project()
            for source, problem in project.unheard if project else ():
                if source.kind == DOTENV:
                    raise problem
            return (project and project.environment) or Environment({}, DOTENV, label="the project's .env")
        return self.environment if name == ENV else None

    def unnamed(self) -> Sources:
        """Return the same sources without what the flags select."""
        flags = self.flags._replace(profile=None, env_file=None)
        return Sources(self.environment.variables, flags, self._cwd, files=self.files)


def _extending(definition: Definition) -> str:
    """The line in which a definition says what it extends."""
    from nucliactl.store.lines import place_of

    return place_of(definition.source.location, "extends")


def sources_of(
    environ: Mapping[str, str],
    flags: Flags = Flags(),
    cwd: str | None = None,
    in_memory: InMemory = InMemory(),
) -> Sources:
    """Return the sources under these variables and flags; `cwd` is where the project walk begins,
    `in_memory` what the SDK chose in this process.

    Raises Malformed for --profile beside --env-file, a relative NUCLIA_CONFIG_DIR or
    NUCLIA_PROFILES_PATH.
    """
    if flags.profile is not None and flags.env_file is not None:
        raise Malformed("--profile and --env-file exclude each other.", hint="Give one of them.")
    return Sources(environ, flags, cwd, in_memory)


def working_directory() -> str | None:
    """Return the working directory, None where it has been removed."""
    try:
        return os.getcwd()
    except OSError:
        return None
