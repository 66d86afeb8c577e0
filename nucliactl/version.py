"""The version, readable without any import (the package's metadata is slow to find)."""

__version__ = "0.2.0.dev0"
