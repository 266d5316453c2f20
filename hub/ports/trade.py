"""Orders and what happens to them, shipments, stock, and what was sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from hub.model.exchange import Document
from hub.model.query import Condition, Sort
from hub.ports.page import Page

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order and where its life stands: received, sent, accepted, changed, rejected; `release` when we created it."""

    id: str
    number: str
    buyer: str
    seller: str
    state: str
    placed_on: date
    deliver_on: date | None
    currency: str | None
    message: str | None
    body: dict[str, Any]
    response: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """What arrived of one order line, named by its item or else by its number; `unit` None: the line's own."""

    quantity: float
    gtin: str | None = None
    number: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an order: a despatch, receipt, invoice, change, return, or that it was placed or
    answered. `message` is what brought it, None where the reader may not see that."""

    kind: str
    number: str
    message: str | None
    at: datetime


class Orders(Protocol):
    async def place(self, document: Document, buyer: str, seller: str, message: str | None) -> str | None:
        """Record a new order (state received); None when buyer, seller and number are known already."""

    async def find(self, buyer: str, seller: str, number: str) -> OrderRow | None:
        """The order of that number between these two; None when there is none."""

    async def answer(self, order: str, document: Document, message: str, state: str) -> None:
        """Record the seller's response, what it promises line by line, and the state that follows."""

    async def move(self, order: str, state: str) -> None:
        """Set where its life stands. Raises NotFound."""

    async def amend(self, order: str, document: Document, state: str) -> None:
        """Put a changed order in the place of the old one; what arrived of a line stays known. Raises NotFound."""

    async def happen(self, order: str, kind: str, number: str, message: str | None, body: Mapping[str, Any]) -> bool:
        """Remember a despatch, receipt, invoice or change by its number; False when it is known already."""

    async def of_event(self, buyer: str, seller: str, kind: str, number: str) -> list[OrderRow]:
        """The orders between these two that a despatch, receipt, invoice or change of that number is about."""

    async def receive(self, order: str, arrived: Sequence[Arrived]) -> bool:
        """Add what arrived to the lines of an order; whether all that was promised is there now."""

    async def get(self, order: str) -> OrderRow: ...

    async def timeline(self, order: str) -> list[Happening]:
        """Oldest first, the order itself among them. Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, partner: str | None = None, state: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[OrderRow]:
        """Newest first, unless `order` says otherwise."""

    async def promises(self, agreement: str, first: date, last: date) -> pl.DataFrame:
        """Answered order lines that were due from `first` to `last`: gtin, gln, due, ordered, promised, received (null:
        nothing was said of it), base units."""

    async def overdue(self, agreement: str, as_of: date) -> Sequence[LateOrder]:
        """Orders of which something was due before `as_of` and has not been received, the oldest first."""

    async def open_quantities(self, agreement: str, as_of: date | None = None) -> pl.DataFrame:
        """On order and not received: columns gtin, gln, due (date), quantity (base units). What was due before `as_of`
        is there too; of an order that was received in part it has no date, because the rest is still to come."""


@dataclass(frozen=True, slots=True)
class LateOrder:
    """An order that should have come by now: since when, and how much of it, base units."""

    id: str
    number: str
    buyer: str
    seller: str
    due: date
    quantity: float


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A despatch as far as it is about one order; `body` is the whole document, None once that is purged. `message`
    None: the reader may not see it."""

    id: str
    number: str
    order: str
    buyer: str
    seller: str
    message: str | None
    at: datetime
    body: dict[str, Any] | None


class Shipments(Protocol):
    async def get(self, shipment: str) -> ShipmentRow:
        """Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[ShipmentRow]:
        """Newest first, unless `order` says otherwise."""


@dataclass(frozen=True, slots=True)
class Count:
    """What was reported last: base units, for which day, and since when it is known."""

    quantity: float
    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class StockRow:
    """What is known of the stock of one item at one place, by observation ("on_hand", "in_transit" …)."""

    id: str
    agreement: str
    gtin: str
    gln: str
    counts: Mapping[str, Count]


class StockRoom(Protocol):
    async def get(self, stock: str) -> StockRow:
        """Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[StockRow]:
        """Item-locations that the caller may see any count of, in the order in which they became known."""


class Observations(Protocol):
    async def post(self, agreement: str, message: str, rows: pl.DataFrame) -> int:
        """Append rows (gtin, gln, measure, period: Date, quantity: Float64, base units); returns how many were new."""

    async def history(
        self, agreement: str, measure: str, first: date, last: date, as_of: datetime | None = None
    ) -> pl.DataFrame:
        """Rows gtin, gln, period, quantity; for each the latest accepted message wins."""

    async def latest(self, agreement: str, measure: str) -> pl.DataFrame:
        """The newest period of each item-location: gtin, gln, period, quantity."""
