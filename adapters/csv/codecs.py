"""What the text of a cell means. A codec reads a stripped, non-empty text and raises `Unreadable` with the remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, get_args

from hub.errors import BrokenTable
from hub.model.activity import Measure
from hub.model.forecast import Bucket, Certainty, ForecastKind
from hub.model.item import valid_gln, valid_gtin
from hub.model.order import Purpose
from hub.model.party import PartyScheme


class Unreadable(ValueError):
    """`code` is the end of the finding's code, `message` goes on after the column's title and the text."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


Read = Callable[[str], Any]
MOST_WORDS_SHOWN = 16
MOST_DIGITS = 40
"""Of a number, zeros among them: with four hundred of them it would be infinite."""

_MODEL_WORDS: dict[str, tuple[str, ...]] = {
    "purpose": get_args(Purpose), "party_scheme": get_args(PartyScheme), "measure": get_args(Measure),
    "bucket": get_args(Bucket), "certainty": get_args(Certainty), "forecast_kind": get_args(ForecastKind),
}


def read_text(text: str) -> str:
    return text


def read_gtin(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits as 14 digits; a spreadsheet's hyphens and blanks are let pass."""
    try:
        return valid_gtin(text.replace("-", "").replace(" ", ""))
    except ValueError as wrong:
        hint = "A spreadsheet has rounded it: format the column as text." if "E+" in text.upper() else (
            "Send the digits of the bar code, as text.")
        why = str(wrong).split(": ", 1)[-1].replace(f"GTIN {text!r} ", "it ")
        raise Unreadable("GTIN", f"is no GTIN: {why}", hint) from None


def read_date(text: str) -> date:
    """2026-11-16, 20261116 or 16.11.2026."""
    digits = text.split(".")
    try:
        if len(digits) == 3 and len(digits[2]) == 4 and all(d.isascii() and d.isdigit() for d in digits):
            return date(int(digits[2]), int(digits[1]), int(digits[0]))
        if len(text) in (8, 10) and text.replace("-", "").isascii() and text.replace("-", "").isdigit():
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Unreadable("DATE", "is not a date", "Write the date as 2026-11-16 or 16.11.2026.")


def read_number(text: str) -> str:
    """A number with a decimal point or comma as plain digits: 1,234.5 and 1.234,5 and 1 234,5 are all "1234.5".

    One mark alone followed by exactly three digits could be either and is refused, but for a point, which this codec
    takes as a decimal point; `read_comma_number` is its sister for files whose decimal mark is the comma.
    """
    return _number(text, ".")


def read_comma_number(text: str) -> str:
    """As `read_number`, where a lone comma is the decimal mark and a lone point before three digits is refused."""
    return _number(text, ",")


def _number(text: str, mark: str) -> str:
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("'", "")
    other = "," if mark == "." else "."
    if "," in plain and "." in plain:
        mark, other = (",", ".") if plain.rindex(",") > plain.rindex(".") else (".", ",")
        if not _grouped(plain.split(mark)[0].lstrip("+-"), other):
            raise _not_a_number()
        plain = plain.replace(other, "")
    elif plain.count(other) > 1 and _grouped(plain.lstrip("+-"), other):
        plain = plain.replace(other, "")
    elif plain.count(other) == 1:
        if len(plain.split(other)[1]) == 3:
            raise Unreadable("NUMBER-AMBIGUOUS", "could be thousands or a fraction",
                             "Write numbers without a mark between thousands.")
        mark = other
    whole = plain.replace(mark, ".") if plain.count(mark) == 1 else plain
    digits = whole.lstrip("+-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(whole) - len(whole.lstrip("+-")) > 1:
        raise _not_a_number()
    if len(digits) > MOST_DIGITS:
        raise Unreadable("NUMBER-TOO-LONG", f"has more than {MOST_DIGITS} digits", "Round it to 15 digits.")
    if len(digits.strip("0")) > 15:
        raise Unreadable("NUMBER-TOO-LONG", "has more than 15 significant digits", "Round it to 15 digits.")
    return whole.lstrip("+")


def _grouped(whole: str, mark: str) -> bool:
    first, *groups = whole.split(mark)
    return 1 <= len(first) <= 3 and all(len(g) == 3 for g in groups)


def _not_a_number() -> Unreadable:
    return Unreadable("NUMBER", "is not a number", "Send digits with an optional decimal mark.")


def read_location_scheme(text: str) -> str | None:
    """A scheme's word; or, of a location that stands in the scheme's place, "gln" where it is one, else unknown."""
    words = code_words("party_scheme")
    if text.casefold() in words:
        return words[text.casefold()]
    try:
        valid_gln(text)
    except ValueError:
        return None
    return "gln"


@cache
def code_words(concept: str) -> dict[str, str]:
    """What a CSV may say, casefolded, for each canonical word: the word and its `csv` entries in `schemas/codes`."""
    words = {w: w for w in _MODEL_WORDS.get(concept, ())}
    file = resources.files("schemas") / "codes" / f"{concept}.toml"
    if file.is_file():
        for word, dialects in tomllib.loads(file.read_text()).items():
            said = dialects.get("csv", ()) if isinstance(dialects, dict) else ()
            words |= {word: word} | {s.casefold(): word for s in ([said] if isinstance(said, str) else said)}
    if not words:
        raise BrokenTable(f"schemas/codes/{concept}.toml is missing and the model has no words for it")
    return {said.replace("_", " "): word for said, word in words.items()} | words


def reader(codec: str, argument: str | None, decimal_comma: bool) -> Read:
    """The function of a codec's name. Raises BrokenTable for a name that there is not."""
    if codec == "code" and argument:
        return _code_reader(argument)
    if codec == "number" and decimal_comma:
        return read_comma_number
    try:
        return READERS[codec]
    except KeyError:
        raise BrokenTable(f"no CSV codec is called {codec!r}") from None


READERS: dict[str, Read] = {
    "text": read_text, "gtin": read_gtin, "date": read_date, "number": read_number,
    "location_scheme": read_location_scheme,
}


def _code_reader(concept: str) -> Read:
    words = code_words(concept)

    def read(text: str) -> str:
        word = words.get(text.casefold())
        if word is None:
            known = sorted(set(words.values()))
            shown = ", ".join(known[:MOST_WORDS_SHOWN]) + (" …" if len(known) > MOST_WORDS_SHOWN else "")
            raise Unreadable("CODE", f"is not a known {concept.replace('_', ' ')}", f"Known words: {shown}.")
        return word

    return read


def write_value(value: Any) -> str:
    """A canonical value as the text of a cell: ISO dates, plain decimals, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{Decimal(repr(value)):f}"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
