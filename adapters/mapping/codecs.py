"""Text <-> value, by name. A table row names its codec; an `if` that a table cannot say becomes one more of these.

A codec is made for one place, because some must know more: which code list, how many implied decimals, which kind of
article number. `load` raises ValueError for text that it cannot read; `dump` gets the text that stands at the place
already (a period is written by two codecs into one element) and raises ValueError when the value does not fit there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.mapping.dialect import COMPONENT, component
from hub.model.item import check_digit
from schemas import facts
from schemas.facts import Element

CACHED_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class Spot:
    """What a codec may know about its place: the format, the element there, the qualifier of its pair or segment."""

    format: str
    element: Element | None = None
    pair: str | None = None
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Codec:
    """`kind` is the type of the value, `wanted` says in words what can be read, `words` are all values of a code list.

    `whole`: reads and writes the first element of its segment with all its components.
    """

    kind: type
    load: Callable[[str], Any]
    dump: Callable[[Any, str], str]
    wanted: str
    words: frozenset[str] | None = None
    whole: bool = False
    load_all: Callable[[list[str]], list[Any]] | None = None
    """`load` for many texts at once, where that is quicker."""


class Values(dict[str, Any]):
    """Text to value, each converted once. A miss may raise ValueError."""

    def __init__(self, load: Callable[[str], Any]) -> None:
        super().__init__()
        self.load = load

    def __missing__(self, text: str) -> Any:
        value = self.load(text)
        if len(self) >= CACHED_VALUES:
            self.clear()
        self[text] = value
        return value


def plain(value: Decimal) -> str:
    """A decimal without exponent and without zeros after the last digit that counts."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def significant(text: str) -> int:
    """Significant digits of a number as written."""
    return len(text.lstrip("+-").replace(".", "").replace(",", "").lstrip("0"))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(text) from None


def _implied(spot: Spot) -> int:
    """Implied decimal places of an X12 Nn element."""
    kind = spot.element.type if spot.element else ""
    return int(kind[1]) if len(kind) == 2 and kind[0] == "N" and kind[1].isdigit() else 0


def text(argument: str, spot: Spot) -> Codec:
    return Codec(str, str, lambda value, _: str(value), "text")


def decimal(argument: str, spot: Spot) -> Codec:
    places = _implied(spot)
    if not places:
        return Codec(Decimal, _decimal, lambda value, _: plain(value), "a number")
    return Codec(Decimal, lambda t: _decimal(t).scaleb(-places), lambda v, _: plain(v.scaleb(places)), "a number")


def number(argument: str, spot: Spot) -> Codec:
    """A float64 for frames: exact up to 15 significant digits."""
    scale = 10.0 ** _implied(spot)
    return Codec(float, lambda t: float(t.replace(",", ".")) / scale, lambda v, _: _float_text(v * scale), "a number")


def _float_text(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(value)
    return plain(Decimal(repr(value)))


def integer(argument: str, spot: Spot) -> Codec:
    def load(text: str) -> int:
        value = _decimal(text)
        if value != value.to_integral_value():
            raise ValueError(text)
        return int(value)

    return Codec(int, load, lambda value, _: str(value), "a whole number")


def calendar_date(digits: str) -> date:
    """CCYYMMDD or YYMMDD (years 50 to 99 are 19xx); trailing time digits are cut. A year of three digits is none: with
    seven digits nobody knows which one is missing."""
    if not (digits.isascii() and digits.isdigit() and len(digits) >= 6 and len(digits) != 7):
        raise ValueError(digits)
    if len(digits) == 6:
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    if digits[0] == "0":
        raise ValueError(digits)
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))


def x12_date(argument: str, spot: Spot) -> Codec:
    short = spot.element is not None and spot.element.max == 6
    return Codec(date, calendar_date, lambda d, _: d.strftime("%y%m%d") if short else f"{d:%Y%m%d}", "a date")


def _exactly(digits: str, count: int) -> str:
    """So many digits that begin with a year. Raises ValueError for any other text."""
    if len(digits) != count or not (digits.isascii() and digits.isdigit()) or digits[0] == "0":
        raise ValueError(digits)
    return digits


def _week(digits: str) -> date:
    return date.fromisocalendar(int(_exactly(digits, 6)[:4]), int(digits[4:6]), 1)


def _month(digits: str) -> date:
    return date(int(_exactly(digits, 6)[:4]), int(digits[4:6]), 1)


def _short(order: str) -> Callable[[str], date]:
    """Dates in the order of the letters of `order`: DDMMYY, MMDDYY, DDMMCCYY."""

    def load(digits: str) -> date:
        at = {letter: "".join(d for d, o in zip(digits, order, strict=True) if o == letter) for letter in "DMY"}
        return calendar_date(at["Y"] + at["M"] + at["D"])

    return load


_STARTS: dict[str, Callable[[str], date]] = {
    "2": _short("DDMMYY"),
    "3": _short("MMDDYY"),
    "4": _short("DDMMYYYY"),
    "101": calendar_date,
    "102": calendar_date,
    "203": calendar_date,
    "204": calendar_date,
    "201": lambda t: calendar_date(t[:6]),
    "202": lambda t: calendar_date(t[:6]),
    "610": _month,
    "616": _week,
    "609": lambda t: calendar_date(t + "01"),
    "602": lambda t: date(int(_exactly(t, 4)), 1, 1),
}
"""EDIFACT element 2379: how a point in time is written. For a week or a month: its first day."""
_PERIODS = {"718": 8, "713": 12, "717": 6, "719": 12}


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _period(value: str, form: str) -> tuple[date, date]:
    """First and last day of an EDIFACT period by its format code."""
    if form in _PERIODS:
        start, _, end = value.partition("-")
        width = 6 if form == "717" else 8
        return calendar_date(start[:width]), calendar_date(end[:width])
    first = _STARTS[form](value)
    return first, first + timedelta(days=6) if form == "616" else _month_end(first) if form == "610" else first


def _when(text: str, last: bool = False) -> date:
    form = component(text, 3) or "102"
    try:
        return _period(component(text, 2), form)[last]
    except KeyError:
        raise ValueError(text) from None


def dtm(argument: str, spot: Spot) -> Codec:
    """C507: qualifier, value, format code. Reads by the format code, writes CCYYMMDD (102)."""
    return Codec(date, _when, lambda d, old: _c507(spot, f"{d:%Y%m%d}", "102", old), "a date", whole=True)


def dtm_time(argument: str, spot: Spot) -> Codec:
    """The time of day, HHMM, of a date that stands there already (203: CCYYMMDDHHMM)."""

    def load(text: str) -> str | None:
        digits = component(text, 2)[8:12]
        if component(text, 3) not in ("203", "204") or not digits:
            return None
        if not (digits.isdigit() and digits[:2] < "25" and digits[2:] < "60"):
            raise ValueError(text)
        return digits

    def dump(value: str, old: str) -> str:
        if not component(old, 2) or len(value) != len("HHMM") or not value.isdigit():
            raise ValueError(f"{value!r} is not HHMM of a day")
        return _c507(spot, component(old, 2)[:8] + value, "203", old)

    return Codec(str, load, dump, "a time", whole=True)


def _c507(spot: Spot, value: str, form: str, old: str = "") -> str:
    named = spot.qualifier if spot.qualifier and spot.qualifier != "*" else component(old, 1)
    return COMPONENT.join((named, value, form))


def _half(spot: Spot, day: date, old: str, last: bool) -> str:
    """Write one end of a period, keeping the other one that stands there: a day alone, or CCYYMMDD-CCYYMMDD."""
    start, _, end = component(old, 2).partition("-")
    start, end = (start, f"{day:%Y%m%d}") if last else (f"{day:%Y%m%d}", end)
    return _c507(spot, f"{start}-{end}", "718", old) if end else _c507(spot, start, "102", old)


def period_start(argument: str, spot: Spot) -> Codec:
    return Codec(date, _when, lambda d, old: _half(spot, d, old, False), "a period", whole=True)


def period_end(argument: str, spot: Spot) -> Codec:
    return Codec(date, lambda t: _when(t, True), lambda d, old: _half(spot, d, old, True), "a period", whole=True)


def moment_start(argument: str, spot: Spot) -> Codec:
    """The first day of whatever date or period stands there; none where a span without days is meant."""
    return Codec(date, lambda t: None if _span(t) else _when(t), lambda d, old: _half(spot, d, old, False), "a date",
                 whole=True)


def moment_end(argument: str, spot: Spot) -> Codec:
    """The last day, where more than one is meant."""

    def load(text: str) -> date | None:
        return _when(text, True) if component(text, 3) in ("616", "610") or component(text, 3) in _PERIODS else None

    return Codec(date, load, lambda d, old: _half(spot, d, old, True), "a period", whole=True)


_SPANS = {"801": "year", "802": "month", "803": "week", "804": "day", "805": "hour", "806": "minute"}
"""EDIFACT element 2379: spans without days."""


def _span(text: str) -> str | None:
    return _SPANS.get(component(text, 3))


def span(argument: str, spot: Spot) -> Codec:
    """How long a span is, in the unit that `span_unit` says."""
    return Codec(
        Decimal,
        lambda t: _decimal(component(t, 2)) if _span(t) else None,
        lambda v, old: _c507(spot, plain(v), component(old, 3) or "804", old),
        "a number",
        whole=True,
    )


def span_unit(argument: str, spot: Spot) -> Codec:
    forms = {word: form for form, word in _SPANS.items()}
    return Codec(
        str, _span, lambda word, old: _c507(spot, component(old, 2), forms[word], old), "a unit", frozenset(forms),
        whole=True,
    )


_QUARTER_MONTHS = 3


def period_length(first: date, last: date) -> str:
    """The word of the list `bucket` for a period: by its days, or by the calendar."""
    if first.day == 1 and last == _month_end(last):
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        if months in (1, _QUARTER_MONTHS):
            return "month" if months == 1 else "quarter"
    return {1: "day", 7: "week"}.get((last - first).days + 1, "flexible")


def _bucket_end(first: date, word: str) -> date:
    """The last day of a bucket that is only known by its first."""
    if word in ("month", "quarter"):
        months = first.month - 1 + (0 if word == "month" else _QUARTER_MONTHS - 1)
        return _month_end(date(first.year + months // 12, months % 12 + 1, 1))
    return first + timedelta(days=6 if word == "week" else 0)


def period_bucket(argument: str, spot: Spot) -> Codec:
    """How long a period is, as a word of the list `bucket`. Written after its start: it adds an end that is missing."""

    def dump(word: str, old: str) -> str:
        if not component(old, 2):
            raise ValueError("a bucket without a start")
        first = _when(old)
        known = "-" in component(old, 2) or component(old, 3) != "102" or word in ("day", "flexible")
        return old if known else _half(spot, _bucket_end(first, word), old, True)

    words = frozenset(("day", "week", "month", "quarter", "flexible"))
    return Codec(str, lambda t: period_length(_when(t), _when(t, True)), dump, "a period", words, whole=True)


_GTIN_LENGTHS = (8, 12, 13)


def gtin(argument: str, spot: Spot) -> Codec:
    """A GS1 article number: always 14 digits inside, outside as many as the qualifier of its pair says."""
    widths = facts.read_toml(facts.HOME / "gtin.toml").get(spot.format, {})
    width = widths.get(spot.pair or spot.qualifier or "", 14)

    def dump(value: str, _: str) -> str:
        if not value.isdigit() or len(value) not in (*_GTIN_LENGTHS, 14):
            return value
        short = value.lstrip("0").rjust(width, "0")
        if len(short) > width:
            raise ValueError(f"{value} has more than {width} digits")
        return short

    def load(raw: str) -> str:
        return raw.zfill(14) if raw.isascii() and raw.isdigit() and len(raw) in _GTIN_LENGTHS else raw

    def load_all(raws: list[str]) -> list[str]:
        """Most columns hold numbers of one width: those need the same zeros in front of each."""
        short = set(map(len, raws))
        digits = "".join(raws)
        if len(short) == 1 and short <= {8, 12, 13} and digits.isascii() and digits.isdigit():
            return list(map(("0" * (14 - short.pop())).__add__, raws))
        return list(map(load, raws))

    return Codec(str, load, dump, "an article number", load_all=load_all)


def code(argument: str, spot: Spot) -> Codec:
    """A word of the code list `schemas/codes/<argument>.toml`."""
    written = facts.codes(argument, spot.format)
    read = {sent: word for word, sents in written.items() for sent in sents}

    def dump(word: str, _: str) -> str:
        if word not in written:
            raise ValueError(f"there is no code for {word!r} in the list {argument}")
        return written[word][0]

    def load(raw: str) -> str:
        if raw not in read:
            raise ValueError(raw)
        return read[raw]

    return Codec(str, load, dump, f"one of {', '.join(sorted(read)[:40])}", frozenset(written))


def packaging(argument: str, spot: Spot) -> Codec:
    """A word of the list `packaging`. In X12 the first three characters say the form, two more may say the material."""
    made = code("packaging", spot)
    return replace(made, load=lambda raw: made.load(raw[:3])) if spot.format == "x12" else made


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

    return replace(usual, load=load, dump=dump)


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
        if word in written or MUTUAL not in written:
            return written[word][0] if word in written else word
        return word if (allowed is None and word.isupper()) or word in (allowed or ()) else written[MUTUAL][0]

    return replace(made, load=lambda raw: made.load(raw) if raw in sent else raw, dump=dump)


CODECS: dict[str, Callable[[str, Spot], Codec]] = {
    "": text,
    "text": text,
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
    "case_code": case_code,
    "grocery_kind": grocery_kind,
    "packaging": packaging,
    "sscc": sscc,
}


WHOLE = (
    "dtm", "dtm_time", "period_start", "period_end", "period_bucket", "moment_start", "moment_end", "span", "span_unit",
    "grocery_kind",
)
"""Those that take the first element of a segment with all its components."""


def codec(text: str, spot: Spot) -> Codec:
    """The codec that a row names: "date", "code unit". Raises LookupError for an unknown name or list."""
    name, _, argument = text.strip().partition(" ")
    if name not in CODECS:
        raise LookupError(f"there is no codec {name!r}")
    return CODECS[name](argument.strip(), spot)
