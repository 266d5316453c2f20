"""Text of XML <-> value: the codecs of the other formats, and what XML Schema writes otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.mapping import codecs as shared
from adapters.mapping.codecs import Codec, Spot
from adapters.xml.control import control_of
from hub.model.item import valid_gtin

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
"""xs:decimal: no comma, no exponent."""


def _checked(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return shared.decimal_of(text)


def decimal(argument: str, spot: Spot) -> Codec:
    return Codec(Decimal, _checked, lambda value, _: shared.plain(value), shared.A_NUMBER)


def number(argument: str, spot: Spot) -> Codec:
    """A float64 for frames: exact up to 15 significant digits."""
    made = shared.number(argument, spot)
    return replace(made, load=lambda text: float(_checked(text)))


def iso_date(argument: str, spot: Spot) -> Codec:
    """xs:date; a time zone after it means nothing to us."""
    return Codec(date, lambda text: date.fromisoformat(text[:10]), lambda day, _: day.isoformat(), "a date")


def day_of(argument: str, spot: Spot) -> Codec:
    """The day of an xs:dateTime, as its sender's clock has it; written as its first second."""
    made = iso_date(argument, spot)
    return replace(made, dump=lambda day, _: f"{day.isoformat()}T00:00:00")


def gtin(argument: str, spot: Spot) -> Codec:
    """A GTIN of 14 digits; another number, also one with a wrong check digit, stays as it is."""

    def load(text: str) -> str:
        try:
            return valid_gtin(text)
        except ValueError:
            return text

    return Codec(str, load, lambda value, _: str(value), "an article number")


def given(argument: str, spot: Spot) -> Codec:
    """A text; NA, which stands where the standard demands something that nobody said, is none."""
    return Codec(str, lambda text: None if text == "NA" else text, lambda value, _: str(value), "text")


def control(argument: str, spot: Spot) -> Codec:
    """The control number of what is answered, by the UUID that we gave it."""
    return Codec(str, control_of, lambda value, _: str(value), "a number")


CODECS: dict[str, Callable[[str, Spot], Codec]] = {
    **{name: shared.CODECS[name] for name in ("", "text", "int", "code", "known", "open", "packaging", "sscc")},
    "decimal": decimal,
    "number": number,
    "date": iso_date,
    "day_of": day_of,
    "gtin": gtin,
    "given": given,
    "control": control,
}


def codec(text: str, format: str) -> Codec:
    """The codec that a row names. Raises LookupError for an unknown name or list."""
    name, _, argument = text.strip().partition(" ")
    if name not in CODECS:
        raise LookupError(f"there is no codec {name!r} for XML")
    return CODECS[name](argument.strip(), Spot(format))


def bucket_of(first: Any, last: Any) -> str | None:
    """How long a period is, as a word of the list `bucket`; None where it has no end."""
    return shared.period_length(first, last) if first and last else None
