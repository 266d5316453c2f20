"""One table laid over another: only the rows that differ are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(base: Mapping[str, Any], rows: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the rows that differ laid over it; an empty string takes a row away."""
    result = dict(base)
    for key, value in rows.items():
        if isinstance(value, Mapping):
            result[key] = merged(result.get(key, {}), value)
        elif value == "":
            result.pop(key, None)
        else:
            result[key] = value
    return result
