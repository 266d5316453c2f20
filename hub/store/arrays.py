"""NumPy arrays as PostgreSQL arrays, both ways and in binary: `int4[]` and `float8[]` without NULLs; written with one
dimension, read with one or two.

Layout (PostgreSQL `array_send`): dimensions, has-null flag, element type, length, lower bound; then each element as its
length and its value, all big-endian.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader, PyFormat
from psycopg.pq import Format

HEAD = 20
ELEMENTS: dict[str, tuple[int, int, np.dtype[Any]]] = {
    "int4": (23, 1007, np.dtype(">i4")), "float8": (701, 1022, np.dtype(">f8")),
}
"""Element type oid, array type oid, and the value on the wire."""
NATIVE = {value: value.newbyteorder("=") for _, _, value in ELEMENTS.values()}


@cache
def cells(value: np.dtype[Any]) -> np.dtype[Any]:
    """An element on the wire, its length before it."""
    return np.dtype([("length", ">i4"), ("value", value)])


class _ArrayDumper(Dumper):
    format = Format.BINARY
    element: str

    def dump(self, obj: npt.NDArray[Any]) -> bytes:
        oid, _, value = ELEMENTS[self.element]
        body = np.empty(len(obj), dtype=cells(value))
        body["length"] = value.itemsize
        body["value"] = obj
        return np.array([1, 0, oid, len(obj), 1], ">i4").tobytes() + body.tobytes()


class Int4ArrayDumper(_ArrayDumper):
    oid = ELEMENTS["int4"][1]
    element = "int4"


class Float8ArrayDumper(_ArrayDumper):
    oid = ELEMENTS["float8"][1]
    element = "float8"


class ArrayDumper(Dumper):
    """Chooses by the array's own type; anything but int32 and float64 is a mistake of ours."""

    format = Format.BINARY

    def get_key(self, obj: npt.NDArray[Any], format: PyFormat) -> Any:
        return (np.ndarray, obj.dtype.str)

    def upgrade(self, obj: npt.NDArray[Any], format: PyFormat) -> Dumper:
        chosen = {"i4": Int4ArrayDumper, "f8": Float8ArrayDumper}[obj.dtype.str[1:]]
        return chosen(np.ndarray)

    def dump(self, obj: npt.NDArray[Any]) -> bytes:
        raise TypeError(f"no array type for {obj.dtype}")


class ArrayLoader(Loader):
    format = Format.BINARY
    element: str

    def load(self, data: Buffer) -> npt.NDArray[Any]:
        value, dimensions = ELEMENTS[self.element][2], int.from_bytes(data[:4], "big")
        head = HEAD if dimensions < 2 else HEAD + (dimensions - 1) * 8
        found = np.frombuffer(data, dtype=cells(value), offset=min(head, len(data)))["value"].astype(NATIVE[value])
        if dimensions < 2:
            return found
        return found.reshape(np.frombuffer(data, ">i4", count=2 * dimensions, offset=12)[::2])


class Int4ArrayLoader(ArrayLoader):
    element = "int4"


class Float8ArrayLoader(ArrayLoader):
    element = "float8"


def register(connection: psycopg.AsyncConnection[Any]) -> None:
    """Teach one connection. Binary cursors then return int4[] and float8[] as arrays, text cursors as lists."""
    adapters = connection.adapters
    for dumper in (Int4ArrayDumper, Float8ArrayDumper):
        adapters.register_dumper(dumper, dumper)  # found by its array type alone: COPY asks by the type of the column
    for by_oid in (Int4ArrayDumper, Float8ArrayDumper):  # COPY names its types and asks for a dumper by oid
        adapters.register_dumper(np.ndarray, by_oid)
    adapters.register_dumper(np.ndarray, ArrayDumper)
    adapters.register_loader(ELEMENTS["int4"][1], Int4ArrayLoader)
    adapters.register_loader(ELEMENTS["float8"][1], Float8ArrayLoader)


COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = b"\xff\xff"


def copied(keys: npt.NDArray[np.int32], vectors: npt.NDArray[np.float64]) -> bytes:
    """Rows of (int4, float8[]) in COPY's binary form: `keys` (n,) beside `vectors` (n, width), all at once."""
    oid, _, value = ELEMENTS["float8"]
    count, width = vectors.shape
    head = np.array([1, 0, oid, width, 1], ">i4")
    row = np.dtype([
        ("fields", ">i2"), ("key_length", ">i4"), ("key", ">i4"), ("length", ">i4"), ("head", ">i4", (5,)),
        ("cells", cells(value), (width,))])
    out = np.empty(count, dtype=row)
    out["fields"], out["key_length"], out["key"] = 2, 4, keys
    out["length"], out["head"] = HEAD + width * (4 + value.itemsize), head
    out["cells"]["length"] = value.itemsize
    out["cells"]["value"] = vectors
    return COPY_HEAD + out.tobytes() + COPY_END
