"""The version, readable without any import (the package's metadata is slow to find)."""

__version__ = "0.1.0"
