"""Writing a project's pin: `use NAME --here`."""

import os

from nucliactl import hints
from nucliactl.disk.atomic import write_file
from nucliactl.errors import Ambiguous, Malformed, NotWritable, Refused
from nucliactl.model.kinds import KindName
from nucliactl.model.names import check_name, split_names
from nucliactl.profiles.switch import PREVIOUS
from nucliactl.resolver.named import unknown_profile
from nucliactl.sources.pin import PIN, pinned
from nucliactl.sources.sources import Sources, working_directory


def pin(sources: Sources, names: str) -> str:
    """Write the pin of the working directory and return its path. Raises UnknownProfile or Ambiguous
    where the profiles are not there, or two are of one kind."""
    if names == PREVIOUS:
        raise Malformed("--here needs a name.", hint=hints.PIN)
    kinds: dict[KindName, str] = {}
    for name in split_names(names, "use"):
        definition = sources.directories.load(check_name(name))
        if definition is None:
            raise unknown_profile(name, "to pin", sources)
        if definition.kind in kinds:
            raise Ambiguous(
                f"{kinds[definition.kind]} and {name} are both of kind {definition.kind}.",
                hint="Pin one of each kind.",
            )
        kinds[definition.kind] = name
    folder = working_directory()
    if folder is None:
        raise NotWritable("The working directory is gone.", hint="Change to one that exists.")
    path = os.path.join(folder, PIN)
    if os.path.islink(path):
        raise Refused(f"{path} is a link; a project's pin is never written through one.", hint="Remove it.")
    if os.path.isdir(path):
        raise Malformed(f"{path} is a directory.", hint="Remove it; the name goes into a file of that name.")
    write_file(path, pinned(path, names), mode=0o644)
    return path
