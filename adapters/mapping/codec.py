"""What a codec is, and the plainest conversions that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from schemas.facts import Element

CACHED_VALUES = 20_000
MOST_DIGITS = 40
"""Of a number, before its decimal mark and behind it: the standards give 35 at most. 1E999999 says in eight characters
what takes a megabyte to write and minutes to reckon with."""
A_NUMBER = f"a number of at most {MOST_DIGITS} digits"


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
    widths: frozenset[int] = frozenset()
    """A text of as many digits gets zeros in front up to `width`; any other stays as it is."""
    width: int = 0
    written_width: int = 0
    """As many digits of those `width` are sent, where only zeros stand before them."""

    @property
    def is_text(self) -> bool:
        """Whether any text is a value."""
        return self.kind is str and self.words is None

    def dump_all(self, values: Sequence[Any]) -> Sequence[str] | None:
        """What `dump` makes of each of many values, none of them empty; None where that is not plain to see."""
        if self.load is str:
            return values
        digits = "".join(values) if self.written_width else ""
        if not (digits.isascii() and digits.isdigit()) or set(map(len, values)) != {self.width}:
            return None
        cut = self.width - self.written_width
        return [value[cut:] for value in values] if {value[:cut] for value in values} == {"0" * cut} else None


class Values(dict[str, Any]):
    """Text to value, each converted once. A miss may raise ValueError."""

    def __init__(self, load: Callable[[str], Any]) -> None:
        super().__init__()
        self.load = load

    @cached_property
    def keyed(self) -> Keyed:
        """The same by number; only columns ask for it."""
        return Keyed(self.load)

    def __missing__(self, text: str) -> Any:
        value = self.load(text)
        if len(self) >= CACHED_VALUES:
            self.clear()
        self[text] = value
        return value


class Keyed(dict[int, Any]):
    """The values of texts of at most 8 ASCII characters, by the bytes of each as one number, the first byte lowest: a
    column of such numbers is at hand sooner than its texts. A miss may raise ValueError."""

    def __init__(self, load: Callable[[str], Any]) -> None:
        super().__init__()
        self.load = load

    def __missing__(self, key: int) -> Any:
        value = self.load(key.to_bytes(8, "little").rstrip(b"\0").decode("ascii"))
        if len(self) >= CACHED_VALUES:
            self.clear()
        self[key] = value
        return value


def plain(value: Decimal) -> str:
    """A decimal without exponent, without zeros after the last digit that counts, and without the sign of a nothing.
    Raises ValueError for one that is too large or too small to be written so."""
    if value and abs(value.adjusted()) > MOST_DIGITS:
        raise ValueError(f"{value} is not {A_NUMBER}")
    text = format(value if value else abs(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def significant(text: str) -> int:
    """Significant digits of a number as written."""
    return len(text.lstrip("+-").replace(".", "").replace(",", "").lstrip("0"))


def decimal_of(text: str) -> Decimal:
    """Raises ValueError for what is no number, NaN and Infinity among it, and for one of too many digits."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite() or "_" in text or not text.isascii():
        raise ValueError(text)
    if value.adjusted() >= MOST_DIGITS or value.as_tuple().exponent < -MOST_DIGITS:  # type: ignore[operator]  # finite
        raise ValueError(text)
    return value
