"""A project's pin: written by `use NAME --here`, removed by `use --unset --here`."""

import os

from nucliactl.disk.atomic import remove_file, write_file
from nucliactl.errors import Malformed, NotWritable, Refused
from nucliactl.profiles.selection import Selection
from nucliactl.sources.pin import PIN, pinned, unpinned
from nucliactl.sources.sources import working_directory


def pin(selection: Selection) -> str:
    """Write a selection into the pin of the working directory and return its path. Raises Refused, Damaged
    or NotWritable."""
    path = _path()
    if os.path.islink(path):
        raise Refused(f"{path} is a link; a project's pin is never written through one.", hint="Remove it.")
    if os.path.isdir(path):
        raise Malformed(f"{path} is a directory.", hint="Remove it; the name goes into a file of that name.")
    write_file(path, pinned(path, selection.text), mode=0o644)
    return path


def unpin() -> tuple[str, str | None]:
    """Take the pin out of the working directory; return its path and what it named, None where nothing did.

    A file that is there and is no pin stays (Damaged); so do comments beside the name; of a link, only the
    link goes.
    """
    path = _path()
    if os.path.isdir(path):
        raise Malformed(f"{path} is a directory, and no pin.", hint="Remove it yourself, if nobody needs it.")
    names, rest = unpinned(path)
    if names is None:
        return path, None
    if rest and not os.path.islink(path):
        write_file(path, rest, mode=0o644)
    else:
        remove_file(path)
    return path, names


def _path() -> str:
    folder = working_directory()
    if folder is None:
        raise NotWritable("The working directory is gone.", hint="Change to one that exists.")
    return os.path.join(folder, PIN)
