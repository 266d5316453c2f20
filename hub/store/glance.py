"""One statement as a partner, in one trip to PostgreSQL: the statement itself becomes the partner.

On its connection each statement is a transaction, so the partner is forgotten with the answer, as at the end of every
other transaction. A statement that forgets to become the partner has asked as nobody, to whom row-level security shows
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg.rows import dict_row

from hub.errors import Stop
from hub.store.transaction import Row, Transaction


@dataclass(slots=True)
class Glance(Transaction):
    """Refused with Stop: a second statement, one that does not become the partner (`%(caller)s`, see `hub_forecasts`),
    and everything but `rows` and `row`."""

    asked: bool = False

    async def rows(self, query: LiteralString, *, binary: bool = False, **values: Any) -> list[Row]:
        """Raises Forbidden for a name that no partner has."""
        if self.asked:
            raise Stop("a glance is one statement")
        if self.partner is not None and "%(caller)s" not in query:
            raise Stop("this statement does not become the partner that asks")
        self.asked = True
        cursor = self.connection.cursor(row_factory=dict_row, binary=binary)
        await cursor.execute(query, values)
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
