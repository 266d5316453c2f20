"""Text <-> value, by name. A table row names its codec; an `if` that a table cannot say becomes one more of these.

A codec is made for one place, because some must know more: which code list, how many implied decimals, which kind of
article number. `load` raises ValueError for text that it cannot read; `dump` gets the text that stands at the place
already (a period is written by two codecs into one element) and raises ValueError when the value does not fit there.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any

from adapters.mapping.codec import A_NUMBER, Codec, Spot, Values, decimal_of, plain, significant
from adapters.mapping.times import (
    calendar_date,
    dtm,
    dtm_time,
    moment_end,
    moment_start,
    period_bucket,
    period_end,
    period_length,
    period_start,
    span,
    span_unit,
    x12_date,
)
from hub.model.item import check_digit
from schemas import facts

__all__ = [
    "A_NUMBER",
    "CODECS",
    "WHOLE",
    "Codec",
    "Spot",
    "Values",
    "calendar_date",
    "codec",
    "decimal_of",
    "period_length",
    "plain",
    "significant",
]


def _implied(spot: Spot) -> int:
    """Implied decimal places of an X12 Nn element."""
    kind = spot.element.type if spot.element else ""
    return int(kind[1]) if len(kind) == 2 and kind[0] == "N" and kind[1].isdigit() else 0


def text(argument: str, spot: Spot) -> Codec:
    return Codec(str, str, lambda value, _: str(value), "text")


DASH = "-"


def _unless(nothing: str | Container[str], made: Codec) -> Codec:
    """As `made`, but for what stands in an element that must be there when there is nothing to say."""
    nothings = (nothing,) if isinstance(nothing, str) else nothing

    def dump(value: Any, old: str) -> str:
        if (written := made.dump(value, old)) in nothings:
            raise ValueError(f"{value!r} alone says nothing")
        return written

    return replace(made, load=lambda raw: None if raw in nothings else made.load(raw), dump=dump)


def said(argument: str, spot: Spot) -> Codec:
    """Text, or a dash where the standard demands a text and there is nothing to say."""
    return _unless(DASH, text(argument, spot))


def other(argument: str, spot: Spot) -> Codec:
    """A text that is not the one that a mandatory element has where there is nothing to say: "other 0000"."""
    return _unless(argument, text("", spot))


def unimplied(argument: str, spot: Spot) -> Codec:
    """A text but for those that only repeat what is read beside it: `schemas/<format>/implied.toml` names them by the
    data element, or by composite and component ("unimplied C082.2")."""
    number = argument or (spot.element.number if spot.element else "")
    return _unless(facts.implied(spot.format).get(number, {}), text("", spot))


def other_code(argument: str, spot: Spot) -> Codec:
    """The same for a code, which stands behind the name of its standard: "other_code SA"."""
    return _unless(argument, tagged("", spot))


def decimal(argument: str, spot: Spot) -> Codec:
    places = _implied(spot)
    if not places:
        return Codec(Decimal, decimal_of, lambda value, _: plain(value), "a number")

    def load(text: str) -> Decimal:
        """With a point it can only mean what it says, though the standard forbids it (which the check tells)."""
        return decimal_of(text) if "." in text else decimal_of(text).scaleb(-places)

    return Codec(Decimal, load, lambda v, _: plain(v.scaleb(places)), "a number")


def number(argument: str, spot: Spot) -> Codec:
    """A float64 for frames: exact up to 15 significant digits."""
    scale = 10.0 ** _implied(spot)

    def load(text: str) -> float:
        return float(decimal_of(text)) / (1.0 if "." in text else scale)

    return Codec(float, load, lambda v, _: _float_text(v * scale), "a number")


def _float_text(value: float) -> str:
    if not isfinite(value):
        raise ValueError(value)
    return plain(Decimal(repr(value)))


def integer(argument: str, spot: Spot) -> Codec:
    def load(text: str) -> int:
        value = decimal_of(text)
        if value != value.to_integral_value():
            raise ValueError(text)
        return int(value)

    return Codec(int, load, lambda value, _: str(value), "a whole number")


_GTIN_LENGTHS = (8, 12, 13)


def gtin(argument: str, spot: Spot) -> Codec:
    """A GS1 article number: always 14 digits inside, outside as many as the qualifier of its pair says."""
    written = facts.read_toml(facts.HOME / "gtin.toml").get(spot.format, {})
    width = written.get(spot.pair or spot.qualifier or "", 14)

    def dump(value: str, _: str) -> str:
        if not value.isdigit() or len(value) not in (*_GTIN_LENGTHS, 14):
            return value
        short = value.lstrip("0").rjust(width, "0")
        if len(short) > width:
            raise ValueError(f"{value} has more than {width} digits")
        return short

    def load(raw: str) -> str:
        return raw.zfill(14) if raw.isascii() and raw.isdigit() and len(raw) in _GTIN_LENGTHS else raw

    widths = frozenset(_GTIN_LENGTHS)
    return Codec(str, load, dump, "an article number", widths=widths, width=14, written_width=width)


def code(argument: str, spot: Spot) -> Codec:
    """A word of the code list `schemas/codes/<argument>.toml`."""
    written = facts.codes(argument, spot.format)
    read = {sent: word for word, sents in written.items() for sent in sents}
    said_as = facts.said_as(argument, spot.format)

    def dump(word: str, _: str) -> str:
        word = said_as.get(word, word)
        if word not in written:
            raise ValueError(f"there is no code for {word!r} in the list {argument}")
        return written[word][0]

    def load(raw: str) -> str:
        if raw not in read:
            raise ValueError(raw)
        return read[raw]

    return Codec(str, load, dump, f"one of {', '.join(sorted(read)[:40])}", frozenset(written))


def is_renamed(codec: Codec, value: object) -> bool:
    """Whether a word has no code here and is written as "as both know", or as a wider one."""
    if codec.words is None or codec.whole or not isinstance(value, str) or value in (MUTUAL, *codec.words):
        return False
    try:
        return bool(codec.load(codec.dump(value, "")) in (MUTUAL, *codec.words))
    except ValueError:
        return False


def packaging(argument: str, spot: Spot) -> Codec:
    """A word of the list `packaging`, or the code as sent. In X12 the first three characters say the form, two more may
    say the material."""
    made = tagged("packaging", spot)
    known = {sent for sents in facts.codes("packaging", spot.format).values() for sent in sents}
    if spot.format != "x12":
        return made
    return replace(made, load=lambda raw: made.load(raw[:3] if raw[:3] in known else raw))


SSCC_DIGITS = 18


def sscc(argument: str, spot: Spot) -> Codec:
    """A Serial Shipping Container Code: 18 digits. X12 MAN[GM] puts the application identifier 00 before them."""

    def dump(value: str, _: str) -> str:
        return f"00{value}" if spot.qualifier == "GM" and len(value) == SSCC_DIGITS else value

    def load(raw: str) -> str:
        bare = raw.removeprefix("(00)")
        return bare[2:] if len(bare) == SSCC_DIGITS + 2 and bare.startswith("00") else bare

    return Codec(str, load, dump, "an SSCC")


def known(argument: str, spot: Spot) -> Codec:
    """A word of a code list; other codes mean nothing here."""
    made = code(argument, spot)
    sent = {raw for raws in facts.codes(argument, spot.format).values() for raw in raws}
    return replace(made, load=lambda raw: made.load(raw) if raw in sent else None)


CASE_CODE_DIGITS = 12


def case_code(argument: str, spot: Spot) -> Codec:
    """A GTIN as the grocery messages of X12 have it: element 438 or 766 is twelve digits without their check digit.
    Beside a qualifier it stands like everywhere."""
    usual = gtin(argument, spot)
    if spot.pair:
        return usual

    def load(raw: str) -> str:
        whole = raw.isascii() and raw.isdigit() and len(raw) == CASE_CODE_DIGITS
        return f"{raw}{check_digit(raw)}".zfill(14) if whole else raw

    def dump(value: str, _: str) -> str:
        if load(value[1:-1]) != value:
            raise ValueError(f"{value} is no case code")
        return value[1:-1]

    return replace(usual, load=load, dump=dump, widths=frozenset())


CHARGES_FROM = 500
"""X12 element 340: codes from here on are charges, smaller ones allowances (004010 data element dictionary, 340)."""


def grocery_kind(argument: str, spot: Spot) -> Codec:
    """Whether a code of X12 element 340 is an allowance or a charge. Written after the code, which says it."""

    def load(raw: str) -> str:
        if not raw.isdigit():
            raise ValueError(raw)
        return "charge" if int(raw) >= CHARGES_FROM else "allowance"

    def dump(word: str, old: str) -> str:
        if not old or load(old) != word:
            raise ValueError(f"there is no code for this {word}")
        return old

    return Codec(str, load, dump, "a number", frozenset(("allowance", "charge")), whole=True)


UNIT = "unit"
MUTUAL = "mutual"
"""The word of a code list for "as both sides know": X12 ZZ, EDIFACT ZZZ."""


def open_code(argument: str, spot: Spot) -> Codec:
    """A word of a code list; a code without a word stays as it was sent. What the other dialect cannot name is written
    as "mutual" where the list has that word."""
    made = code(argument, spot)
    written = facts.codes(argument, spot.format)
    sent = {raw for raws in written.values() for raw in raws}
    allowed = spot.element.codes if spot.element else None

    def dump(word: str, old: str) -> str:
        if word in written:
            return written[word][0]
        if MUTUAL not in written:
            if allowed is not None and word not in allowed:
                raise ValueError(f"there is no code for {word!r} in the list {argument}")
            return word
        own = allowed is None and (word.isupper() or word != word.lower())  # our words have no capitals
        return word if own or word in (allowed or ()) else written[MUTUAL][0]

    return replace(made, load=lambda raw: made.load(raw) if raw in sent else raw, dump=dump)


def tagged(argument: str, spot: Spot) -> Codec:
    """A word of a code list, if one is named; a code without a word stands behind the name of its standard ("x12:21"),
    so that no other dialect takes it for one of its own. There it is written as "mutual", where the list has that; but
    a quantity of nobody knows what is refused."""
    written = facts.codes(argument, spot.format) if argument else {}
    read = {sent: word for word, sents in written.items() for sent in sents}
    tag = f"{spot.format}:"
    allowed = spot.element.codes if spot.element else None

    def load(raw: str) -> str:
        return read.get(raw, tag + raw)

    said_as = facts.said_as(argument, spot.format) if argument else {}

    def dump(word: str, _: str) -> str:
        word = said_as.get(word, word)
        if word in written:
            return written[word][0]
        if word.startswith(tag) and word.removeprefix(tag) not in read:
            if allowed and word.removeprefix(tag) not in allowed:
                raise ValueError(f"{word.removeprefix(tag)!r} is not in the code list of {spot.format}")
            return word.removeprefix(tag)
        if MUTUAL not in written or argument == UNIT:
            raise ValueError(f"there is no code for {word!r} in {spot.format}")
        return written[MUTUAL][0]

    words = frozenset(written) if argument else None
    return Codec(str, load, dump, f"one of {', '.join(sorted(read)[:40])}" if argument else "a code", words)


CODECS: dict[str, Callable[[str, Spot], Codec]] = {
    "": text,
    "text": text,
    "said": said,
    "other": other,
    "other_code": other_code,
    "unimplied": unimplied,
    "decimal": decimal,
    "number": number,
    "int": integer,
    "date": x12_date,
    "dtm": dtm,
    "dtm_time": dtm_time,
    "period_start": period_start,
    "period_end": period_end,
    "period_bucket": period_bucket,
    "moment_start": moment_start,
    "moment_end": moment_end,
    "span": span,
    "span_unit": span_unit,
    "gtin": gtin,
    "code": code,
    "known": known,
    "open": open_code,
    "tagged": tagged,
    "case_code": case_code,
    "grocery_kind": grocery_kind,
    "packaging": packaging,
    "sscc": sscc,
}


CACHED_CODECS = 4096
WHOLE = (
    "dtm", "dtm_time", "period_start", "period_end", "period_bucket", "moment_start", "moment_end", "span", "span_unit",
    "grocery_kind",
)
"""Those that take the first element of a segment with all its components."""


@lru_cache(maxsize=CACHED_CODECS)
def codec(text: str, spot: Spot) -> Codec:
    """The codec that a row names: "date", "code unit"; one for all rows alike. Raises LookupError for an unknown
    name or list."""
    name, _, argument = text.strip().partition(" ")
    if name not in CODECS:
        raise LookupError(f"there is no codec {name!r}")
    return CODECS[name](argument.strip(), spot)
