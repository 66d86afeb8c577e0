"""Importing a package that nucliactl does not bring along."""

from importlib import import_module
from typing import Any

from nucliactl.errors import NotInstalled


def imported(module: str, distribution: str) -> Any:
    """Return a module of another package. Raises NotInstalled with the name that `pip` knows it by."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise  # it is installed, and lacks something itself
    raise NotInstalled(
        f"The package {distribution} is not installed in this Python.",
        hint=f"Install it beside nucliactl: pip install {distribution}",
    )
