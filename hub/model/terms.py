"""On which terms is paid and delivered, and who carries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Self

from hub.model.said import Said
from hub.model.value import Halved

DISCOUNT = ("discount_percent", "discount_amount", "discount_on", "discount_days")


class PaymentTerms(Said, Halved):
    """When is paid and what for paying early: `discount_percent` off until `discount_on` or within `discount_days`.

    `kind` and `basis` (the day from which days count) are words of `schemas/codes/terms.toml` and `terms_basis.toml`.

    X12 ITD says discount and net in one segment; EDIFACT PAT has room for one number of days, so that "2 % within 10
    days, net within 30" takes two: one for the discount (22), one for the rest (1). Two such neighbours are one offer.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"kind", "basis", "deferred_on", "deferred_amount", "payable_percent", "month_day", "method", "percent",
         "time", "relation", "period", "discounted_amount", "due_kind", "discountable", "installment"}
    )

    kind: str | None = None
    basis: str | None = None
    due_on: date | None = None
    net_days: int | None = None
    discount_percent: Decimal | None = None
    discount_amount: Decimal | None = None
    discounted_amount: Decimal | None = None
    """What is due where the discount is taken."""
    discount_on: date | None = None
    discount_days: int | None = None
    description: str | None = None
    deferred_on: date | None = None
    deferred_amount: Decimal | None = None
    payable_percent: Decimal | None = None
    month_day: int | None = None
    method: str | None = None
    percent: Decimal | None = None
    time: str | None = None
    relation: str | None = None
    period: str | None = None
    due_kind: str | None = None
    """What happens to what is due on `due_on`: X12 283."""
    discountable: Decimal | None = None
    """The part of the total that the discount is taken from."""
    installment: str | None = None

    def halves(self) -> tuple[Self, ...]:
        """The discount, then the rest, where both count days."""
        if self.net_days is None or self.discount_days is None:
            return (self,)
        discount = {name: getattr(self, name) for name in DISCOUNT}
        return type(self)(**discount), self.model_copy(update=dict.fromkeys(DISCOUNT))

    @classmethod
    def joined(cls, pieces: Sequence[Self]) -> tuple[Self, ...]:
        """A discount within some days and the net days behind it are one; whatever else stands alone."""
        terms: list[Self] = []
        for one in pieces:
            whole = terms[-1]._with(one) if terms else None
            terms[-1 if whole else len(terms):] = [whole or one]
        return tuple(terms)

    def _with(self, other: Self) -> Self | None:
        """Both together, None where they are two offers."""
        said = other._filled()
        if self.discount_days is None or self.net_days is not None or other.net_days is None:
            return None
        if said.keys() & self._filled().keys():
            return None
        return self.model_copy(update=said)

    def _filled(self) -> dict[str, Any]:
        """What it says, by field."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}


class DeliveryTerms(Said):
    """Who pays the carriage and where the risk passes. `payment` is a word of `schemas/codes/freight_payment.toml`,
    `code` an Incoterm or other code of the trade, `place` where it holds. X12 FOB, EDIFACT TOD and LOC."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"function", "code_list", "place_kind", "description", "title_kind", "title", "risk", "text", "terms_kind"}
    )

    function: str | None = None
    """What the terms are about: EDIFACT 4055."""
    payment: str | None = None
    code: str | None = None
    code_list: str | None = None
    place_kind: str | None = None
    place: str | None = None
    description: str | None = None
    terms_kind: str | None = None
    title_kind: str | None = None
    title: str | None = None
    """Where the title passes."""
    risk: str | None = None
    text: str | None = None


class Carriage(Said):
    """One leg of the way. `mode` is a word of `schemas/codes/transport_mode.toml`, `carrier` the code of who carries,
    in `scheme`; `service` how fast. X12 TD5, EDIFACT TDT."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"sequence", "stage", "service", "status", "transit_days", "means", "vehicle", "place_kind", "place",
         "number", "direction", "transit_kind", "service_2", "service_3", "country", "reason", "ownership", "payment",
         "exchange", "loaded", "point_kind", "point", "equipment_owner", "equipment", "region", "on", "amount"}
    )

    sequence: str | None = None
    """Where in the chain of carriers, as X12 element 133 has it."""
    stage: str | None = None
    """Before, on or after the main leg, as EDIFACT 8051 has it."""
    mode: str | None = None
    scheme: str | None = None
    carrier: str | None = None
    name: str | None = None
    number: str | None = None
    """Of the voyage, flight or trip."""
    means: str | None = None
    """The vehicle: a name, a plate."""
    vehicle: str | None = None
    """What kind of vehicle it is: EDIFACT 8179."""
    service: str | None = None
    status: str | None = None
    transit_days: Decimal | None = None
    place_kind: str | None = None
    place: str | None = None
    direction: str | None = None
    transit_kind: str | None = None
    service_2: str | None = None
    service_3: str | None = None
    country: str | None = None
    reason: str | None = None
    ownership: str | None = None
    payment: str | None = None
    """Who pays it: a word of `schemas/codes/freight_payment.toml`."""
    exchange: str | None = None
    """Whether pallets are exchanged: X12 399."""
    loaded: str | None = None
    """X12 400."""
    point_kind: str | None = None
    point: str | None = None
    """Where the title passes: X12 433, and in words."""
    equipment_owner: str | None = None
    equipment: str | None = None
    """The letters and the number on the trailer or container."""
    region: str | None = None
    on: date | None = None
    amount: Decimal | None = None
