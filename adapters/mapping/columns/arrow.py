"""Short texts handed to Polars as Arrow has them: sixteen bytes for each, its length and then the text itself.

The structures are those of the Arrow C data interface, the sixteen bytes those of its string views
(https://arrow.apache.org/docs/format/CDataInterface.html and Columnar.html, "Variable-size Binary View Layout").
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from adapters.mapping.columns.block import Array
from hub.model.late import polars as pl

_HELD: dict[int, Views] = {}
"""What Polars still reads, by its address."""


class _Schema(ctypes.Structure):
    """struct ArrowSchema"""


class _Array(ctypes.Structure):
    """struct ArrowArray"""


_ReleaseSchema = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))
_ReleaseArray = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))
_Schema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_char_p), ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("children", ctypes.c_void_p), ("dictionary", ctypes.c_void_p),
    ("release", _ReleaseSchema), ("private_data", ctypes.c_void_p),
]  # fmt: skip
_Array._fields_ = [
    ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64), ("n_children", ctypes.c_int64), ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.c_void_p), ("dictionary", ctypes.c_void_p),
    ("release", _ReleaseArray), ("private_data", ctypes.c_void_p),
]  # fmt: skip


def _schema_released(schema: Any) -> None:
    schema.contents.release = _ReleaseSchema()


def _array_released(array: Any) -> None:
    _HELD.pop(array.contents.private_data, None)
    array.contents.release = _ReleaseArray()


_ON_SCHEMA, _ON_ARRAY = _ReleaseSchema(_schema_released), _ReleaseArray(_array_released)
_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype = ctypes.py_object
_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


class Views:
    """Views that Polars reads where they are, until it lets go of them."""

    def __init__(self, views: Array) -> None:
        self.views = np.ascontiguousarray(views)
        self.sizes = (ctypes.c_int64 * 1)(0)
        self.buffers = (ctypes.c_void_p * 3)(None, self.views.ctypes.data, ctypes.addressof(self.sizes))
        self.schema = _Schema(b"vu", b"", None, 0, 0, None, None, _ON_SCHEMA, None)
        self.array = _Array(len(views), 0, 0, 3, 0, self.buffers, None, None, _ON_ARRAY, id(self))

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        _HELD[id(self)] = self
        return (
            _capsule(ctypes.addressof(self.schema), b"arrow_schema", None),
            _capsule(ctypes.addressof(self.array), b"arrow_array", None),
        )


def texts(name: str, views: Array) -> pl.Series:
    """A column of texts from the bytes (uint64, rows by 2) of their views. It is Polars' own: what was lent is given
    back before this returns, for a column that still borrowed when Python ends would call into what is no more."""
    lent = pl.Series(Views(views))
    return pl.concat([lent, lent.head(1)], rechunk=True).head(len(views)).alias(name)
