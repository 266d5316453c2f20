"""Time-phased documents: a small header and very many lines.

A million lines do not fit pydantic objects, so such a document is a header and a Polars frame with a declared schema.
Quantities there are float64: up to 15 significant digits are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, ClassVar, Protocol, overload

from hub.model.late import polars as pl
from hub.model.value import Value


@cache
def polars_type(kind: type) -> Any:
    """The type of a column whose values are of this kind."""
    return {str: pl.String, float: pl.Float64, date: pl.Date}[kind]


class Schema:
    """The columns of a kind of document as Polars knows them, found out when a frame is made."""

    def __get__(self, _: object, document: type[Bulk]) -> dict[str, Any]:
        return {name: polars_type(kind) for name, kind in document.COLUMNS.items()}


class Folded(Protocol):
    """Rows that are kept in less memory than their frame takes: what many of them say is there once."""

    def frame(self) -> pl.DataFrame: ...

    def __hash__(self) -> int: ...


@lru_cache(maxsize=2)
def _unfolded(rows: Folded) -> pl.DataFrame:
    """Who looks at one document looks at its neighbours next, and they share their rows. So the frames last made stay a
    little while; which rows they are of is known by identity."""
    return rows.frame()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows that many documents share, as a frame or folded: `count` of them from `first` (from 0) on. To cut a
    frame costs more memory than a short document has to say, so it is cut when somebody looks."""

    whole: pl.DataFrame | Folded
    first: int
    count: int

    @property
    def lines(self) -> pl.DataFrame:
        whole = self.whole if isinstance(self.whole, pl.DataFrame) else _unfolded(self.whole)
        return whole.slice(self.first, self.count)


Held = Stretch | tuple[Stretch, ...]
"""How the lines of a document are held: as rows shared with others, or as several such, one after the other."""


class Lines:
    """The lines of a document, given as a frame or as it is held, read as a frame."""

    @overload
    def __get__(self, document: None, owner: type[Any]) -> Lines: ...
    @overload
    def __get__(self, document: Bulk, owner: type[Any]) -> pl.DataFrame: ...
    def __get__(self, document: Bulk | None, owner: type[Any]) -> Lines | pl.DataFrame:
        if document is None:
            raise AttributeError("lines")  # to a dataclass: there is no default
        held: pl.DataFrame | Held = document.__dict__["lines"]
        if isinstance(held, Stretch):
            return held.lines
        if isinstance(held, tuple):  # long: what was put together once stays so
            held = document.__dict__["lines"] = pl.concat([one.lines for one in held], rechunk=False)
        return held

    def __set__(self, document: Bulk, lines: pl.DataFrame | Held) -> None:
        document.__dict__["lines"] = lines


@dataclass(frozen=True, eq=False)
class Bulk:
    """`header` and `lines`; equal when headers are equal and `lines.equals`. Subclasses fix both types: `COLUMNS` are
    those of the lines, by name the type of their values."""

    Header: ClassVar[type[Value]]
    COLUMNS: ClassVar[dict[str, type]]
    SCHEMA: ClassVar[Schema] = Schema()
    spare: ClassVar[frozenset[str]] = frozenset()
    """Columns that are left out where a dialect cannot say them; for all others the document is refused."""

    header: Any
    lines: Lines = Lines()

    @property
    def height(self) -> int:
        """How many lines there are."""
        held: pl.DataFrame | Held = self.__dict__["lines"]
        if isinstance(held, tuple):
            return sum(one.count for one in held)
        return held.count if isinstance(held, Stretch) else held.height

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The lines as they are held, to be held by another document."""
        held: pl.DataFrame | Held = self.__dict__["lines"]
        if isinstance(held, tuple):
            return held
        return (held if isinstance(held, Stretch) else Stretch(held, 0, held.height),)

    def __reduce__(self) -> tuple[type[Bulk], tuple[Any, pl.DataFrame]]:
        """Elsewhere it has its own lines, not those that it shares here."""
        return type(self), (self.header, self.lines)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.header == other.header and self.lines.equals(other.lines)

    def __hash__(self) -> int:
        return hash((type(self), self.header, self.height))

    def as_json(self, max_lines: int | None = None) -> dict[str, Any]:
        """Header fields, `lines` as rows (at most `max_lines`) and the true `line_count`."""
        shown = self.lines if max_lines is None else self.lines.head(max_lines)
        rows = shown.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")).to_dicts()
        return {**self.header.model_dump(mode="json"), "line_count": self.height, "lines": rows}
