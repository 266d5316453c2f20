"""What is added to or taken off a price: allowances and charges, and taxes."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from hub.model.said import Said


class Tax(Said):
    """One tax. `kind` is a word of `schemas/codes/tax.toml`, or the sender's code where there is no word; `percent` its
    rate, `base` what it is reckoned from, `number` the tax payer's, `code` the authority's own for the rate.

    X12 TXI, EDIFACT TAX and MOA.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"description", "jurisdiction", "code", "number", "exemption", "relation", "reference",
         "function", "place_kind", "place"}
    )

    kind: str
    category: str | None = None
    percent: Decimal | None = None
    amount: Decimal | None = None
    base: Decimal | None = None
    description: str | None = None
    jurisdiction: str | None = None
    code: str | None = None
    number: str | None = None
    exemption: str | None = None
    relation: str | None = None
    reference: str | None = None
    function: str | None = None
    place_kind: str | None = None
    place: str | None = None


class Charge(Said):
    """An allowance (taken off) or a charge (added). `amount` is never negative; `percent` is of the price it concerns.

    `service` is a word of `schemas/codes/service.toml`, or the sender's code where there is no word: what it is for;
    `agency_code` the same in the list of `agency`. `rate` is an amount per `unit`, `quantity` so many of them.
    `settlement` says how it is paid (off the invoice, by a credit note …): a word of `schemas/codes/settlement.toml`.
    `number` is that of the allowance or the promotion. X12 SAC and G72, EDIFACT ALC.
    """

    spare: ClassVar[frozenset[str]] = frozenset(
        {"agency", "agency_code", "settlement", "number", "option", "sequence", "language", "most", "code_list", "base",
         "exception"}
    )

    kind: str
    """`allowance` or `charge`; what is neither stays the code that was sent, behind the name of its standard."""
    service: str | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    rate: Decimal | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    description: str | None = None
    agency: str | None = None
    agency_code: str | None = None
    settlement: str | None = None
    number: str | None = None
    option: str | None = None
    sequence: str | None = None
    """Which is reckoned first: EDIFACT 1227."""
    language: str | None = None
    most: Decimal | None = None
    """Of a range of quantities the second: SAC-11."""
    code_list: str | None = None
    base: Decimal | None = None
    """What the percentage is taken of."""
    exception: str | None = None
    """The number of an exception from the allowance or promotion: X12 769."""
    taxes: tuple[Tax, ...] = ()

    @property
    def is_foreign(self) -> bool:
        """Whether it is neither taken off nor added, but something that only its own standard has a code for."""
        return ":" in self.kind
