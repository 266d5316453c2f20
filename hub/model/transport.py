"""What transport messages of EDIFACT say of charges, offices, movements and places on a vessel.

Codes are the standard's, as sent; `list` and `agency` say whose they are (EDIFACT 1131 and 3055).
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said


class TransportCharge(Said):
    """A charge for carriage, by `code` or `text`, who pays it where (EDIFACT 4237), and the class of rates that it is
    reckoned by. EDIFACT TCC."""

    code: str | None = None
    list: str | None = None
    agency: str | None = None
    text: str | None = None
    payment: str | None = None
    item: str | None = None
    rate: str | None = None
    rate_list: str | None = None
    rate_agency: str | None = None
    rate_text: str | None = None
    supplement: str | None = None
    supplement_list: str | None = None
    supplement_agency: str | None = None
    supplement_2: str | None = None
    supplement_list_2: str | None = None
    supplement_agency_2: str | None = None
    commodity: str | None = None
    commodity_list: str | None = None
    commodity_agency: str | None = None
    detail: str | None = None
    detail_list: str | None = None
    detail_agency: str | None = None


class ChargePayment(Said):
    """How charges of a `category` are paid (`method`), and by whom (`payment`, EDIFACT 4237). EDIFACT CPI."""

    category: str | None = None
    list: str | None = None
    agency: str | None = None
    method: str | None = None
    method_list: str | None = None
    method_agency: str | None = None
    payment: str | None = None


class OfficialAction(Said):
    """What up to four public offices do with a transport (`movement`, EDIFACT 8323): the `office` (9415), how it is
    involved (9411), what it does (9417) and by which procedure (9353). EDIFACT GOR."""

    spare: ClassVar[frozenset[str]] = frozenset(
        f"{name}_{at}" for name in ("office", "involvement", "action", "procedure") for at in (2, 3, 4)
    )

    movement: str | None = None
    office: str | None = None
    involvement: str | None = None
    action: str | None = None
    procedure: str | None = None
    office_2: str | None = None
    involvement_2: str | None = None
    action_2: str | None = None
    procedure_2: str | None = None
    office_3: str | None = None
    involvement_3: str | None = None
    action_3: str | None = None
    procedure_3: str | None = None
    office_4: str | None = None
    involvement_4: str | None = None
    action_4: str | None = None
    procedure_4: str | None = None


class Movement(Said):
    """From where to where the carrier answers for goods or a container (EDIFACT 8335), how it is loaded (`plan`) and
    who arranges the haulage (EDIFACT 8341). EDIFACT TMD."""

    kind: str | None = None
    text: str | None = None
    plan: str | None = None
    haulage: str | None = None


class Placement(Said):
    """The vehicle or vessel that goods or a container are loaded on, by code or name, with its flag (`country`).
    EDIFACT TPL."""

    code: str | None = None
    list: str | None = None
    agency: str | None = None
    name: str | None = None
    country: str | None = None


class CarriageService(Said):
    """What is agreed of the carriage: its `conditions` (EDIFACT 4065), one or two services (7273), how urgent it is
    (4219) and what kind of cargo it is (7085). EDIFACT TSR."""

    spare: ClassVar[frozenset[str]] = frozenset({"service_2", "service_list_2", "service_agency_2"})

    conditions: str | None = None
    conditions_list: str | None = None
    conditions_agency: str | None = None
    service: str | None = None
    service_list: str | None = None
    service_agency: str | None = None
    service_2: str | None = None
    service_list_2: str | None = None
    service_agency_2: str | None = None
    priority: str | None = None
    priority_list: str | None = None
    priority_agency: str | None = None
    nature: str | None = None
    nature_list: str | None = None
    nature_agency: str | None = None


class CargoNature(Said):
    """What kind of cargo it is: EDIFACT 7085. EDIFACT GDS."""

    code: str
    list: str | None = None
    agency: str | None = None


class UnitCount(Said):
    """How many there are, `kind` says of what (EDIFACT 6353). EDIFACT EQN."""

    number: Decimal | None = None
    kind: str | None = None
