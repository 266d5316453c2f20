"""Item maintenance: X12 888. New items and what has changed about known ones, without prices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.amount import Measurement, Quantity
from hub.model.contact import OtherNumber
from hub.model.moment import Moment
from hub.model.note import Note
from hub.model.order import Purpose
from hub.model.particulars import Particulars
from hub.model.party import OtherParty, Party
from hub.model.pricing import MarketArea, PriceBracket, RetailPrice
from hub.model.reference import Reference
from hub.model.said import Said


class PackageForm(Said):
    """What a pack is called beside its GTIN (`item_codes`: `schemas/codes/item_code.toml`) and its measures:
    edges and volume each with the unit that they are told in, `weight` in `weight_unit`."""

    item_codes: tuple[OtherNumber, ...] = ()
    weight: Decimal | None = None
    weight_kind: str | None = None
    weight_unit: str | None = None
    height: Decimal | None = None
    height_unit: str | None = None
    width: Decimal | None = None
    width_unit: str | None = None
    length: Decimal | None = None
    length_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    pack: Decimal | None = None
    inner: Decimal | None = None
    size: Decimal | None = None
    size_unit: str | None = None
    colour: str | None = None


class ConsumerUnit(PackageForm):
    """What consumers buy. `till_text` is printed on their receipt."""

    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    till_text: str | None = None
    till_text_2: str | None = None


class MaintainedItem(PackageForm):
    """What the seller sells: usually a case. `layer` of them lie in one of the `layers` of a pallet."""

    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    layers: int | None = None
    layer: int | None = None
    quantities: tuple[Quantity, ...] = ()
    dates: tuple[Moment, ...] = ()
    areas: tuple[MarketArea, ...] = ()
    references: tuple[Reference, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    retail_prices: tuple[RetailPrice, ...] = ()
    parties: tuple[OtherParty, ...] = ()
    units: tuple[ConsumerUnit, ...] = ()


class ItemChange(Said):
    """What is done to `items`: `action` is a word of `schemas/codes/maintenance.toml` or the sender's code."""

    action: str
    dates: tuple[Moment, ...] = ()
    notes: tuple[Note, ...] = ()
    items: tuple[MaintainedItem, ...] = ()


class ItemMaintenance(Particulars):
    """New and changed items of a seller, as of `issued_on`."""

    number: str | None = None
    purpose: Purpose = "original"
    issued_on: date | None = None
    buyer: Party | None = None
    seller: Party | None = None
    brackets: tuple[PriceBracket, ...] = ()
    changes: tuple[ItemChange, ...] = ()
