"""Where a shipment is: X12 214, EDIFACT IFTSTA."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from hub.model.cargo import Equipment, Event, Leg, Load, Spot
from hub.model.moment import Moment
from hub.model.note import Note
from hub.model.particulars import Particulars
from hub.model.party import OtherParty, Party
from hub.model.reference import Reference
from hub.model.said import Said


class TransportEvent(Event):
    """An event with its place, its vehicle and what it concerns."""

    place: Spot | None = None
    equipment: tuple[Equipment, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[Moment, ...] = ()
    notes: tuple[Note, ...] = ()
    parties: tuple[OtherParty, ...] = ()
    legs: tuple[Leg, ...] = ()


class Consignment(Said):
    """A part of the shipment with what happened to it."""

    number: str | None = None
    document_number: str | None = None
    events: tuple[TransportEvent, ...] = ()
    places: tuple[Spot, ...] = ()
    references: tuple[Reference, ...] = ()
    loads: tuple[Load, ...] = ()
    notes: tuple[Note, ...] = ()


class TransportStatus(Particulars):
    """What a carrier reports. `number` is the carrier's (PRO number), `shipment_number` the shipper's; `carrier` is a
    SCAC.

    `carrier_name` is left out where a dialect has no room for it.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"carrier_name"})

    number: str
    purpose: str = "original"
    shipment_number: str | None = None
    issued_on: date | None = None
    carrier: str | None = None
    carrier_name: str | None = None
    shipper: Party | None = None
    consignee: Party | None = None
    bill_to: Party | None = None
    consignments: tuple[Consignment, ...] = ()
