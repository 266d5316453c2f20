"""Application advice: X12 824, EDIFACT APERAK. What a partner's application says to a document, not to its syntax."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from hub.model.note import Note
from hub.model.particulars import Particulars
from hub.model.party import Party
from hub.model.said import Said

AdviceOutcome = Literal["accepted", "accepted_with_errors", "accepted_with_changes", "partially_accepted", "rejected",
                        "received"]


class ApplicationError(Said):
    """One thing that is wrong. `code` is the application's, verbatim; `text` says it in words.

    `field` names the element or place (X12 TED-03/05, EDIFACT ERC and its references), `value` what stood there;
    `notes` are further words, where a dialect has room for them.
    """

    spare: ClassVar[frozenset[str]] = frozenset({"reference", "value", "notes"})

    code: str
    text: str | None = None
    segment: str | None = None
    field: str | None = None
    value: str | None = None
    reference: str | None = None
    notes: tuple[Note, ...] = ()


class AdvisedDocument(Said):
    """One answered document: `number` its own (order, invoice …), `message` its type ("850", "ORDERS").

    `group_control` and `control` are the numbers of its envelope, where they are told.
    """

    outcome: AdviceOutcome | None = None
    number: str | None = None
    message: str | None = None
    group_control: str | None = None
    control: str | None = None
    issued_on: date | None = None
    errors: tuple[ApplicationError, ...] = ()


class ApplicationAdvice(Particulars):
    """An answer of the application. `outcome` and `errors` concern the whole, where they are not said of a document.
    `purpose` is a word of `schemas/codes/purpose.toml`, or the sender's code where there is no word."""

    spare: ClassVar[frozenset[str]] = Particulars.spare | {"purpose"}

    number: str
    purpose: str = "original"
    issued_on: date | None = None
    outcome: AdviceOutcome | None = None
    sender: Party | None = None
    receiver: Party | None = None
    documents: tuple[AdvisedDocument, ...] = ()
    errors: tuple[ApplicationError, ...] = ()
