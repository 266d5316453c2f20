"""Transactions as the two logins that serve: `hub_worker`, who sees all sides, and `hub_door`,
who sees one partner's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import errors

from hub.errors import Forbidden, Retry
from hub.ports import Parcel, Receipt, Unit
from hub.store.alerts import StoredAlerts
from hub.store.at_once import take_in
from hub.store.business_plans import StoredBusinessPlans
from hub.store.catalogue import StoredCatalogue
from hub.store.controls import StoredControlNumbers
from hub.store.cycles import StoredCycles
from hub.store.dead_letters import StoredDeadLetters
from hub.store.deliveries import StoredDeliveries
from hub.store.documents import StoredDocuments
from hub.store.exceptions import StoredExceptions
from hub.store.figures import StoredFigures
from hub.store.forecasts import StoredForecasts
from hub.store.glance import Glance
from hub.store.inbox import StoredInbox
from hub.store.ledgers import StoredAudit, StoredEvents
from hub.store.mailbox import StoredMailbox
from hub.store.metric_exceptions import StoredMetricExceptions
from hub.store.observations import StoredObservations
from hub.store.orders import StoredOrders
from hub.store.outbox import StoredOutbox
from hub.store.partners import StoredPartnerBook
from hub.store.plan_book import StoredPlanBook
from hub.store.plans import StoredPlans
from hub.store.pool import Pool
from hub.store.queue import StoredQueue
from hub.store.replenishment import StoredReplenishment
from hub.store.replies import StoredReplies
from hub.store.retention import StoredRetention
from hub.store.runs import StoredRuns
from hub.store.sandbox import StoredTrials
from hub.store.scorecards import StoredScorecards
from hub.store.supply import StoredShipments, StoredStock
from hub.store.transaction import Transaction

ENTER: LiteralString = "SELECT hub_enter(%(name)s)"


class StoredUnit(Unit):
    """`hub.ports.Unit` on one transaction; `transaction` is for the store's own tests and for nobody else."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.inbox = StoredInbox(transaction)
        self.documents = StoredDocuments(transaction)
        self.orders = StoredOrders(transaction)
        self.shipments = StoredShipments(transaction)
        self.stock = StoredStock(transaction)
        self.catalogue = StoredCatalogue(transaction)
        self.partners = StoredPartnerBook(transaction)
        self.observations = StoredObservations(transaction)
        self.plans = StoredPlans(transaction)
        self.forecasts = StoredForecasts(transaction)
        self.plan_book = StoredPlanBook(transaction)
        self.replenishment = StoredReplenishment(transaction)
        self.business_plans = StoredBusinessPlans(transaction)
        self.exceptions = StoredExceptions(transaction)
        self.runs = StoredRuns(transaction)
        self.cycles = StoredCycles(transaction)
        self.scorecards = StoredScorecards(transaction)
        self.metric_exceptions = StoredMetricExceptions(transaction)
        self.outbox = StoredOutbox(transaction)
        self.deliveries = StoredDeliveries(transaction)
        self.mailbox = StoredMailbox(transaction)
        self.alerts = StoredAlerts(transaction)
        self.controls = StoredControlNumbers(transaction)
        self.events = StoredEvents(transaction)
        self.audit = StoredAudit(transaction)
        self.dead_letters = StoredDeadLetters(transaction)
        self.figures = StoredFigures(transaction)
        self.replies = StoredReplies(transaction)
        self.retention = StoredRetention(transaction)
        self.trials = StoredTrials(transaction)
        self.queue = StoredQueue(transaction)

    @property
    def test(self) -> bool:
        return self.transaction.test

    async def sandbox(self, test: bool) -> None:
        await self.transaction.sandbox(test)

    async def speak_for(self, partner: str) -> None:
        await self.transaction.scalar(ENTER, name=partner)


class StoredUnits:
    """`hub.ports.Units` over two connection pools."""

    def __init__(
        self, worker_url: str, door_url: str, *, pool_size: int = 10, overflow: int = 10, patience: float = 30
    ) -> None:
        self._worker = Pool(worker_url, pool_size + overflow, patience)
        self._door = Pool(door_url, pool_size + overflow, patience)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[StoredUnit]:
        async with _transaction(self._worker) as connection:
            yield StoredUnit(Transaction(connection, is_door=False))

    @asynccontextmanager
    async def reader(self) -> AsyncIterator[StoredUnit]:
        """Of one moment: what is committed meanwhile is not seen."""
        async with _transaction(self._worker) as connection:
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield StoredUnit(Transaction(connection, is_door=False))

    @asynccontextmanager
    async def door(self, partner: str | None) -> AsyncIterator[StoredUnit]:
        """Raises Forbidden for a name that no partner has."""
        async with _transaction(self._door) as connection:
            yield await _entered(connection, partner)

    @asynccontextmanager
    async def receiving(self, partner: str | None) -> AsyncIterator[StoredUnit]:
        """Statements whose answers nobody reads travel together with the next one (PostgreSQL's pipeline mode)."""
        async with _transaction(self._door) as connection, connection.pipeline():
            yield await _entered(connection, partner)

    @asynccontextmanager
    async def glance(self, partner: str | None) -> AsyncIterator[StoredUnit]:
        """One statement, in one trip; Forbidden for a name that no partner has is raised by that statement."""
        with _by_remedy():
            async with self._door.by_statement() as connection:
                yield StoredUnit(Glance(connection, partner))

    async def take_in(self, parcel: Parcel, job: str, lane: str) -> Receipt:
        with _by_remedy():
            async with self._door.by_statement() as connection:
                return await take_in(connection, parcel, job, lane)

    async def dispose(self) -> None:
        """Close all connections."""
        await self._worker.close()
        await self._door.close()


async def _entered(connection: psycopg.AsyncConnection[Any], partner: str | None) -> StoredUnit:
    """A door's unit that is that partner's. Raises Forbidden for a name that no partner has."""
    transaction = Transaction(connection, partner)
    if partner is not None:
        transaction.partner_id = await transaction.scalar(ENTER, name=partner)
        if transaction.partner_id is None:
            raise Forbidden(f"no partner {partner!r}")
    return StoredUnit(transaction)


@asynccontextmanager
async def _transaction(pool: Pool) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """Committed when the block ends well, rolled back otherwise."""
    with _by_remedy():
        async with pool.transaction() as connection:
            yield connection


@contextmanager
def _by_remedy() -> Iterator[None]:
    """PostgreSQL's errors in the hub's terms."""
    try:
        yield
    except psycopg.Error as failure:
        raise _translated(failure) or failure from failure


def _translated(failure: BaseException | None) -> Exception | None:
    if isinstance(failure, errors.InsufficientPrivilege | errors.ReadOnlySqlTransaction):
        return Forbidden(str(failure).splitlines()[0])
    if isinstance(failure, errors.SerializationFailure | errors.DeadlockDetected | errors.LockNotAvailable):
        return Retry(str(failure).splitlines()[0], reason="CONFLICT")
    if isinstance(failure, psycopg.OperationalError):
        return Retry("the database does not answer", reason="DATABASE_AWAY")
    return None
