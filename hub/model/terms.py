"""On which terms is paid and delivered, and who carries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.model.value import Value


class PaymentTerms(Value):
    """When is paid and what for paying early: `discount_percent` off until `discount_on` or within `discount_days`.

    `kind` and `basis` (the day from which days count) are words of `schemas/codes/terms.toml` and `terms_basis.toml`.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"kind", "basis"})

    kind: str | None = None
    basis: str | None = None
    due_on: date | None = None
    net_days: int | None = None
    discount_percent: Decimal | None = None
    discount_amount: Decimal | None = None
    discount_on: date | None = None
    discount_days: int | None = None
    description: str | None = None


class DeliveryTerms(Value):
    """Who pays the carriage and where the risk passes. `payment` is a word of `schemas/codes/freight_payment.toml`,
    `code` an Incoterm or other code of the trade, `place` where it holds. X12 FOB, EDIFACT TOD and LOC."""

    spare: ClassVar[frozenset[str]] = frozenset({"function", "code_list", "place_kind", "description"})

    function: str | None = None
    """What the terms are about: EDIFACT 4055."""
    payment: str | None = None
    code: str | None = None
    code_list: str | None = None
    place_kind: str | None = None
    place: str | None = None
    description: str | None = None


class Carriage(Value):
    """One leg of the way. `mode` is a word of `schemas/codes/transport_mode.toml`, `carrier` the code of who carries,
    in `scheme`; `service` how fast. X12 TD5, EDIFACT TDT."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"sequence", "stage", "service", "status", "transit_days", "means", "vehicle", "place_kind", "place", "number"}
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
