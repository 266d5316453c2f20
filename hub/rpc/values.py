"""The types of values in a filter: how each is written, and what it may be compared by."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hub.model.item import valid_gln, valid_gtin
from hub.model.query import Comparable, Comparator
from hub.rpc import convert

if TYPE_CHECKING:
    from google.protobuf.internal.enum_type_wrapper import _EnumTypeWrapper as Enum

SAME: tuple[Comparator, ...] = ("=", "!=")
ORDERED: tuple[Comparator, ...] = (*SAME, "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` raises ValueError with what a value should look like. `wild`: `*` in a text stands for anything."""

    read: Callable[[str], Comparable]
    comparators: tuple[Comparator, ...] = SAME
    wild: bool = False


def number() -> Kind:
    return Kind(_number, ORDERED)


def text() -> Kind:
    return Kind(str, SAME, wild=True)


def day() -> Kind:
    return Kind(_day, ORDERED)


def moment() -> Kind:
    return Kind(_moment, ORDERED)


def gtin() -> Kind:
    return Kind(valid_gtin)


def gln() -> Kind:
    return Kind(valid_gln)


def named(collection: str) -> Kind:
    """A resource name; compared is the id behind the slash."""

    def read(value: str) -> str:
        head, slash, id = value.partition("/")
        if head != collection or not slash or not id:
            raise ValueError(f'must look like "{collection}/…"')
        return id

    return Kind(read)


def word(kind: Enum[Any], stored: Callable[[str], str] = str) -> Kind:
    """A value of an enum by its name, `STATE_SENT`; compared is the store's word for it."""

    def read(value: str) -> str:
        if value not in kind.keys()[1:]:
            raise ValueError(f"must be one of {', '.join(kind.keys()[1:])}")
        return stored(convert.wanted(kind, kind.Value(value), "filter") or "")

    return Kind(read)


def _number(value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        raise ValueError("must be a number") from None
    if not math.isfinite(found):
        raise ValueError("must be a finite number")
    return found


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError('must be a day like "2026-11-22"') from None


def _moment(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = datetime.min
    if found.tzinfo is None or not 1 < found.year < 9999:
        raise ValueError('must be a moment with its zone like "2026-11-22T08:00:00Z"')
    return found
