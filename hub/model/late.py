"""Libraries that take long to load and much memory, and that many a process never needs: each is loaded when something
of it is asked for the first time.

    from hub.model.late import polars as pl      instead of      import polars as pl
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class Late:
    """Stands for a module until one of its names is needed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self._name), name)
        setattr(self, name, value)  # the next time it is there
        return value


if TYPE_CHECKING:
    import polars as polars
else:
    polars = Late("polars")
