"""What is traded: items, what each partner calls them, and how their units convert."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator

from hub.model.value import Value


def check_digit(digits: str) -> str:
    """The GS1 modulo-10 check digit of `digits` (GS1 General Specifications, 7.9): weights 3, 1, 3 … from the right."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def _gs1_key(text: str, lengths: tuple[int, ...], name: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) in lengths):
        raise ValueError(f"{name} {text!r} must have {' or '.join(map(str, lengths))} digits")
    if check_digit(text[:-1]) != text[-1]:
        raise ValueError(f"{name} {text!r}: the check digit should be {check_digit(text[:-1])}")
    return text


def valid_gtin(text: str) -> str:
    """`text` as a GTIN-14, left-padded. Raises ValueError with the expected check digit."""
    return _gs1_key(text, (8, 12, 13, 14), "GTIN").zfill(14)


def valid_gln(text: str) -> str:
    """`text` as a GLN of 13 digits. Raises ValueError with the expected check digit."""
    return _gs1_key(text, (13,), "GLN")


GTIN = Annotated[str, AfterValidator(valid_gtin)]
GLN = Annotated[str, AfterValidator(valid_gln)]


class Item(Value):
    """A trade item. `base_unit` is a word of `schemas/codes/unit.toml`; `group` its planning family."""

    gtin: GTIN
    name: str
    base_unit: str = "each"
    group: str | None = None
    unit_value: Decimal | None = None


class ItemCode(Value):
    """What one partner calls an item: `scheme` says in whose numbering the code is, seen from that partner."""

    gtin: GTIN
    scheme: Literal["buyer", "seller"]
    code: str


class UnitConversion(Value):
    """1 `unit` of this item = `factor` of its base unit."""

    gtin: GTIN
    unit: str
    factor: Decimal


class Location(Value):
    """A place where stock lies or demand arises. `code` is what its owner calls it."""

    gln: GLN
    name: str
    kind: Literal["store", "dc", "warehouse", "plant"] = "dc"
    code: str | None = None
