"""Time-phased documents: a small header and very many lines.

A million lines do not fit pydantic objects, so such a document is a header and a Polars frame with a declared schema.
Quantities there are float64: up to 15 significant digits are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, ClassVar, overload

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


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows of a frame that many documents share: `count` of them from `first` (from 0) on. To cut a frame costs
    more memory than a short document has to say, so it is cut when somebody looks."""

    whole: pl.DataFrame
    first: int
    count: int


class Lines:
    """The lines of a document, given as a frame or as a stretch of one, read as a frame."""

    @overload
    def __get__(self, document: None, owner: type[Any]) -> Lines: ...
    @overload
    def __get__(self, document: Bulk, owner: type[Any]) -> pl.DataFrame: ...
    def __get__(self, document: Bulk | None, owner: type[Any]) -> Lines | pl.DataFrame:
        if document is None:
            raise AttributeError("lines")  # to a dataclass: there is no default
        held: pl.DataFrame | Stretch = document.__dict__["lines"]
        return held.whole.slice(held.first, held.count) if isinstance(held, Stretch) else held

    def __set__(self, document: Bulk, lines: pl.DataFrame | Stretch) -> None:
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
        held: pl.DataFrame | Stretch = self.__dict__["lines"]
        return held.count if isinstance(held, Stretch) else held.height

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
