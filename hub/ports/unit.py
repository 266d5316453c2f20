"""One transaction, and who may open one."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from hub.ports.care import Alerts, DeadLetters, Figures, Retention
from hub.ports.catalogue import Catalogue
from hub.ports.cycles import Cycles, Exceptions, MetricExceptions, Runs, Scorecards
from hub.ports.deliveries import Deliveries, Mailbox, Outbox
from hub.ports.messages import ControlNumbers, Documents, Inbox, Replies
from hub.ports.partners import PartnerBook, Trials
from hub.ports.plans import BusinessPlans, Forecasts, PlanBook, Plans, Replenishment
from hub.ports.record import Audit, Events
from hub.ports.trade import Observations, Orders, Shipments, StockRoom
from hub.ports.transports import Parcel, Receipt


class Queue(Protocol):
    """Defers jobs by name in the Unit's own transaction: the job exists exactly when the data does."""

    async def defer(self, job: str, *, lock: str | None = None, **arguments: str) -> None: ...


class Unit(Protocol):
    """One transaction and everything that can be done in it."""

    inbox: Inbox
    documents: Documents
    orders: Orders
    shipments: Shipments
    stock: StockRoom
    catalogue: Catalogue
    partners: PartnerBook
    observations: Observations
    plans: Plans
    forecasts: Forecasts
    plan_book: PlanBook
    replenishment: Replenishment
    business_plans: BusinessPlans
    exceptions: Exceptions
    runs: Runs
    cycles: Cycles
    scorecards: Scorecards
    metric_exceptions: MetricExceptions
    outbox: Outbox
    deliveries: Deliveries
    mailbox: Mailbox
    alerts: Alerts
    controls: ControlNumbers
    events: Events
    audit: Audit
    dead_letters: DeadLetters
    figures: Figures
    retention: Retention
    trials: Trials
    replies: Replies
    queue: Queue

    @property
    def test(self) -> bool:
        """Whether it is in the sandbox."""

    async def sandbox(self, test: bool) -> None:
        """From here on be in the sandbox, or out of it again. There, orders, observations, plans, control numbers and
        events are those of tests, and live ones can be neither seen nor changed; what is stored is marked a test."""

    async def speak_for(self, partner: str) -> None:
        """From now on this transaction of the worker leaves out of exceptions what `partner` may not see of them."""


class Units(Protocol):
    """Opens transactions as one of the two login roles that serve."""

    def worker(self) -> AbstractAsyncContextManager[Unit]:
        """Sees all sides; answers no call."""

    def reader(self) -> AbstractAsyncContextManager[Unit]:
        """A worker that changes nothing: the database refuses every write."""

    def door(self, partner: str | None) -> AbstractAsyncContextManager[Unit]:
        """Sees what `partner` may see, by row-level security. None: a sender not yet known, who can only deliver."""

    def receiving(self, partner: str | None) -> AbstractAsyncContextManager[Unit]:
        """As `door`, for one file that is handed in: what is written is not waited for piece by piece."""

    def glance(self, partner: str | None) -> AbstractAsyncContextManager[Unit]:
        """As `door`, for one thing that is read: it costs one trip to the store, and a second one is refused."""

    async def take_in(self, parcel: Parcel, job: str, lane: str) -> Receipt:
        """Receive a parcel that is held, no longer than 1 MiB and wants no words of ours (`answer`), as
        `Inbox.receive` does, and defer `job` for a new one: in one trip, after which it is committed."""
