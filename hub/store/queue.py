"""Jobs, deferred in the transaction of the data that they are about."""

from __future__ import annotations

from psycopg.types.json import Jsonb

from hub.store.transaction import Transaction


class StoredQueue:
    """`hub.ports.Queue`. The database refuses a door's job whose arguments are anything but public ids."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def defer(self, job: str, *, lock: str | None = None, **arguments: str) -> None:
        await self._transaction.execute(
            "SELECT hub_defer(%(job)s, %(lock)s, %(arguments)s)", job=job, lock=lock, arguments=Jsonb(arguments))
