"""Where bytes come from when somebody calls us: bytes, a path, or anything that is open for reading."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from typing import BinaryIO

Source = bytes | bytearray | memoryview | str | PathLike[str] | BinaryIO
"""A `str` is a path. An open file is read from where it stands, and left open."""


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The source as an open file. Raises OSError for a path that cannot be opened, TypeError for a file of text."""
    if isinstance(source, bytes | bytearray | memoryview):
        yield io.BytesIO(source)
    elif isinstance(source, str | PathLike):
        with open(source, "rb") as file:
            yield file
    elif isinstance(source, io.TextIOBase):
        raise TypeError("open the file in binary mode: its characters are declared inside of it")
    else:
        yield source
