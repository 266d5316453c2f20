"""What nearly every document, and every line of one, may say beside its own matter."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.amount import Amount, Measurement, Quantity
from hub.model.charge import Charge, Tax
from hub.model.contact import Contact, OtherNumber
from hub.model.moment import Moment
from hub.model.note import Note
from hub.model.packing import Packing, Trait
from hub.model.party import OtherParty
from hub.model.place import Condition, NamedPlace
from hub.model.price import Price
from hub.model.reference import Reference
from hub.model.said import Said
from hub.model.terms import Carriage, DeliveryTerms, PaymentTerms


class Particulars(Said):
    """Of a whole document. `parties` are those beside the ones that have a field of their own, `dates` and
    `references` likewise."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"references", "dates", "notes", "contacts", "parties", "amounts", "conditions"}
    )

    references: tuple[Reference, ...] = ()
    dates: tuple[Moment, ...] = ()
    notes: tuple[Note, ...] = ()
    contacts: tuple[Contact, ...] = ()
    parties: tuple[OtherParty, ...] = ()
    amounts: tuple[Amount, ...] = ()
    conditions: tuple[Condition, ...] = ()


class TradeParticulars(Particulars):
    """Of a document that buys or sells."""

    terms: tuple[PaymentTerms, ...] = ()
    delivery_terms: tuple[DeliveryTerms, ...] = ()
    carriage: tuple[Carriage, ...] = ()
    charges: tuple[Charge, ...] = ()
    charge_totals: tuple[Charge, ...] = ()
    """The sums over all `charges` of a kind, as the sender reckons them: nothing beside those."""
    taxes: tuple[Tax, ...] = ()
    spare: ClassVar[frozenset[str]] = Particulars.spare | frozenset(
        {"terms", "delivery_terms", "carriage", "charge_totals", "total_quantity", "total_unit",
         "total_weight", "weight_unit", "total_volume",
         "volume_unit", "exchange_rate",
         "target_currency", "reference_currency", "payment_means", "payment_condition", "payment_guarantee",
         "payment_channel", "answer_wanted"}
    )

    total_quantity: Decimal | None = None
    """The sum of the quantities of all lines, as the sender reckons it."""
    total_unit: str | None = None
    total_weight: Decimal | None = None
    weight_unit: str | None = None
    total_volume: Decimal | None = None
    volume_unit: str | None = None
    target_currency: str | None = None
    reference_currency: str | None = None
    """The currency that rates and prices refer to, where it is another one."""
    exchange_rate: Decimal | None = None
    """One of the document's currency is so much of `target_currency`."""
    payment_means: str | None = None
    """A word of `schemas/codes/payment_method.toml`, or the sender's code where there is no word."""
    payment_condition: str | None = None
    payment_guarantee: str | None = None
    payment_channel: str | None = None
    answer_wanted: str | None = None
    """Whether and how the receiver shall answer: X12 587, EDIFACT 4343."""


class LineParticulars(Said):
    """Of a line. `item_codes` are what else the item is called, by words of `schemas/codes/item_code.toml`."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"description_about", "item_codes", "references", "dates", "notes", "amounts", "measurements", "quantities",
         "packings", "traits", "places", "conditions", "parties"}
    )

    item_codes: tuple[OtherNumber, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[Moment, ...] = ()
    notes: tuple[Note, ...] = ()
    amounts: tuple[Amount, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    packings: tuple[Packing, ...] = ()
    traits: tuple[Trait, ...] = ()
    places: tuple[NamedPlace, ...] = ()
    conditions: tuple[Condition, ...] = ()
    parties: tuple[OtherParty, ...] = ()
    description_about: str | None = None
    """What the description speaks of, by words of `schemas/codes/trait.toml`."""


class Component(LineParticulars):
    """A part of what a line is about: of a set, of an assortment. `relation` says how it belongs to the line (X12 662),
    `above` of which other part it is one. X12 SLN."""

    spare: ClassVar[frozenset[str]] = LineParticulars.spare | {"price_source", "price_relation", "prices"}

    number: str | None = None
    above: str | None = None
    relation: str
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    price_source: str | None = None
    price_relation: str | None = None
    gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    prices: tuple[Price, ...] = ()
    charges: tuple[Charge, ...] = ()
    taxes: tuple[Tax, ...] = ()


class TradeLineParticulars(LineParticulars):
    """Of a line that is bought or sold. `price_source` is where the price comes from (a contract, a catalogue): a word
    of `schemas/codes/price_source.toml`, or the sender's code where there is no word. `prices` are further ones."""

    spare: ClassVar[frozenset[str]] = LineParticulars.spare | {"price_source", "prices", "components"}

    price_source: str | None = None
    charges: tuple[Charge, ...] = ()
    taxes: tuple[Tax, ...] = ()
    prices: tuple[Price, ...] = ()
    components: tuple[Component, ...] = ()
