"""Planning runs as their partners may see them."""

from __future__ import annotations

from typing import LiteralString

from hub.errors import NotFound
from hub.model.query import Condition
from hub.ports import CycleRow, Page
from hub.store.listing import Listing, text, whole
from hub.store.transaction import Row, Transaction, page

SELECT: LiteralString = "SELECT c.* "
SOURCE: LiteralString = "FROM hub_cycles() AS c "
LISTED = Listing(SOURCE, {
    "agreement": text("c.agreement"), "state": text("c.state"),
}, public=text("c.public_id"), key=whole("c.id"))


class StoredCycles:
    """`hub.ports.Cycles`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, run: str) -> CycleRow:
        row = await self._transaction.row(SELECT + SOURCE + "WHERE c.public_id = %(run)s", run=run)
        if row is None:
            raise NotFound(f"no run {run!r}")
        return _cycle(row)

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None
    ) -> Page[CycleRow]:
        rows = await LISTED.rows(self._transaction, SELECT, where=where, limit=limit + 1, after=after)
        return page(rows, limit, _cycle)


    async def put_away(self, run: str, partner: str) -> None:
        await self._transaction.execute(
            """INSERT INTO run_put_away (run_id, partner_id)
               SELECT r.id, p.id FROM run r, partner p WHERE (r.public_id, p.name) = (%(run)s, %(partner)s)
               ON CONFLICT DO NOTHING""", run=run, partner=partner)

    async def take_up(self, run: str, partner: str) -> None:
        await self._transaction.execute(
            """DELETE FROM run_put_away x USING run r, partner p WHERE (x.run_id, x.partner_id) = (r.id, p.id)
               AND (r.public_id, p.name) = (%(run)s, %(partner)s)""", run=run, partner=partner)


def _cycle(row: Row) -> CycleRow:
    return CycleRow(row["public_id"], row["agreement"], row["as_of"], row["state"], row["step"] or None,
                    row["known_at"], row["stepped_at"], row["reason"])
