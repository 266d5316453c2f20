"""Listings that their readers narrow and sort: conditions become SQL by SQLAlchemy, values stay parameters.

A page continues after a row, not after a number of rows: what comes or goes meanwhile shifts nothing. Texts sort by
code point.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg

from hub.errors import NotFound, Reject
from hub.model.query import Compare, Condition, Every, Not, Present, Some, Sort
from hub.store.measures import WORD
from hub.store.transaction import Row, Transaction

Column = sa.ColumnElement[Any]
_WHENS = " ".join(f"WHEN {known} THEN '{word}'" for known, word in WORD.items())
DIALECT = psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's constructor has no types


def text(name: str) -> Column:
    return sa.literal_column(name, sa.Text)


def whole(name: str) -> Column:
    return sa.literal_column(name, sa.BigInteger)


def number(name: str) -> Column:
    return sa.literal_column(name, sa.Double)


def day(name: str) -> Column:
    return sa.literal_column(name, sa.Date)


def moment(name: str) -> Column:
    return sa.literal_column(name, sa.DateTime(timezone=True))


def measured(name: str) -> Column:
    """The word of a measure that is kept as a number."""
    return text(f"(CASE {name} {_WHENS} END)")


@dataclass(frozen=True, slots=True)
class Listing:
    """Where rows come from, the SQL of each field that readers know, and the steady order: `key` is unique. `named`:
    how a row is found by its public id, where that is put together of several columns."""

    source: LiteralString
    columns: Mapping[str, Column]
    public: Column
    key: Column
    order: tuple[Sort, ...] = ()
    newest_first: bool = True
    named: Callable[[str], Column] | None = None

    async def rows(
        self, transaction: Transaction, select: LiteralString, *, where: Condition | None = None,
        order: Sequence[Sort] = (), limit: int, after: str | None = None, always: LiteralString = "true",
        binary: bool = False, **values: Any,
    ) -> list[Row]:
        """Up to `limit` rows of `SELECT select source`, those behind the row `after`; `always` narrows too, with
        `values`. Raises Reject when `after` is not there any more."""
        sorts = [*((self._column(sort.field), sort.descending) for sort in order or self.order),
                 (self.key, self.newest_first)]
        parts: list[Column] = [] if where is None else [condition(where, self.columns)]
        if after is not None:
            parts.append(behind(sorts, await self._place(transaction, sorts, after, values)))
        narrowed, given = rendered(sa.and_(sa.true(), *parts))
        ordered, _ = rendered(sa.tuple_(*(c.desc() if down else c.asc() for c, down in sorts)))
        query = f"{select} {self.source} WHERE ({always}) AND {narrowed} ORDER BY {ordered[1:-1]} LIMIT %(limit)s"
        return await transaction.rows(query, binary=binary, **values, **given, limit=limit)

    def _column(self, field: str) -> Column:
        column = self.columns[field]
        return column.collate("C") if isinstance(column.type, sa.Text) else column

    async def _place(
        self, transaction: Transaction, sorts: Sequence[tuple[Column, bool]], after: str, values: Row
    ) -> list[Any]:
        where, given = rendered(self.public == after if self.named is None else self.named(after))
        fields = ", ".join(f"({rendered(column)[0]}) AS k{number}" for number, (column, _) in enumerate(sorts))
        row = await transaction.row(f"SELECT {fields} {self.source} WHERE {where}", **values, **given)
        if row is None:
            raise Reject("the row that this page continues after is gone: begin without a token", reason="PAGE_LOST")
        return list(row.values())


def by_parts(pattern: re.Pattern[str], columns: Mapping[str, Column]) -> Callable[[str], Column]:
    """How a row is found whose public id is put together of `columns`, by the groups of `pattern`."""

    def named(id: str) -> Column:
        """Raises NotFound for what is no such id."""
        found = pattern.fullmatch(id)
        if found is None:
            raise NotFound(f"nothing is called {id!r}")
        return sa.and_(*(column == found[group] for group, column in columns.items()))

    return named


def behind(sorts: Sequence[tuple[Column, bool]], place: Sequence[Any]) -> Column:
    """Rows that come after the row whose sorted values are `place`."""
    turns: list[Column] = []
    same: list[Column] = []
    for (column, descending), value in zip(sorts, place, strict=True):
        turns.append(sa.and_(*same, _after(column, descending, value)))
        same.append(column.is_(None) if value is None else column == sa.literal(value, column.type))
    return sa.or_(*turns)


def _after(column: Column, descending: bool, value: Any) -> Column:
    """PostgreSQL puts what is null at the end, and at the beginning when it sorts downwards."""
    if value is None:
        return column.is_not(None) if descending else sa.false()
    at = sa.literal(value, column.type)
    return column < at if descending else sa.or_(column > at, column.is_(None))


def condition(wanted: Condition, columns: Mapping[str, Column]) -> Column:
    """True or false for every row, never null."""
    match wanted:
        case Compare():
            return _compare(wanted, columns[wanted.field])
        case Present(field):
            return columns[field].is_not(None)
        case Not(part):
            return sa.not_(condition(part, columns))
        case Every(parts):
            return sa.and_(*(condition(part, columns) for part in parts))
        case Some(parts):
            return sa.or_(*(condition(part, columns) for part in parts))


def _compare(wanted: Compare, column: Column) -> Column:
    value = sa.literal(wanted.value, column.type)
    match wanted.comparator:
        case "=":
            return column.is_not_distinct_from(value)
        case "!=":
            return column.is_distinct_from(value)
        case "like":
            pattern = str(wanted.value).replace("/", "//").replace("%", "/%").replace("_", "/_").replace("*", "%")
            return sa.func.coalesce(column.like(pattern, escape="/"), sa.false())
        case "<":
            return sa.func.coalesce(column < value, sa.false())
        case "<=":
            return sa.func.coalesce(column <= value, sa.false())
        case ">":
            return sa.func.coalesce(column > value, sa.false())
        case ">=":
            return sa.func.coalesce(column >= value, sa.false())


def rendered(element: sa.ClauseElement) -> tuple[str, dict[str, Any]]:
    """Its SQL for psycopg, with names for its values, and the values."""
    compiled = element.compile(dialect=DIALECT)
    return str(compiled), dict(compiled.params)
