"""Strangers' text, made such that PostgreSQL can hold it: no NUL, no half surrogate."""

from __future__ import annotations

from typing import Any, overload

from psycopg.types.json import Jsonb

NUL = "\N{SYMBOL FOR NULL}"


@overload
def text(value: str) -> str: ...
@overload
def text(value: None) -> None: ...
@overload
def text(value: str | None) -> str | None: ...
def text(value: str | None) -> str | None:
    """NUL becomes its symbol ␀, half a surrogate pair a question mark."""
    if value is None or (value.isascii() and "\0" not in value):
        return value
    return value.replace("\0", NUL).encode("utf-8", "replace").decode("utf-8")


def json(value: Any) -> Jsonb:
    return Jsonb(_clean(value))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {text(str(k)): _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    return value
