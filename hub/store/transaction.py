"""One open transaction, as the repositories see it: a psycopg connection, and for whom it was opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.rows import dict_row

from hub.errors import NotFound, Stop
from hub.ports import Page

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows that are in COPY's binary form already."""

    content: bytes


@dataclass(slots=True)
class Transaction:
    """`partner` is the one that a door serves; None for the worker and for a sender not yet known. `test`: it is in the
    sandbox."""

    connection: psycopg.AsyncConnection[Any]
    partner: str | None = None
    partner_id: int | None = None
    is_door: bool = True
    test: bool = False
    _ids: dict[tuple[str, str], int] = field(default_factory=dict)

    async def sandbox(self, test: bool) -> None:
        if test != self.test:
            await self.scalar("SELECT set_config('hub.sandbox', %(where)s, true)", where="on" if test else "off")
            self.test = test

    async def rows(self, query: LiteralString, *, binary: bool = False, **values: Any) -> list[Row]:
        async with self.connection.cursor(row_factory=dict_row, binary=binary) as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchall()

    async def row(self, query: LiteralString, **values: Any) -> Row | None:
        async with self.connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchone()

    async def one(self, query: LiteralString, **values: Any) -> Row:
        """The row of a query that always has one."""
        row = await self.row(query, **values)
        if row is None:
            raise Stop(f"no row from {query!r}")
        return row

    async def scalar(self, query: LiteralString, *, binary: bool = False, **values: Any) -> Any:
        """The first column of the first row; None when there is none."""
        async with self.connection.cursor(binary=binary) as cursor:
            await cursor.execute(query, values)
            row = await cursor.fetchone()
            return None if row is None else row[0]

    async def execute(self, query: LiteralString, **values: Any) -> int:
        """How many rows were touched."""
        async with self.connection.cursor() as cursor:
            await cursor.execute(query, values)
            return cursor.rowcount

    async def many(self, query: LiteralString, rows: Sequence[Row]) -> int:
        """One pipelined round for all rows."""
        if not rows:
            return 0
        if len(rows) == 1:  # a pipeline for one costs twice as much as the statement
            return await self.execute(query, **rows[0])
        async with self.connection.cursor() as cursor:
            await cursor.executemany(query, rows)
            return cursor.rowcount

    @asynccontextmanager
    async def incoming(
        self, shape: LiteralString, types: Sequence[str], rows: Iterable[Sequence[Any]] | Prepared
    ) -> AsyncIterator[None]:
        """`rows` in a temporary table `incoming` of that `shape`, by binary COPY (a table under row-level security
        refuses COPY); gone when the block ends."""
        await self.execute("CREATE TEMPORARY TABLE incoming (" + shape + ") ON COMMIT DROP")
        async with self.connection.cursor() as cursor:
            async with cursor.copy("COPY incoming FROM STDIN (FORMAT binary)") as copy:
                if isinstance(rows, Prepared):
                    await copy.write(rows.content)
                else:
                    copy.set_types(list(types))
                    for row in rows:
                        await copy.write_row(row)
            await cursor.execute("ANALYZE incoming")
        yield
        await self.execute("DROP TABLE incoming")

    # -- names to surrogate keys -----------------------------------------------------------------------------------

    async def partner_key(self, name: str) -> int:
        """Raises NotFound, also for a partner that the caller may not see."""
        return await self._key("partner", name, "SELECT id FROM partner WHERE name = %(name)s")

    async def maybe_partner_key(self, name: str | None) -> int | None:
        return None if name is None else await self.partner_key(name)

    async def agreement_key(self, name: str) -> int:
        return await self._key("agreement", name, "SELECT id FROM agreement WHERE name = %(name)s")

    async def message_key(self, public_id: str, *, lock: bool = False) -> int:
        """`lock`: after everybody who holds the row, and nobody gets it before this transaction is over."""
        if lock:
            self._ids.pop(("message", public_id), None)
            return await self._key("message", public_id, "SELECT id FROM message WHERE public_id = %(name)s FOR UPDATE")
        return await self._key("message", public_id, "SELECT id FROM message WHERE public_id = %(name)s")

    async def _key(self, kind: str, name: str, query: LiteralString) -> int:
        if (kind, name) not in self._ids:
            found = await self.scalar(query, name=name)
            if found is None:
                raise NotFound(f"no {kind} {name!r}")
            self._ids[kind, name] = found
        return self._ids[kind, name]


def page(rows: Sequence[Row], limit: int, value_of: Callable[[Row], T]) -> Page[T]:
    """A page of `limit` values out of `limit` + 1 rows: the one too many says that there is a next page."""
    return Page(tuple(map(value_of, rows[:limit])), rows[limit - 1]["public_id"] if len(rows) > limit else None)
