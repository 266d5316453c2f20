"""ISA and GS: what they say about an interchange and a group, and how we write them (X12.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from adapters.mapping.charset import carried
from adapters.mapping.codecs import calendar_date
from adapters.mapping.dialect import COMPONENT, REPEAT, Row, element
from adapters.mapping.message import Message
from adapters.mapping.templates.ink import Body, Ink
from adapters.mapping.templates.scribe import Scribe, scribe
from adapters.x12.elements import fault
from adapters.x12.split import ISA_WIDTHS, Header, decoded
from hub.errors import Reject
from hub.model.exchange import Address, Envelope, Interchange
from schemas import facts

SYNTAX = {"element": "*", "component": ">", "segment": "~", "repetition": "^", "version": "00401"}
"""What we write with where nobody says otherwise."""
RELEASE = "004010"
LAST_NUMBER = 999_999_999
ROWS_AT_ONCE = 1_000
CHECKED = frozenset({1, 3, 5, 7, 9, 10, 12, 13, 14, 15})
"""Elements of the ISA that a TA1 has a code for, apart from the addresses."""
QUALIFIERS = frozenset({5, 7})
"""Partners agree on further ones, and later releases list more."""


def interchange(header: Header, ordinal: int) -> Interchange:
    """The head of an interchange. ISA15 T marks a test, ISA14 1 asks for a TA1."""
    row, marks = header.row, header.delimiters
    return Interchange(
        ordinal=ordinal,
        format="x12",
        version=element(row, 12).strip() or None,
        sender=_address(row, 5),
        receiver=_address(row, 7),
        control=element(row, 13).strip() or None,
        prepared_at=moment(element(row, 9), element(row, 10)),
        test=element(row, 15).strip() == "T",
        answer_requested=element(row, 14).strip() not in ("", "0"),
        syntax={
            "element": decoded(marks.element),
            "component": decoded(marks.component),
            "segment": decoded(marks.segment),
            "repetition": decoded(marks.repetition),
            "version": element(row, 12).strip(),
            "date": element(row, 9),
            "time": element(row, 10),
        },
    )


def header_faults(row: Row) -> Iterator[tuple[int, str]]:
    """Element and text of what an ISA must not hold, by the facts of its elements; ISA11 may be anything."""
    for number, use in enumerate(facts.dictionary("x12", RELEASE).segments["ISA"].uses, 1):
        text = element(row, number).strip()
        wrong = "MISSING" if not text else fault(use.element, text) if number in CHECKED and use.element else None
        if number in CHECKED and wrong and not (number in QUALIFIERS and wrong == "UNKNOWN-CODE"):
            yield number, text


def _address(row: Row, at: int) -> Address | None:
    text = element(row, at + 1).strip()
    return Address(qualifier=element(row, at).strip() or None, id=text) if text else None


def moment(day: str, time: str) -> datetime | None:
    """ISA09/10 or GS04/05 as UTC; None when they are no date and time."""
    try:
        found = calendar_date(day.strip())
        time = time.strip().ljust(4, "0")
        return datetime(found.year, found.month, found.day, int(time[:2]), int(time[2:4]), tzinfo=UTC)
    except ValueError:
        return None


def cleaned(
    marks: Mapping[str, str], separators: Iterable[str], text: str, tag: str = "", substitute: str | None = None
) -> str:
    """An element as it is sent. Raises Reject for a delimiter in it, unless there is a `substitute`."""
    if not text.isalnum():
        for name in separators:
            if marks[name] in text:
                if substitute is not None:
                    text = text.replace(marks[name], substitute)
                    continue
                raise Reject(
                    f"{tag}: the text {text!r} holds the {name} separator {marks[name]!r}, and X12 cannot escape it",
                    reason="DELIMITER_IN_TEXT",
                )
        text = text.replace(COMPONENT, marks["component"]).replace(REPEAT, marks["repetition"])
    return text


class Writer:
    """Puts rows into one interchange, under one set of delimiters. Counts as it goes.

    An answer must go out whatever was wrong with what it answers: with `answering`, a delimiter in a text becomes a
    space and an address that is too long for the ISA is cut, instead of a Reject.
    """

    def __init__(self, envelope: Envelope, answering: bool = False) -> None:
        self.envelope, self.answering = envelope, answering
        self.marks = SYNTAX | {k: v for k, v in envelope.syntax.items() if k in SYNTAX and v}
        self.charset = envelope.syntax.get("charset", "utf-8")
        self.substitute = envelope.syntax.get("in_place_of_separator", " " if answering else None)
        self.separators = ["element", "segment", "component"]
        if self.marks["version"] >= "00402":
            self.separators.append("repetition")
        self.special = (COMPONENT, REPEAT, *(self.marks[name] for name in self.separators[1:]))
        self.text: list[str] = []
        self.groups = 0

    def segment(self, row: Sequence[str]) -> None:
        """Add one segment. Raises Reject for a delimiter inside a text: X12 has no way to escape it."""
        joined = self.marks["element"].join(row)
        if joined.count(self.marks["element"]) >= len(row) or any(sign in joined for sign in self.special):
            joined = self.marks["element"].join(self._clean(text, row[0]) for text in row)
        self.text.append(joined + self.marks["segment"])

    def _clean(self, text: str, tag: str) -> str:
        return cleaned(self.marks, self.separators, text, tag, self.substitute)

    def scribe(self, message: Message) -> Scribe:
        """Who writes the documents of a table with these delimiters."""
        marks = dict(self.marks)

        def ink() -> Ink:
            clean = partial(cleaned, marks, tuple(self.separators), substitute=self.substitute)
            return Ink(clean, marks["element"], marks["segment"])

        return scribe(message, ink, ("x12", self.substitute, *sorted(marks.items())))

    def open(self) -> None:
        """ISA with the fixed widths. Raises Reject for an address that is too long."""
        e, at = self.envelope, self.envelope.prepared_at
        version = self.marks["version"]
        row = [
            "ISA",
            "00",
            "",
            "00",
            "",
            e.sender.qualifier or "ZZ",
            e.sender.id,
            e.receiver.qualifier or "ZZ",
            e.receiver.id,
            f"{at:%y%m%d}",
            f"{at:%H%M}",
            self.marks["repetition"] if version >= "00402" else "U",
            version,
            f"{e.numbers.interchange % 10**9:09d}",
            "0",
            "T" if e.test else "P",
            self.marks["component"],
        ]
        for text, width in zip(row, ISA_WIDTHS, strict=True):
            if len(text) > width and not self.answering:
                raise Reject(f"{text!r} does not fit into {width} characters of the ISA", reason="ADDRESS_TOO_LONG")
        padded = [text[:width].ljust(width) for text, width in zip(row, ISA_WIDTHS, strict=True)]
        self.text.append(self.marks["element"].join(padded) + self.marks["segment"])

    def group(
        self,
        code: str,
        version: str,
        messages: Sequence[tuple[str, Iterable[Row] | Body]],
        sender: str | None = None,
        receiver: str | None = None,
    ) -> None:
        """One group of (set identifier, what stands between ST and SE), numbered from 1."""
        e, at, control = self.envelope, self.envelope.prepared_at, self._group_number()
        self.segment(
            [
                "GS",
                code,
                sender or e.sender.id,
                receiver or e.receiver.id,
                f"{at:%Y%m%d}" if version >= "004" else f"{at:%y%m%d}",
                f"{at:%H%M}",
                control,
                "X",
                version,
            ]
        )
        for number, (kind, said) in enumerate(messages, 1):
            self.segment(["ST", kind, f"{number:04d}", *([version] if kind == "999" else [])])
            self.segment(["SE", str(self.body(said) + 2), f"{number:04d}"])
        self.segment(["GE", str(len(messages)), control])
        self.groups += 1

    def _group_number(self) -> str:
        """GS06 has nine digits, and begins anew after the last."""
        return str((self.envelope.numbers.group + self.groups - 1) % LAST_NUMBER + 1)

    def body(self, said: Iterable[Row] | Body) -> int:
        """Add the segments of one message, as rows or as text already; how many they are. Rows may come one by one:
        those of an answer to a hundred thousand transactions are never all there at once."""
        if isinstance(said, Body):
            self.text.append(said.text)
            return said.segments
        count, rows = 0, iter(said)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            self.text.append(self._plain(some) or self._careful(some))
            count += len(some)
        return count

    def _plain(self, rows: Sequence[Row]) -> str | None:
        """Rows as text, None where one of them may hold a separator: as many are found as there should be, or not."""
        between, end = self.marks["element"], self.marks["segment"]
        text = end.join(map(between.join, rows)) + end
        right = text.count(end) == len(rows) and text.count(between) == sum(map(len, rows)) - len(rows)
        return text if right and not any(sign in text for sign in self.special if sign != end) else None

    def _careful(self, rows: Sequence[Row]) -> str:
        behind = len(self.text)
        for row in rows:
            self.segment(row)
        said = "".join(self.text[behind:])
        del self.text[behind:]
        return said

    def check(self, text: str) -> None:
        """Raises Reject for a character that the agreed charset does not have, with its place."""
        carried(text, self.charset, self.charset, self.marks["element"], self.marks["segment"])

    def size(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode(self.charset))

    def close(self) -> bytes:
        """IEA, and all of it as bytes in the agreed charset, UTF-8 where none is. Raises Reject for a character that is
        not of it."""
        self.segment(["IEA", str(self.groups), f"{self.envelope.numbers.interchange % 10**9:09d}"])
        text = "".join(self.text)
        if not self.answering:
            self.check(text)
        return text.encode(self.charset, "replace" if self.answering else "strict")
