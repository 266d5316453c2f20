"""The envelope side of a file: who sends what to whom under which numbers, and how each part was received."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import eq
from typing import Annotated, Literal, cast, get_args, overload

from pydantic import Field

from hub.errors import Finding, Severity
from hub.model.acknowledgement import Acknowledged
from hub.model.activity import Activity
from hub.model.adjustment import Adjustment
from hub.model.advice import ApplicationAdvice
from hub.model.billed_despatch import BilledDespatch
from hub.model.coupon_families import CouponFamilies
from hub.model.despatch import Despatch
from hub.model.exception_notice import ExceptionCriteria, ExceptionNotice
from hub.model.forecast import Forecast
from hub.model.freight_invoice import FreightInvoice
from hub.model.goods_return import GoodsReturn
from hub.model.information_request import InformationRequest
from hub.model.inventory import Inventory
from hub.model.invoice import Invoice
from hub.model.item_authorization import ItemAuthorization
from hub.model.item_maintenance import ItemMaintenance
from hub.model.location_profile import LocationProfile
from hub.model.order import Order
from hub.model.order_change import OrderChange
from hub.model.party_information import PartyInformation
from hub.model.price_list import PriceList
from hub.model.promotion_offer import PromotionOffer
from hub.model.receipt import Receipt
from hub.model.remittance import Remittance
from hub.model.response import OrderResponse
from hub.model.retail_event import RetailEvent
from hub.model.schedule import Schedule
from hub.model.shipping_order import ShippingOrder
from hub.model.tender_response import TenderResponse
from hub.model.text_message import TextMessage
from hub.model.transport_order import TransportOrder
from hub.model.transport_status import TransportStatus
from hub.model.value import Value

Document = (
    Order | OrderResponse | OrderChange | Despatch | Receipt | Invoice | Remittance | PriceList
    | Activity | Inventory | Forecast | Schedule | ApplicationAdvice | Acknowledged
    | ShippingOrder | GoodsReturn | TextMessage | TransportOrder | TenderResponse | TransportStatus | FreightInvoice
    | BilledDespatch | PartyInformation | Adjustment | ExceptionCriteria | ExceptionNotice
    | RetailEvent | LocationProfile | InformationRequest
    | CouponFamilies | ItemAuthorization | ItemMaintenance | PromotionOffer
)
"""Everything a partner can send, as one closed union."""

CANONICAL: dict[str, type[Document]] = {t.__name__: t for t in get_args(Document)}


class Status(StrEnum):
    """What became of one transaction or interchange."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    REJECTED = "rejected"


class Answers(Value):
    """Which answers a partner wants to what it sends.

    `functional`: "999" answers groups of release 005010 and later with a 999 instead of a 997. `interchange`: a TA1
    "as_asked" by ISA14, or "always". `contrl`: "syntax" says what was wrong with each message; "receipt" answers an
    interchange without any fault with action 8, received, which promises no more than that. `application`: an 824 or
    APERAK tells what the hub's own checks found (items, units, prices), in the table that this partner receives it by.
    """

    functional: Literal["997", "999"] = "997"
    interchange: Literal["as_asked", "always"] = "as_asked"
    contrl: Literal["syntax", "receipt"] = "syntax"
    application: bool = False


class Writing(Value):
    """How what goes out to a partner is put together; what is None is as the standard's default has it.

    `charset` is UNOA to UNOY in EDIFACT, ascii, latin-1 or utf-8 in X12; `version` the control version (ISA12) or
    syntax version (UNB 0002); `element`, `component`, `segment` and `repetition` are the separators of X12, and
    `in_place_of_separator` what is written for one of them in a text (None: it is refused). `groups`: EDIFACT in UNG
    and UNE. At most `max_transactions` and `max_bytes` are in one interchange, `max_lines` in one message.
    """

    charset: str | None = None
    version: str | None = None
    element: str | None = None
    component: str | None = None
    segment: str | None = None
    repetition: str | None = None
    in_place_of_separator: str | None = None
    groups: bool = False
    max_transactions: Annotated[int, Field(gt=0)] | None = None
    max_bytes: Annotated[int, Field(gt=0)] | None = None
    max_lines: Annotated[int, Field(gt=0)] | None = None

    def syntax(self) -> dict[str, str]:
        """As `Envelope.syntax` has it."""
        names = ("charset", "version", "element", "component", "segment", "repetition", "in_place_of_separator")
        said = {name: getattr(self, name) for name in names}
        return {name: text for name, text in said.items() if text} | ({"groups": "UNG"} if self.groups else {})


class Address(Value):
    """An envelope address: ISA05/06, UNB 0007/0004, or none of both for CSV."""

    qualifier: str | None = None
    id: str


class Interchange(Value):
    """The head of one envelope (ISA, UNB, or a whole CSV file). `ordinal` counts from 1 in the file, `test` is ISA15 T
    or UNB 0035. `syntax` keeps what an answer in the same dialect needs (delimiters, UNOx level, ISA12 version)."""

    ordinal: int
    format: str
    version: str | None = None
    sender: Address | None = None
    receiver: Address | None = None
    control: str | None = None
    prepared_at: datetime | None = None
    test: bool = False
    answer_requested: bool = True
    syntax: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one transaction (ST–SE, UNH–UNT, a block of CSV lines) turned out to be.

    `message` and `version` are as sent ("850", "004010"; "ORDERS", "D96A"); `table` names the table that read it, None
    when there is none. `group` and `ordinal` count from 1. `document` is None when nothing trustworthy could be mapped;
    one that is rejected may have it all the same, for people to see: only `status` says whether it counts.
    """

    interchange: Interchange
    group: int | None
    ordinal: int
    message: str
    version: str | None
    control: str | None
    status: Status
    document: Document | None
    findings: tuple[Finding, ...] = ()
    table: str | None = None
    segments: int = 0
    identifier: str | None = None
    """The whole message identifier as sent (EDIFACT S009), components joined by the unit separator; where told."""
    reference: tuple[str, str] | None = None
    """The place and text of the document's own number ("BEG03", "4500012345"), told where there are errors."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The part of a `Reading` that an acknowledgement needs: of the findings all but mere notes. Kept until the
    interchange ends, of which a large one has a hundred thousand."""

    message: str
    version: str | None
    control: str | None
    status: Status
    findings: tuple[Finding, ...] = ()
    identifier: str | None = None
    reference: tuple[str, str] | None = None

    @classmethod
    def of(cls, reading: Reading) -> Verdict:
        r = reading
        told = tuple(f for f in r.findings if f.severity is not Severity.INFO) if r.findings else ()
        return cls(r.message, r.version, r.control, r.status, told, r.identifier, r.reference)


MOST_DIGITS = 18


def counts_up(control: str) -> bool:
    """Whether a control number is a plain number."""
    return len(control) <= MOST_DIGITS and control.isascii() and control.isdigit()


class Verdicts(Sequence[Verdict]):
    """The verdicts of one group, in order. Of transactions that are plainly right, and of the same message as the first
    of these, only control numbers are kept, of those that count up by one the first and how many: there may be a
    hundred thousand, and one is like the other."""

    __slots__ = ("_length", "_next", "_said", "_usual")

    def __init__(self) -> None:
        self._said: list[str | tuple[str, int] | Verdict] = []
        self._usual: Verdict | None = None
        self._next: str | None = None
        """The number that would go on counting from the last one."""
        self._length = 0

    def add(self, reading: Reading) -> None:
        r, usual = reading, self._usual
        self._length += 1
        plain = not r.findings and r.status is Status.ACCEPTED and r.reference is None
        if plain and usual is None:
            usual = self._usual = Verdict.of(r)
        alike = usual and (r.message, r.version, r.identifier) == (usual.message, usual.version, usual.identifier)
        if plain and alike and r.control is not None:
            self._add_number(r.control)
        else:
            self._said.append(Verdict.of(r))
            self._next = None

    def _add_number(self, control: str) -> None:
        counting = control == self._next
        if counting:
            last = self._said[-1]
            self._said[-1] = (last[0], last[1] + 1) if isinstance(last, tuple) else (cast(str, last), 2)
        else:
            self._said.append(control)
        self._next = str(int(control) + 1).zfill(len(control)) if counting or counts_up(control) else None

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Verdict]:
        usual = self._usual
        for said in self._said:
            if isinstance(said, Verdict) or usual is None:
                yield cast(Verdict, said)
                continue
            first, count = said if isinstance(said, tuple) else (said, 1)
            numbers = (str(int(first) + at).zfill(len(first)) for at in range(count)) if count > 1 else (first,)
            for number in numbers:
                yield Verdict(usual.message, usual.version, number, Status.ACCEPTED, (), usual.identifier)

    @overload
    def __getitem__(self, at: int) -> Verdict: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, at: int | slice) -> Verdict | Sequence[Verdict]:
        return tuple(self)[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """One functional group (GS–GE, UNG–UNE; one pseudo-group where there is none). `included` is the count its trailer
    claims, `received` what was there."""

    code: str
    control: str | None
    version: str | None
    included: int | None
    received: int
    verdicts: Sequence[Verdict]
    findings: tuple[Finding, ...] = ()
    sender: str | None = None
    receiver: str | None = None
    sender_qualifier: str | None = None
    receiver_qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """An interchange begins."""

    interchange: Interchange


@dataclass(frozen=True, slots=True)
class Closing:
    """An interchange ended (or broke off). `findings` are those of the envelope itself, `receipts` how many answers to
    whole interchanges (TA1) it held. `wanted` says which answers its sender wants; who reads a file need not know."""

    interchange: Interchange
    groups: tuple[GroupVerdict, ...]
    findings: tuple[Finding, ...] = ()
    receipts: int = 0
    wanted: Answers = Answers()  # noqa: RUF009  (frozen)

    @property
    def rejected(self) -> bool:
        return any(f.severity is Severity.ERROR for f in self.findings)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something found outside of any interchange: garbage between two of them, an unknown format, an empty file."""

    finding: Finding


Event = Opening | Reading | Closing | Remark
"""What a `Format` yields while it reads: Opening, Readings, Closing for each interchange; Remarks anywhere."""


class Numbers(Value):
    """Control numbers for one outgoing interchange, already taken from the durable counters.

    `also` numbers a second interchange where an answer needs one (X12: TA1 and 997); without it both share the first.
    """

    interchange: int
    group: int = 1
    also: int | None = None


class Envelope(Value):
    """All that a writer needs to know beyond the document itself."""

    sender: Address
    receiver: Address
    numbers: Numbers
    prepared_at: datetime
    test: bool = False
    syntax: dict[str, str] = {}


class Sent(Value):
    """One transaction of an interchange that we wrote: its type and number, and that of its group (None without)."""

    kind: str
    control: str
    group: str | None = None


class Acknowledgement(Value):
    """An answer to an interchange, ready to send: `type` is 997, 999, TA1, CONTRL or csv; `content` its exact bytes."""

    type: str
    content: bytes
    control: str | None = None
