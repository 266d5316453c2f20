"""What a reader wants of a listing: which rows, in which order. Fields go by the names that readers know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Comparator = Literal["=", "!=", "<", "<=", ">", ">=", "like"]
Comparable = str | float | date | datetime


@dataclass(frozen=True, slots=True)
class Compare:
    """`field` against a value of its own type. "like" takes a text in which each `*` stands for any characters. A field
    without a value is unequal to every value, and neither smaller nor larger than any."""

    field: str
    comparator: Comparator
    value: Comparable


@dataclass(frozen=True, slots=True)
class Present:
    """Whether `field` has a value."""

    field: str


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Condition, ...]


Condition = Compare | Present | Not | Every | Some


@dataclass(frozen=True, slots=True)
class Sort:
    """What has no value comes last, and first where `descending`."""

    field: str
    descending: bool = False
