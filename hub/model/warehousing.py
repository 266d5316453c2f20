"""What warehouse orders and advices of X12 say of the vehicle and how it is loaded. Codes are X12's, as sent."""

from __future__ import annotations

from decimal import Decimal

from hub.model.said import Said


class SpecialHandling(Said):
    """Up to four codes of what the goods need (X12 152). X12 W6."""

    code: str
    code_2: str | None = None
    code_3: str | None = None
    code_4: str | None = None


class VehicleNeed(Said):
    """What kind of vehicle (X12 40) is wanted, and between which temperatures; `vent` is how its vents stand (X12
    1122), `percent` how far. X12 W09."""

    kind: str
    minimum: Decimal | None = None
    minimum_unit: str | None = None
    maximum: Decimal | None = None
    maximum_unit: str | None = None
    text: str | None = None
    vent: str | None = None
    percent: int | None = None
    quantity: Decimal | None = None


class CarrierInstruction(Said):
    """How goods are carried and paid for: `payment` (X12 146), `mode` (91), exchange of pallets (399), how they are
    loaded (400), the way, and where the risk passes. X12 G66 and W66."""

    payment: str | None = None
    mode: str | None = None
    exchange: str | None = None
    loaded: str | None = None
    routing: str | None = None
    point_code: str | None = None
    point: str | None = None
    cod_method: str | None = None
    """How the carrier is to be paid by who receives the goods (X12 625), and how much."""
    cod_amount: Decimal | None = None


class PalletLoad(Said):
    """How a vehicle was loaded (X12 400), on how many pallets, whether those are exchanged (399), its seals, and its
    temperatures; the `weight` is that of the pallets. X12 W10 and PLD."""

    loaded: str | None = None
    pallets: int | None = None
    exchange: str | None = None
    seal: str | None = None
    seal_2: str | None = None
    temperature: Decimal | None = None
    temperature_unit: str | None = None
    temperature_2: Decimal | None = None
    temperature_unit_2: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None


class Consolidation(Said):
    """Whether shipments travel together (X12 604), their weight in all, at how many stops, at which place, and under
    which bill of lading. X12 W28."""

    code: str
    weight: Decimal | None = None
    weight_kind: str | None = None
    weight_unit: str | None = None
    stops: int | None = None
    place: str | None = None
    place_kind: str | None = None
    bill_of_lading: str | None = None
