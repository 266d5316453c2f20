"""Text of XML <-> value: the codecs of the other formats, and what XML Schema writes otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from adapters.mapping import codecs as shared
from adapters.mapping.codecs import Codec, Spot
from hub.model.item import valid_gtin


def iso_date(argument: str, spot: Spot) -> Codec:
    """xs:date; a time zone after it means nothing to us."""
    return Codec(date, lambda text: date.fromisoformat(text[:10]), lambda day, _: day.isoformat(), "a date")


def gtin(argument: str, spot: Spot) -> Codec:
    """A GTIN of 14 digits; another number, also one with a wrong check digit, stays as it is."""

    def load(text: str) -> str:
        try:
            return valid_gtin(text)
        except ValueError:
            return text

    return Codec(str, load, lambda value, _: str(value), "an article number")


CODECS: dict[str, Callable[[str, Spot], Codec]] = {
    **{name: shared.CODECS[name] for name in ("", "text", "decimal", "number", "int", "code", "known", "packaging",
                                              "sscc")},
    "date": iso_date,
    "gtin": gtin,
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
