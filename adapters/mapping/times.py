"""Dates, periods and spans, as X12 and EDIFACT write them <-> days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from adapters.mapping.codec import Codec, Spot, decimal_of, plain
from adapters.mapping.dialect import COMPONENT, component


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


def _day_of_year(digits: str) -> date:
    """YYDDD."""
    first = calendar_date(digits[:2] + "0101")
    day = first + timedelta(days=int(digits[2:]) - 1)
    if len(digits) != 5 or day.year != first.year:
        raise ValueError(digits)
    return day


def _day_of_week(digits: str) -> date:
    """YYWW, or YYWWD with Monday as day 1."""
    year = calendar_date(digits[:2] + "0101").year
    return date.fromisocalendar(year, int(digits[2:4]), int(digits[4:] or "1"))


def _quarter(digits: str) -> date:
    return date(int(_exactly(digits, 5)[:4]), 3 * int(digits[4]) - 2, 1)


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
    "205": lambda t: calendar_date(t[:8]),
    "303": lambda t: calendar_date(t[:8]),
    "304": lambda t: calendar_date(t[:8]),
    "301": lambda t: calendar_date(t[:6]),
    "302": lambda t: calendar_date(t[:6]),
    "5": lambda t: _short("DDMMYYYY")(t[:8]),
    "103": _day_of_week,
    "105": _day_of_year,
    "608": _quarter,
    "615": _day_of_week,
    "610": _month,
    "616": _week,
    "609": lambda t: calendar_date(t + "01"),
    "602": lambda t: date(int(_exactly(t, 4)), 1, 1),
}
"""EDIFACT element 2379: how a point in time is written. For a week or a month: its first day."""
_PERIODS = {
    "718": "102", "713": "201", "717": "101", "719": "203", "710": "610", "716": "616", "709": "609", "715": "615",
}
"""How each end of a period is written; the last day is that of its week or month."""


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _ends(value: str) -> tuple[str, str]:
    """Both ends of a period, with a hyphen between them (D.96A) or nothing (later directories)."""
    if "-" not in value:
        return value[: len(value) // 2], value[len(value) // 2 :]
    start, _, end = value.partition("-")
    return start, end


def _period(value: str, form: str) -> tuple[date, date]:
    """First and last day of an EDIFACT period by its format code."""
    if form in _PERIODS:
        start, end = _ends(value)
        return _STARTS[_PERIODS[form]](start), _last_day(_STARTS[_PERIODS[form]](end), _PERIODS[form])
    first = _STARTS[form](value)
    return first, _last_day(first, form)


def _last_day(first: date, form: str) -> date:
    """Of the week, month, quarter or year that begins with a day; else that day."""
    if form in ("616", "615"):
        return first + timedelta(days=6)
    if form in ("610", "609"):
        return _month_end(first)
    return _bucket_end(first, "quarter") if form == "608" else first


_LONG = ("616", "615", "610", "609", "608")
"""Forms that mean more days than one."""


def _when(text: str, last: bool = False) -> date:
    form = component(text, 3) or "102"
    try:
        return _period(component(text, 2), form)[last]
    except KeyError:
        raise ValueError(text) from None


def dtm(argument: str, spot: Spot) -> Codec:
    """C507: qualifier, value, format code. Reads by the format code, writes CCYYMMDD (102)."""
    return Codec(date, _when, lambda d, old: _c507(spot, f"{d:%Y%m%d}", "102", old), "a date", whole=True)


TIMES = {
    **dict.fromkeys(("203", "303", "205", "5"), slice(8, 12)), **dict.fromkeys(("201", "301"), slice(6, 10)),
    **dict.fromkeys(("204", "304"), slice(8, 14)), **dict.fromkeys(("202", "302"), slice(6, 12)),
}
"""EDIFACT element 2379: where HHMM or HHMMSS stands, in forms that have it."""
_WRITTEN = {len("HHMM"): "203", len("HHMMSS"): "204"}


def _time(digits: str) -> str | None:
    """HHMM or HHMMSS; none where nothing stands there. Raises ValueError for what is no time of day."""
    whole = len(digits) in _WRITTEN and digits.isascii() and digits.isdigit()
    if digits and not (whole and digits[:2] < "25" and digits[2:4] < "60" and digits[4:] < "60"):
        raise ValueError(digits)
    return digits or None


def dtm_time(argument: str, spot: Spot) -> Codec:
    """The time of day, HHMM or HHMMSS, of a date that stands there already (203: CCYYMMDDHHMM); of a period that of
    its first day."""

    def load(text: str) -> str | None:
        value, form = component(text, 2), component(text, 3)
        part = TIMES.get(_PERIODS.get(form, form))
        return _time((_ends(value)[0] if form in _PERIODS else value)[part]) if part else None

    def dump(value: str, old: str) -> str:
        day = component(old, 2)[:8]
        if not day or "-" in component(old, 2) or _time(value) is None:
            raise ValueError(f"{value!r} is not HHMM or HHMMSS of a day")
        return _c507(spot, day + value, _WRITTEN[len(value)], old)

    return Codec(str, load, dump, "a time", whole=True)


def _c507(spot: Spot, value: str, form: str, old: str = "") -> str:
    named = spot.qualifier if spot.qualifier and spot.qualifier != "*" else component(old, 1)
    return COMPONENT.join((named, value, form))


def _half(spot: Spot, day: date, old: str, last: bool) -> str:
    """Write one end of a period, keeping the other one that stands there: a day alone, or CCYYMMDD-CCYYMMDD. There
    is no way to say a last day alone."""
    start, _, end = component(old, 2).partition("-")
    if last and not start:
        raise ValueError(f"a period until {day} has no first day")
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
        return _when(text, True) if component(text, 3) in _LONG or component(text, 3) in _PERIODS else None

    return Codec(date, load, lambda d, old: _half(spot, d, old, True), "a period", whole=True)


_SPANS = {"801": "year", "802": "month", "803": "week", "804": "day", "805": "hour", "806": "minute"}
"""EDIFACT element 2379: spans without days."""


def _span(text: str) -> str | None:
    return _SPANS.get(component(text, 3))


def span(argument: str, spot: Spot) -> Codec:
    """How long a span is, in the unit that `span_unit` says."""
    return Codec(
        Decimal,
        lambda t: decimal_of(component(t, 2)) if _span(t) else None,
        lambda v, old: _c507(spot, plain(v), component(old, 3) or "804", old),
        "a number",
        whole=True,
    )


def span_unit(argument: str, spot: Spot) -> Codec:
    forms = {word: form for form, word in _SPANS.items()}

    def dump(word: str, old: str) -> str:
        if word not in forms:
            raise ValueError(f"there is no code for a span in {word!r}")
        return _c507(spot, component(old, 2), forms[word], old)

    return Codec(str, _span, dump, "a unit", frozenset(forms), whole=True)


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
