"""The whole outside world on one page.

`hub.flow` drives these; `adapters`, `partners` and `hub.store` implement them; `hub.app` joins the two. Repositories
hang on a `Unit`: one database transaction, entered with `async with`, committed when the block ends well, rolled back
otherwise. All of them speak short partner names, GTINs, GLNs and public ids; surrogate keys stay inside `hub.store`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, Any, BinaryIO, Literal, Protocol, TypeVar, runtime_checkable

import polars as pl

from hub.errors import Finding
from hub.model.account import Account, Caller, Role
from hub.model.acknowledgement import Acknowledged
from hub.model.agreement import Agreement, Policy
from hub.model.alert import Alert
from hub.model.business_plan import BusinessPlan
from hub.model.event import HubEvent
from hub.model.exception import Act, ExceptionStep, ForecastException, View
from hub.model.exchange import (
    Acknowledgement,
    Address,
    Closing,
    Document,
    Envelope,
    Event,
    Interchange,
    Numbers,
    Reading,
    Sent,
    Status,
    Writing,
)
from hub.model.item import Item, ItemCode, Location, UnitConversion
from hub.model.performance import MetricException, Scorecard
from hub.model.plan import Commit, PlanMeasure, PlanVersion, Reason, Reasons, Series, Vector
from hub.model.profile import Profile, Stage
from hub.model.query import Condition, Sort
from hub.model.retention import Book, Kept, LegalHold

T = TypeVar("T")
R = TypeVar("R")


# -- formats: sans-IO, synchronous, pure ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Guide:
    """How to read one sender: which partner's overlay tables apply, and what an element error does to a transaction."""

    partner: str | None = None
    policy: Policy = "accept_with_errors"


Guides = Callable[[Interchange], Guide]
"""Called once per interchange, when its head is known."""


class Format(Protocol):
    """One family of dialects. Holds no state between calls; memory is bounded by the largest transaction."""

    name: str

    def recognises(self, head: bytes) -> bool:
        """Whether a file that begins with `head` (at least 4 KiB where the file has them) is ours."""

    def read(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        """Everything in the file, in order. Never raises on content."""

    def acknowledge(self, closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
        """The answers to one interchange in its own dialect, addressed back to its sender; [] if none is due."""

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        """One interchange holding `documents` by the table `x12/004010/850`, under `partner`'s overlay.

        Raises Reject when the dialect cannot carry a value (a delimiter in X12 text, a field without a place).
        """


@runtime_checkable
class Numbering(Protocol):
    """A format whose transactions have numbers of their own, by which its receiver answers them."""

    def sent(self, content: bytes) -> Iterator[Sent]:
        """The transactions of an interchange that we wrote, in order."""


@runtime_checkable
class Reporting(Protocol):
    """A format with one answer for everything: no advice is written beside it, so it also tells what the hub's own
    checks have found."""

    def told(self, closing: Closing, checked: Sequence[tuple[Reading, Sequence[Finding]]]) -> Closing:
        """What is to be answered, with the findings of the checks beside those of the reading they are about."""


@runtime_checkable
class Naming(Protocol):
    """A format that names what it leaves out when it writes."""

    def left_out(self, table: str, document: Document, partner: str | None) -> tuple[Finding, ...]:
        """One finding for each field of the document that the table has no place for."""


@runtime_checkable
class Portioning(Protocol):
    """A format that cuts documents into interchanges as a partner takes them, before anything has a number."""

    def portions(
        self, table: str, documents: Sequence[Document], writing: Writing, partner: str | None
    ) -> Iterator[Sequence[Any]]:
        """The messages of one interchange after the other. Raises Reject for what cannot be written, or is larger than
        the partner takes."""

    def bind(self, table: str, portion: Sequence[Any], envelope: Envelope, partner: str | None) -> bytes:
        """One portion as an interchange, under the numbers of its envelope."""


# -- transports ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """All bytes of a file, in memory or in a temporary file, at their beginning."""

    file: IO[bytes]
    sha256: str
    length: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sender is told on the wire, kept to be told again in the very same words."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file on its way in. `claimed_sender` is a partner's short name proven by the channel (token, folder, key).

    `reference` is the sender's own id of the file (Idempotency-Key, AS2 Message-ID). `answer` makes the words for its
    receipt; for a new file they are kept in the same transaction, and a repeat of the reference gets them again.
    `held`: the bytes, when somebody has collected them already. `test`: its sender says that it is one.
    """

    chunks: AsyncIterator[bytes]
    channel: str
    claimed_sender: str | None
    received_at: datetime
    filename: str | None = None
    reference: str | None = None
    answer: Callable[[Receipt], Awaitable[Answer]] | None = None
    held: Held | None = None
    test: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the wire is told, after COMMIT. `duplicate`: the same bytes were there, `message` is the first; `repeated`:
    even under the same reference. `answer`: the words for it, where the parcel wanted some."""

    message: str
    sha256: str
    length: int
    duplicate: bool
    repeated: bool = False
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file on its way out. `message_id` never changes, however often the file is tried: by it, or by the name, the
    receiver knows a repeat. `source` stands at its beginning and holds `length` bytes."""

    message: str
    message_id: str
    receiver: Profile
    filename: str
    format: str | None
    sha256: str
    length: int
    source: BinaryIO


class Transport(Protocol):
    """Delivers outbound files; pollers also fetch."""

    name: str

    async def deliver(self, outgoing: Outgoing) -> str:
        """Hand over one file; returns the receiver's answer, or where the file went, in words.

        Returns only when the receiver has taken it for good. Raises Retry when the receiver cannot take it now
        (`after`: when it says how long that lasts), Reject when it never will. The same file may come again after any
        of them.
        """


# -- the store -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """One stored file, in or out, as the log shows it. `state`: received, processed, rejected, dead | queued, sent,
    acknowledged, failed, kept (a test that is not to be delivered). `sender` and `receiver` are short partner names
    where known. `test`: it touched nothing live; `staged`: because its sender was not live when it came, or said to the
    door that it is one. `purged_at`: when its bytes were taken out."""

    id: str
    direction: str
    channel: str
    state: str
    sender: str | None
    receiver: str | None
    format: str | None
    message: str | None
    version: str | None
    control: str | None
    sha256: str
    length: int
    received_at: datetime
    filename: str | None = None
    in_reply_to: str | None = None
    findings: tuple[Finding, ...] = ()
    test: bool = False
    staged: bool = False
    purged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Sequence[T]):
    """One page of a listing and the key of the next one, None on the last."""

    rows: tuple[T, ...]
    next_key: str | None = None

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)


class Inbox(Protocol):
    async def receive(self, parcel: Parcel, limit: int) -> Receipt:
        """Store the exact bytes in 1 MiB chunks with their SHA-256. Past `limit` bytes: TooLarge, nothing stored.

        Compared is with messages that were accepted, or may still be: what was rejected or died may come again. The
        same reference with other bytes: Reject (REFERENCE_REUSED).
        """

    async def taken_today(self) -> tuple[int, int]:
        """How many files, and bytes, the caller has handed in since midnight UTC."""

    async def taken_since(self, since: datetime) -> tuple[int, datetime | None]:
        """How many files the caller has handed in since then, and when the first of them came."""

    async def get(self, message: str) -> Message:
        """Raises NotFound, also for what the caller may not see."""

    def content(self, message: str) -> AsyncIterator[bytes]:
        """The exact bytes, chunk by chunk."""

    async def piece(self, message: str, offset: int) -> bytes:
        """The bytes that follow after `offset`, at most 1 MiB; none behind the end. Raises NotFound."""

    async def lock(self, message: str) -> Message:
        """The row, locked for this transaction: two workers cannot process the same message."""

    async def settle(
        self, message: str, state: str, *, sender: str | None, receiver: str | None, format: str | None,
        kind: str | None, version: str | None, control: str | None, findings: Sequence[Finding], test: bool = False,
    ) -> None:
        """Record what processing found. What was staged stays a test."""

    async def find(self, number: str, limit: int = 50) -> tuple[Message, ...]:
        """Messages that carry a business number, newest first: an order, despatch or invoice by its own number or by
        the order that it is about, an envelope by its control number (leading zeros do not count), a file by its public
        id; and what the hub wrote because of them."""

    async def reopen(self, message: str) -> Message:
        """Make a rejected or dead message one that was just received; the caller defers its job. Raises NotFound, and
        Reject for any other state or when the same bytes were accepted since."""

    async def seen_control(
        self, interchange: Interchange, sender: str | None, message: str
    ) -> str | None:
        """Remember this sender's interchange control number for `message`; the public id of an earlier message that
        used it already (same format, addresses and number), or None."""

    async def list(
        self, *, partner: str | None = None, direction: str | None = None, state: str | None = None,
        test: bool | None = None, limit: int = 50, after: str | None = None, where: Condition | None = None,
        order: Sequence[Sort] = (),
    ) -> Page[Message]:
        """Newest first, unless `order` says otherwise; only tests or only what is live where `test` says so."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A canonical document with its provenance. `body` is its JSON; bulk documents keep header and counts only."""

    id: str
    message: str
    kind: str
    number: str | None
    sender: str | None
    receiver: str | None
    status: Status
    body: dict[str, Any]


class Documents(Protocol):
    async def add(self, message: str, reading: Reading, sender: str | None, receiver: str | None) -> str:
        """Append one transaction with its findings; returns its public id."""

    async def of_message(self, message: str) -> list[StoredDocument]: ...

    async def current(self, kind: str, senders: Sequence[str]) -> list[StoredDocument]:
        """The newest accepted document of each sender and number, of one kind (a canonical document's name)."""


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

    async def open_quantities(self, agreement: str, as_of: date | None = None) -> pl.DataFrame:
        """On order and not received: columns gtin, gln, due (date), quantity (base units). What was due before `as_of`
        is there too; of an order that was received in part it has no date, because the rest is still to come."""


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


@dataclass(frozen=True, slots=True)
class ItemCard:
    """An item with what the reader calls it, and how its units convert."""

    item: Item
    codes: tuple[ItemCode, ...]
    conversions: tuple[UnitConversion, ...]


class Catalogue(Protocol):
    async def snapshot(self) -> CatalogueView:
        """Everything that checking and conversion need, as one in-memory value."""

    async def items(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[ItemCard]:
        """By GTIN, unless `order` says otherwise."""

    async def locations(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Location]:
        """By GLN, unless `order` says otherwise."""

    async def put(
        self, partner: str, items: Sequence[Item], codes: Sequence[ItemCode], conversions: Sequence[UnitConversion],
        locations: Sequence[Location],
    ) -> None:
        """Insert or version a partner's master data."""


@dataclass(frozen=True, slots=True)
class CatalogueView:
    """Items, locations and what everyone calls them.

    `codes` maps (partner, scheme, code) to a GTIN, `places` maps (partner or None, code) to a GLN, `factors` maps
    (gtin, unit) to base units per unit (the base unit itself maps to 1).
    """

    items: Mapping[str, Item]
    locations: Mapping[str, Location]
    owners: Mapping[str, str]
    codes: Mapping[tuple[str, str, str], str]
    places: Mapping[tuple[str | None, str], str]
    factors: Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class StageStep:
    """One step of a partner's way to being live: who said so, why, when."""

    stage: Stage
    actor: str
    reason: str
    at: datetime


class PartnerBook(Protocol):
    async def profiles(self) -> list[Profile]:
        """As applied, each at the stage that it has now."""

    async def agreements(self) -> list[Agreement]: ...

    async def put(self, profile: Profile, agreements: Sequence[Agreement], overlays: Mapping[str, str]) -> bool:
        """Version a partner's profile, agreements and overlay tables; False when nothing changed."""

    async def overlays(self) -> Mapping[str, Mapping[str, str]]:
        """Every partner's own tables: partner -> "x12/004010/850" -> TOML text, of the current profile versions."""

    async def revision(self) -> int:
        """Another number whenever a profile, stage, agreement, item, code, place or conversion has changed: what was
        read is then out of date. No number comes twice, not even that of a change which was taken back."""

    async def move(self, partner: str, stage: Stage, actor: str, reason: str) -> Stage | None:
        """Bring a partner to a stage; the one before, None when it is there already. Raises NotFound."""

    async def stages(self, partner: str) -> list[StageStep]:
        """How the partner came where it is; oldest first. Raises NotFound."""

    async def issue_token(
        self, partner: str, label: str, *, role: Role = "admin", expires: datetime | None = None,
        overlap: timedelta | None = None,
    ) -> str:
        """A new bearer token of the account `label`, shown once and stored as a hash. The account is opened with that
        role when there is none. `overlap`: how long its older tokens still hold (None: as before)."""

    async def revoke_tokens(self, partner: str, label: str) -> int:
        """Revoke all live tokens of that label; how many. Raises NotFound when there is none."""

    async def caller_of_token(self, token: str) -> Caller | None:
        """Whose live token this is; None when unknown, out of date or revoked. Works without knowing the caller."""

    async def caller_of_gln(self, gln: str, account: str | None = None) -> Caller | None:
        """Who holds a client certificate with this GLN and this account name. Works without knowing the caller."""

    async def accounts(self, partner: str) -> list[Account]:
        """By name, closed ones too."""

    async def account(self, partner: str, name: str) -> Account:
        """Raises NotFound."""

    async def open_account(self, partner: str, name: str, kind: str, role: Role) -> Account:
        """Raises Reject ALREADY_EXISTS for a name that is taken."""

    async def change_account(
        self, partner: str, name: str, *, role: Role | None = None, disabled: bool | None = None,
        revision: int | None = None,
    ) -> Account:
        """Another role, closed or open again, from the next call on. Raises Conflict when `revision` is not the newest,
        NotFound."""


class Observations(Protocol):
    async def post(self, agreement: str, message: str, rows: pl.DataFrame) -> int:
        """Append rows (gtin, gln, measure, period: Date, quantity: Float64, base units); returns how many were new."""

    async def history(
        self, agreement: str, measure: str, first: date, last: date, as_of: datetime | None = None
    ) -> pl.DataFrame:
        """Rows gtin, gln, period, quantity; for each the latest accepted message wins."""

    async def latest(self, agreement: str, measure: str) -> pl.DataFrame:
        """The newest period of each item-location: gtin, gln, period, quantity."""


class Plans(Protocol):
    async def add(
        self, version: PlanVersion, series: Series, reasons: Reasons | None = None, commits: Sequence[Commit] = (),
    ) -> int:
        """Append one version, why it says what it says, and what its author committed to in it; returns its id."""

    async def versions(
        self, agreement: str, *, author: str | None = None, measure: PlanMeasure | None = None, limit: int = 50,
        as_of: datetime | None = None,
    ) -> list[PlanVersion]:
        """Newest first; of those that the hub knew at `as_of`, where that is given."""

    async def latest(
        self, agreement: str, author: str, measure: PlanMeasure, *, as_of: datetime | None = None,
        before: int | None = None,
    ) -> tuple[PlanVersion, Series] | None:
        """The newest version; the one that was newest at `as_of`, or when version `before` was added."""

    async def series(self, version: int) -> Series: ...

    async def reason(self, version: int, gtin: str, gln: str) -> Reason | None:
        """Why a version says what it says of one item at one place; None when nobody has said so."""

    async def told(self, version: int) -> bool:
        """Remember that the partners were told of a version; False when they were before."""

    async def hold(self, agreement: str) -> None:
        """Until this transaction ends, whoever else holds the agreement's plans waits."""


@dataclass(frozen=True, slots=True)
class PlannedSeries:
    """One item-location of one plan version: `values` has shape (weeks,), base units, NaN = none. `id` is public."""

    id: str
    version: PlanVersion
    created_at: datetime
    gtin: str
    gln: str
    values: Vector


class Forecasts(Protocol):
    """Plans as a reader pages through them: series by series, across agreements."""

    async def get(self, forecast: str) -> PlannedSeries:
        """Of any version. Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, agreement: str | None = None, author: str | None = None, measure: PlanMeasure | None = None,
        gtin: str | None = None, gln: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, as_of: datetime | None = None, version: str | None = None,
    ) -> Page[PlannedSeries]:
        """The newest version of each agreement, author and measure, or the newest that was there `as_of`, or the one
        `version`; a steady order within those versions."""


@dataclass(frozen=True, slots=True)
class VersionCard:
    """A plan version by its public id, and what its author committed to in it."""

    id: str
    version: PlanVersion
    created_at: datetime
    commits: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesPair:
    """One item-location in two versions: vectors of each one's own weeks, base units; None: not in that version."""

    gtin: str
    gln: str
    left: Vector | None
    right: Vector | None


class PlanBook(Protocol):
    """Plan versions as a reader finds them."""

    async def get(self, version: str) -> VersionCard:
        """Raises NotFound, also for what the caller may not see."""

    async def of(self, version: int) -> VersionCard:
        """By the number that `Plans.add` gave it. Raises NotFound."""

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
        as_of: datetime | None = None,
    ) -> Page[VersionCard]:
        """Newest first, unless `order` says otherwise; of those that the hub knew at `as_of`, where that is given."""

    async def pairs(self, left: str, right: str, *, limit: int = 50, after: str | None = None) -> Page[SeriesPair]:
        """The item-locations of two versions of one agreement, in a steady order. Raises NotFound, and Reject for
        versions of two agreements."""


@dataclass(frozen=True, slots=True)
class ReplenishedPart:
    """One measure of a replenishment: `forecast` is the series' public id, `values` has shape (weeks,), base units."""

    forecast: str
    values: Vector
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Replenished:
    """How one item at one place is replenished in the weeks from `first_week`: what one cycle planned of it, measure by
    measure, as far as the reader may see them. `newest`: no later cycle has planned anew. `order`: the public id of the
    one that was made of the proposal, with `released` base units of it."""

    id: str
    agreement: str
    gtin: str
    gln: str
    first_week: date
    created_at: datetime
    parts: Mapping[PlanMeasure, ReplenishedPart]
    version: int
    newest: bool
    order: str | None = None
    released: float | None = None


class Replenishment(Protocol):
    """What cycles planned to order, and what stock they expect, line by line."""

    async def get(self, measure: PlanMeasure, id: str) -> Replenished:
        """The row whose `measure` has that public id, of any version. Raises NotFound, also for what the caller may not
        see."""

    async def list(
        self, measure: PlanMeasure, *, agreement: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Replenished]:
        """Rows of the newest version of each agreement that say something of `measure` (proposed_order: only what is
        to be ordered)."""

    async def released(self, version: int, lines: Sequence[tuple[str, str, float]], order: str, actor: str) -> None:
        """Remember which proposals (gtin, gln, base units) of a version became part of an order, and by whom."""


class BusinessPlans(Protocol):
    async def put(self, plan: BusinessPlan) -> bool:
        """Append a version of an agreement's joint business plan; False when it is the one that is there."""

    async def get(self, agreement: str, as_of: datetime | None = None) -> BusinessPlan | None:
        """The newest version (known at `as_of`); None when there is none, or none that the caller may see."""


class Exceptions(Protocol):
    async def add(self, run: str, rows: Sequence[ForecastException], measure: View = "sales_forecast") -> None:
        """Record what a run found about `measure`; adding the same cell twice adds it once.

        Where neither side's number has moved since the run before, what became of the cell there is carried over: its
        offers, or what both signed. What the run before found and this one did not is resolved as `no_longer`.
        """

    async def resolve(self, run: str, rows: Sequence[ForecastException], act: Act = "resolve") -> None:
        """Append to each cell of `rows` its state, settled quantity and rule, as the hub's own act."""

    async def step(self, exception: ForecastException, step: ExceptionStep) -> ForecastException:
        """Append what somebody did; `exception` says the state it leads to, and its revision the one that was seen.

        Raises Conflict when that is not the newest any more.
        """

    async def get(self, exception: str) -> ForecastException:
        """Raises NotFound, also for what the caller may not see."""

    async def newer(self, exception: str) -> bool:
        """Whether a later planning run of the same agreement has compared again."""

    async def history(self, exception: str) -> list[ExceptionStep]:
        """All that happened to it, oldest first."""

    async def known(
        self, agreement: str, at: datetime, limit: int = 200, state: str | None = None
    ) -> Sequence[ForecastException]:
        """The dearest of the newest run that had compared at that moment, as they stood then; those in `state`, where
        it is given."""

    async def of_run(self, run: str, measure: View = "sales_forecast") -> Sequence[ForecastException]:
        """All that a run found about `measure`, in the order found."""

    async def signed(self, agreement: str, measure: View, since: date) -> Sequence[ForecastException]:
        """What both sides have signed for weeks from `since` on; of several for one cell the latest stands last."""

    async def list(
        self, *, agreement: str | None = None, state: str | None = None, run: str | None = None, limit: int = 50,
        after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[ForecastException]:
        """The latest run's unless `run` is given; by value at stake, highest first, unless `order` says otherwise."""


@dataclass(frozen=True, slots=True)
class Run:
    """A planning cycle as a resumable row: `step` is the last finished one of `hub.flow.cycle.STEPS`, `detail` what all
    steps so far have said of themselves."""

    id: str
    agreement: str
    as_of: date
    step: str | None
    state: str
    started_at: datetime
    detail: dict[str, Any]


class Runs(Protocol):
    async def open(self, agreement: str, as_of: date) -> Run:
        """Insert once per agreement and `as_of`; an unfinished one is returned to be resumed."""

    async def advance(self, run: str, step: str, detail: Mapping[str, Any], state: str = "running") -> None: ...

    async def list(self, agreement: str | None = None, limit: int = 20) -> list[Run]: ...


@dataclass(frozen=True, slots=True)
class CycleRow:
    """A planning run as its partners may see it: how far it has come, not what its steps have said. `reason` says why
    it has failed."""

    id: str
    agreement: str
    as_of: date
    state: str
    step: str | None
    started_at: datetime
    stepped_at: datetime | None
    reason: str | None


class Cycles(Protocol):
    """The planning runs of the caller's agreements."""

    async def get(self, run: str) -> CycleRow:
        """Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None
    ) -> Page[CycleRow]:
        """Newest first."""


class Scorecards(Protocol):
    """How good the forecasts and promises of earlier cycles were, as each cycle found out."""

    async def add(self, card: Scorecard) -> None:
        """Once per run: a second time changes nothing."""

    async def get(self, run: str) -> Scorecard:
        """Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, agreement: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Scorecard]:
        """Newest first, unless `order` says otherwise, with the rows that the caller may see; `after` is the run of the
        last one seen."""

    async def exceptions(self, agreement: str, at: datetime | None = None) -> Sequence[MetricException]:
        """Those of the agreement's newest scorecard (as it was known at `at`) that the caller may see, dearest first;
        none where there is no card."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one outbound message fares. `state`: queued, sending, waiting (to be fetched), delivered, failed, discarded.

    `attempts` counts those begun, `failures` those of them that were the hub's own fault, `losses` those in which the
    process died, so that nobody knows whether the file arrived. `elapsed`: seconds since the first attempt. `expects`
    names the acknowledgement that is due at `due_at`, and was found missing at `overdue_at`. `answer`: the last one.
    """

    message: str
    receiver: str
    channel: str
    filename: str
    format: str | None
    kind: str | None
    control: str | None
    sha256: str
    length: int
    state: str
    attempts: int
    failures: int
    losses: int
    queued_at: datetime
    next_at: datetime
    elapsed: float
    expects: str | None = None
    delivered_at: datetime | None = None
    due_at: datetime | None = None
    overdue_at: datetime | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `outcome`: delivered, retry (the receiver could not), refused, failed (the hub could not), lost (the
    process died in the middle), given_back (the process was stopped)."""

    at: datetime
    outcome: str
    answer: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """What an acknowledgement said of an outbound message or a part of it. `scope`: interchange, group, transaction,
    advice; `answer`: the message that said so, None where the reader may not see that."""

    scope: str
    outcome: str
    at: datetime
    group_control: str | None = None
    control: str | None = None
    codes: tuple[str, ...] = ()
    answer: str | None = None


class Deliveries(Protocol):
    """The lanes to the partners: at most one file of each is under way, whichever process carries it. Times are the
    database's, so that all processes agree."""

    async def claim(
        self, courier: int, channels: Sequence[str], limit: int, *, free: Sequence[str] = (), silence: float = 8.0
    ) -> list[Delivery]:
        """Take the first file that is due from each of up to `limit` lanes, for the process `courier`.

        A lane waits while its first file waits, except those of the partners in `free`; a lane whose circuit is open
        waits as a whole. A file is taken from another courier that lost its lock and was silent for `silence` seconds.
        """

    async def beat(self, courier: int) -> None:
        """Show that `courier` still carries what it claimed."""

    async def give_back(self, courier: int, but: Sequence[str] = ()) -> int:
        """Put back what `courier` still holds, except the messages in `but`, due at once; how many."""

    async def succeed(self, message: str, answer: str, seconds: float, expected_in: float | None) -> bool:
        """It has arrived; its acknowledgement is expected within so many seconds (None: none is). Closes the receiver's
        circuit and lets its lane go on at once; True when that was open."""

    async def postpone(
        self, courier: int, message: str, answer: str, seconds: float, again_in: float, *, trip_after: int | None
    ) -> bool:
        """It did not arrive; try again in so many seconds. After `trip_after` failures in a row of any files the
        receiver's circuit opens for that long: True when it opened now. `trip_after` None: it was our own fault."""

    async def fail(self, courier: int, message: str, outcome: str, answer: str, seconds: float) -> bool:
        """Never again, unless somebody asks for it; False when another courier has taken it over."""

    async def resend(self, message: str) -> str:
        """Try it again now, with patience anew and under the same Message-ID; what its state was before.

        Raises NotFound for what is no outbound message, Reject for one that is on its way this moment.
        """

    async def discard(self, message: str) -> None:
        """Give up what is queued, waiting or failed. Raises Reject for anything else."""

    async def get(self, message: str) -> Delivery:
        """Raises NotFound."""

    async def attempts(self, message: str) -> list[Attempt]:
        """Oldest first."""

    async def answered_late(self) -> int:
        """Close the alerts about acknowledgements that came after all; how many."""

    async def overdue(self, limit: int = 100) -> list[Delivery]:
        """Mark and return what was sent and should have been acknowledged by now; each is returned once."""

    async def expect_receipt(self, message: str, within: float) -> None:
        """It is about to leave, and a receipt is to come by itself within so many seconds."""

    async def receipted(self, message: str) -> None:
        """That receipt is there, whatever it says."""

    async def without_receipt(self, limit: int = 100) -> list[Delivery]:
        """Mark and return what has left and whose receipt should be there by now; each is returned once."""

    async def acknowledgements(self, message: str) -> Sequence[Matched]:
        """All that were matched to it, oldest first."""

    async def list(
        self, *, partner: str | None = None, state: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Delivery]:
        """Newest first, unless `order` says otherwise."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits in a partner's mailbox."""

    message: str
    filename: str
    format: str | None
    kind: str | None
    control: str | None
    sha256: str
    length: int
    since: datetime


class Mailbox(Protocol):
    async def take(self, message: str) -> bool:
        """The caller has fetched it for good; False when no such file waits, or waited, for the caller."""

    async def list(self, limit: int = 50, after: str | None = None) -> Page[Waiting]:
        """What waits for the caller, oldest first."""

    async def fetched(self, limit: int = 1000) -> tuple[Waiting, ...]:
        """What the caller has fetched from it, newest first."""

    async def named(self, filename: str, *, waiting: bool = True, fetched: bool = False) -> Waiting | None:
        """A file of that name: the oldest of those that wait, else the newest of those that the caller has fetched."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as it is kept. `closed_at` None: the trouble lasts."""

    id: str
    alert: Alert
    at: datetime
    closed_at: datetime | None = None
    told: tuple[str, ...] = ()
    tries: int = 0


class Announcer(Protocol):
    """A way to tell people about alerts."""

    name: str

    async def tell(self, raised: Raised) -> None:
        """Raises Retry when nobody can be told this way now."""


class Alerts(Protocol):
    async def open(self, alert: Alert, *, again: bool = True) -> bool:
        """Raise an alert, and have people told; False when the same trouble (kind and subject) is open already, or,
        unless `again`, was ever raised."""

    async def of_kind(self, kind: str) -> list[Raised]:
        """All open ones of a kind."""

    async def close(self, kind: str, subject: str) -> bool:
        """The trouble is over; False when there was none."""

    async def untold(self, again_in: float = 120.0, limit: int = 20) -> list[Raised]:
        """Those that are due to be told; unless `told` says otherwise, they are due again in so many seconds."""

    async def told(self, id: str, channels: Sequence[str], again_in: float | None) -> None:
        """It was told over `channels`; the others are tried again in so many seconds (None: no more)."""

    async def list(self, *, all: bool = False, partner: str | None = None, limit: int = 50) -> list[Raised]:
        """Open ones, or `all`; newest first."""


class Outbox(Protocol):
    async def put(
        self, receiver: str, channel: str, filename: str, content: bytes, *, sender: str | None, format: str, kind: str,
        version: str | None, control: str | None, in_reply_to: str | None, expects: str | None = None,
        sent: Sequence[Sent] = (), deliver: bool = True,
    ) -> str:
        """Store an outbound message and its delivery, which begins once this transaction is committed; returns the
        public message id. Without `deliver` it is only kept, to be looked at."""

    async def acknowledged(
        self, from_partner: str, format: str, answer: Acknowledged, scope: str, cause: str | None = None
    ) -> Answered | None:
        """Match an acknowledgement to what we sent to that partner, by the number of a group or an interchange
        (`scope`), and to each transaction in it; None when nothing of ours carries the number. `cause`: the message
        that said it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What an inbound control number means: first, next, gap (`missing` from and to), late (fills a gap), wrapped (the
    counter began again), repeated (in the message `earlier`). `last` is the highest one before."""

    kind: Literal["first", "next", "gap", "late", "wrapped", "repeated"]
    last: int | None = None
    missing: tuple[int, int] | None = None
    earlier: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What we sent that an acknowledgement is about: the message, and its transactions as (type, number) that are
    rejected by it, not mentioned by it, or mentioned without having been sent."""

    message: str
    rejected: tuple[tuple[str, str], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()


class ControlNumbers(Protocol):
    async def take(self, format: str, sender: Address, receiver: Address, scope: str = "interchange") -> int:
        """The next number of this pair, durable with the transaction; wraps after 999999999."""

    async def arrive(
        self, format: str, partner: str, sender: Address, receiver: Address | None, number: int
    ) -> Arrival:
        """Remember a number that came in, and say what it means after those before it. A repeated one changes nothing.
        """

    async def forget(self, partner: str) -> int:
        """Forget which numbers have come from a partner, in the sandbox or out of it, so that it begins anew; how many
        ranges there were."""


class Events(Protocol):
    """What happened, numbered in the order of its commits. Messages, orders and exceptions that change make events by
    themselves, whatever changed them."""

    async def publish(self, events: Iterable[HubEvent]) -> None: ...

    async def list(
        self, *, after: int = 0, limit: int = 100, about: str | None = None
    ) -> list[tuple[int, HubEvent]]:
        """`about`: the first word of the type, for example "order"."""

    async def bounds(self) -> tuple[int, int]:
        """The number of the newest event, and of the last one that is kept no more."""

    async def rung(self, after: int) -> Sequence[tuple[int, str]]:
        """Numbers of events behind `after`, each with a partner that it is for."""

    async def forget(self, before: datetime) -> int:
        """Keep no events from before then; how many there were."""


@dataclass(frozen=True, slots=True)
class AuditProof:
    """An unbroken trail: how many entries, and the digest of the last one, which vouches for all."""

    entries: int
    head: str


class Audit(Protocol):
    async def record(self, actor: str, action: str, subject: str, detail: Mapping[str, Any]) -> None:
        """Append one entry with this transaction; a moment later it is chained by hash to the one before it."""

    async def note(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Append what was read: at (ISO 8601), actor, action, subject. For whoever is calling (`door(None)`)."""

    async def seal(self) -> int:
        """Chain what waits to be chained; how many entries."""

    async def verify(self) -> int:
        """Seal, then walk the chain; the number of entries. Raises Stop at the first broken link."""

    async def proof(self) -> AuditProof:
        """Like `verify`, with the digest that the chain has come to."""

    async def holds(self, head: str) -> bool:
        """Whether the chain once ended with this digest: if not, its end was cut off."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message whose processing or delivery (`job` process or send) failed for good: its bytes stay where they are,
    `reason` says why. `ended`: replayed or discarded, None as long as nobody has cared for it."""

    message: str
    job: str
    reason: str
    attempts: int
    at: datetime
    ended: str | None = None


class DeadLetters(Protocol):
    async def add(self, message: str, job: str, reason: str, attempts: int) -> None: ...

    async def of(self, message: str) -> list[DeadLetter]:
        """Those of one message that wait for somebody; newest first."""

    async def end(self, message: str, action: str, actor: str, reason: str | None = None) -> DeadLetter:
        """Take the newest open one of `message` off the list. Raises NotFound when it has none."""

    async def list(self, limit: int = 50, *, all: bool = False) -> list[DeadLetter]:
        """Those that wait for somebody, or `all`; newest first."""


@dataclass(frozen=True, slots=True)
class Due:
    """A message of which something is over its time: the longest of the `days` that its `partners` agreed on."""

    message: str
    what: Kept
    received_at: datetime
    length: int
    days: int
    partners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueBook:
    """A page of the hub's books that is over its time. `key` gives it its place among the others; `subject` is the
    public id of an order or of a plan's version, or the name of the agreement under which `measure` was reported for
    the week from `period`. `rows` lines or numbers stand on it, written before `before`."""

    what: Book
    key: str
    subject: str
    at: datetime
    before: datetime
    rows: int
    days: int
    partners: tuple[str, ...]
    measure: int | None = None
    period: date | None = None


class Retention(Protocol):
    async def due(self, what: Kept, now: datetime, limit: int = 500, after: str | None = None) -> list[Due]:
        """By public id, after the last one of the page before. What is still to be done, what nobody has agreed an end
        for, and what is under legal hold is not there."""

    async def purge(self, due: Sequence[Due]) -> int:
        """Take it out, and write down that and why; how many of them."""

    async def books(self, what: Book, now: datetime, limit: int = 500, after: str | None = None) -> list[DueBook]:
        """By key, after the last one of the page before. Orders that go on, plans that still speak of what is to come,
        what nobody has agreed an end for, and what is under legal hold is not there. Only what is live: tests are taken
        out by `Trials.clear`."""

    async def purge_books(self, due: Sequence[DueBook]) -> int:
        """Take it out, and write down that and why, with a digest of what was there; how many pages."""

    async def hold(self, partner: str, reason: str, actor: str) -> bool:
        """Purge nothing of a partner from now on; False when that is so already. Raises NotFound."""

    async def release(self, partner: str, actor: str) -> bool:
        """The hold is over; False when there was none. Raises NotFound."""

    async def holds(self, *, all: bool = False) -> list[LegalHold]:
        """Those that last, or `all`; newest first."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test has left in the sandbox. `what`: order (`name` its number, `detail` its state), forecast (agreement,
    measure, its first week; `count` weeks), report (likewise, its last period; `count` figures), numbers (format, range
    of control numbers that came)."""

    what: str
    name: str
    detail: str
    count: int
    at: datetime | None


class Trials(Protocol):
    """The sandbox of one partner."""

    async def of(self, partner: str, limit: int = 100) -> list[Tried]:
        """Newest first. Raises NotFound."""

    async def clear(self, partner: str) -> Mapping[str, int]:
        """Take out what its tests have left, and nothing that is live; how many rows of what. The log of the files
        stays. Raises NotFound, and Reject (HELD) under legal hold."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the hub as a whole, under a name that says what it counts."""

    name: str
    meaning: str
    labels: Mapping[str, str]
    value: float


class Figures(Protocol):
    async def read(self) -> list[Figure]:
        """All of them, as they are now."""


class Replies(Protocol):
    """What was answered to requests that carry an id, so that the same request again gets the first answer."""

    async def claim(self, partner: str, request_id: str, method: str, digest: bytes) -> bytes | None:
        """The kept reply; None when this is the first such request, which must then `keep` its own. A second one waits
        until the first is committed. Raises Reject REQUEST_ID_REUSED when the request was another one."""

    async def keep(self, partner: str, request_id: str, reply: bytes) -> None: ...

    async def forget(self, before: datetime) -> int:
        """Keep no replies from before then; how many there were."""


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


# -- time and work -------------------------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware datetime, UTC."""


class Executor(Protocol):
    async def map(
        self, function: Callable[[T], R], shards: Sequence[T], done: Callable[[int], None] | None = None
    ) -> list[R]:
        """Run a pure, importable function over shards; the results in order of the shards. `done` hears how many are
        finished."""
