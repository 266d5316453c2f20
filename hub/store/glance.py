"""One statement as a partner, in one trip to PostgreSQL: entering and asking travel together.

A pipeline outside a transaction is a transaction of its own that ends with it (PostgreSQL, "Pipeline Mode": statements
between two synchronisation points). So the partner that is entered is forgotten with the answer, as at the end of
every other transaction, and whoever nobody knows has asked as nobody, to whom row-level security shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.rows import dict_row

from hub.errors import Forbidden, Stop
from hub.store.transaction import Row, Transaction

ENTER: LiteralString = "SELECT hub_enter(%(name)s)"


@dataclass(slots=True)
class Glance(Transaction):
    """Over a connection on which each statement is a transaction. A second statement would not be the partner's any
    more, so it is refused with Stop, as is everything but `rows` and `row`."""

    asked: bool = False

    async def rows(self, query: LiteralString, *, binary: bool = False, **values: Any) -> list[Row]:
        """Raises Forbidden for a name that no partner has."""
        if self.asked:
            raise Stop("a glance is one statement")
        self.asked = True
        cursor = self.connection.cursor(row_factory=dict_row, binary=binary)
        if self.partner is None:
            await cursor.execute(query, values)
            return await cursor.fetchall()
        async with self.connection.pipeline():
            entering = await self.connection.execute(ENTER, {"name": self.partner})
            await cursor.execute(query, values)
        entered = await entering.fetchone()
        self.partner_id = entered and entered[0]
        if self.partner_id is None:
            raise Forbidden(f"no partner {self.partner!r}")
        return await cursor.fetchall()

    async def row(self, query: LiteralString, **values: Any) -> Row | None:
        found = await self.rows(query, **values)
        return found[0] if found else None

    async def scalar(self, query: LiteralString, *, binary: bool = False, **values: Any) -> Any:
        raise Stop("a glance reads rows")

    async def execute(self, query: LiteralString, **values: Any) -> int:
        raise Stop("a glance changes nothing")

    async def many(self, query: LiteralString, rows: Sequence[Row]) -> int:
        raise Stop("a glance changes nothing")
