"""What is told of a quantity or a paid document beside the figure."""

from __future__ import annotations

from hub.model.contact import OtherNumber
from hub.model.said import Said


class StockMovement(Said):
    """How stock has moved: `direction` in or out (EDIFACT 4501), which stock it concerns (7491), why (4499), how the
    balance is reckoned (4503) and an instruction. EDIFACT INV."""

    direction: str | None = None
    stock: str | None = None
    reason: str | None = None
    method: str | None = None
    instruction_kind: str | None = None
    instruction: str | None = None
    instruction_list: str | None = None
    instruction_agency: str | None = None
    instruction_text: str | None = None


class StateReport(Said):
    """In which state something is, as a code or in words, and why. `kind` says the state of what (EDIFACT 9015).
    EDIFACT STS."""

    kind: str | None = None
    code: str | None = None
    code_list: str | None = None
    agency: str | None = None
    text: str | None = None
    reason: str | None = None


class SalesChannel(Said):
    """In which part of the market and through which channel something was sold. EDIFACT MKS."""

    sector: str
    channel: str | None = None
    code_list: str | None = None
    agency: str | None = None
    action: str | None = None


class PaidLine(Said):
    """A line of a paid document: `kind` says which of its numbers is meant (EDIFACT 1073), `item_codes` what it is for.
    What was paid of it stands aside. EDIFACT DLI."""

    kind: str
    number: str | None = None
    item_codes: tuple[OtherNumber, ...] = ()
