"""Party master data: X12 816 (organizational relationships), EDIFACT PARTIN.

Who belongs to whom, and how to reach them.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from hub.model.amount import Quantity
from hub.model.moment import Moment
from hub.model.note import Note
from hub.model.particulars import Particulars
from hub.model.party import OtherParty
from hub.model.terms import DeliveryTerms


class PartyRecord(OtherParty):
    """One party as it is from now on. `number` is its place in the list, `parent` the number of whom it belongs to,
    `level` what it is in the organization (X12 element 735); `action` what happens to the entry (a word of
    `schemas/codes/list_action.toml`). `bank` and `account` are where it is paid."""

    spare: ClassVar[frozenset[str]] = OtherParty.spare | {"number", "parent", "level"}

    number: str | None = None
    parent: str | None = None
    level: str | None = None
    action: str | None = None
    bank: str | None = None
    account: str | None = None
    account_holder: str | None = None
    dates: tuple[Moment, ...] = ()
    notes: tuple[Note, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    delivery_terms: tuple[DeliveryTerms, ...] = ()


class PartyInformation(Particulars):
    """What is known of parties. `parties` are those whom the whole message concerns, `records` the entries."""

    number: str | None = None
    purpose: str = "original"
    issued_on: date | None = None
    records: tuple[PartyRecord, ...] = ()
