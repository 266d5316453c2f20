"""Papers that go with goods, and what a document answers to questions and lists. Codes are the standard's, as sent."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.contact import OtherNumber
from hub.model.said import Said


class Paper(Said):
    """A paper that is sent, or wanted. `kind` says what it is (X12 755, EDIFACT 1001). X12 PWK, EDIFACT DOC."""

    spare: ClassVar[frozenset[str]] = frozenset({"name", "status", "source", "language", "role", "scheme", "party"})

    kind: str | None = None
    name: str | None = None
    number: str | None = None
    status: str | None = None
    source: str | None = None
    language: str | None = None
    sent_by: str | None = None
    """On which way it comes: X12 756, EDIFACT 3153."""
    copies: int | None = None
    originals: int | None = None
    role: str | None = None
    scheme: str | None = None
    party: str | None = None
    text: str | None = None
    request: str | None = None


class IndustryCodes(Said):
    """Codes out of the lists of `agency`: each with the list that it is of. X12 LM and LQ."""

    agency: str
    source: str | None = None
    codes: tuple[OtherNumber, ...] = ()


class Specification(Said):
    """A document that says more about the matter, with its number, title and purpose. X12 SPI."""

    spare: ClassVar[frozenset[str]] = frozenset({"security", "status", "action", "report"})

    security: str
    kind: str | None = None
    number: str | None = None
    title: str | None = None
    purpose: str | None = None
    status: str | None = None
    action: str | None = None
    report: str | None = None


class Question(Said):
    """A condition and whether it holds. X12 YNQ."""

    condition: str | None = None
    answer: str
    text: str | None = None
    text_2: str | None = None
    text_3: str | None = None


class FeatureValue(Said):
    """One value, as a code of `agency` or in words. EDIFACT CAV."""

    code: str | None = None
    agency: str | None = None
    text: str | None = None


class Feature(Said):
    """What distinguishes an item: `code` or `text` of what is told, and the values it has. EDIFACT CCI and CAV."""

    kind: str | None = None
    measured: str | None = None
    code: str | None = None
    agency: str | None = None
    text: str | None = None
    values: tuple[FeatureValue, ...] = ()


class State(Said):
    """In which state goods or packages are, by a code of `agency`, and how many. EDIFACT CDI."""

    kind: str
    code: str | None = None
    agency: str | None = None
    text: str | None = None


class Instruction(Said):
    """Who is to do what with something that is wrong. EDIFACT INP."""

    giver: str | None = None
    receiver: str | None = None
    kind: str | None = None
    code: str | None = None
    agency: str | None = None
    text: str | None = None
    status: str | None = None
    by: str | None = None
    action: str | None = None


class Variance(Said):
    """How far a quantity is from what was ordered, and why. `kind` is EDIFACT 6063, `discrepancy` 4221. EDIFACT QVR."""

    difference: Decimal | None = None
    kind: str | None = None
    discrepancy: str | None = None
    reason: str | None = None
    reason_agency: str | None = None
    text: str | None = None


class Flags(Said):
    """Conditions that hold or do not. X12 CRC."""

    category: str
    answer: str
    condition: str
    condition_2: str | None = None
    condition_3: str | None = None
    condition_4: str | None = None
    condition_5: str | None = None


class PersonalData(Said):
    """What is told of a person. X12 DMG."""

    form: str | None = None
    born: str | None = None
    gender: str | None = None
    marital: str | None = None
    ethnicity: str | None = None
    citizenship: str | None = None
    country: str | None = None
    basis: str | None = None
    quantity: Decimal | None = None


class Related(Said):
    """What a fault has to do with, in words or by a code of `agency`. X12 RED."""

    text: str
    code: str | None = None
    agency: str | None = None
    source: str | None = None
    list: str | None = None
    industry: str | None = None
