"""UNB, UNG and UNH: what they say, and how we write them (ISO 9735 annex B)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from adapters.edifact.marks import CHARSETS
from adapters.edifact.split import Piece
from adapters.mapping.charset import carried
from adapters.mapping.codecs import calendar_date
from adapters.mapping.dialect import COMPONENT, Row, element, trimmed
from adapters.mapping.message import Message
from adapters.mapping.templates.ink import Body, Ink
from adapters.mapping.templates.scribe import Scribe, scribe
from hub.errors import Reject
from hub.model.exchange import Address, Envelope, Interchange

DEFAULT_CHARSET = "UNOC"
_RELEASED = str.maketrans({sign: "?" + sign for sign in "?+:'"} | {COMPONENT: ":"})
MAX_ADDRESS = 35
LAST_NUMBER = 999_999_999
_LEVEL_A = "A-Z0-9 .,()/='+:?\\-\n\r"
REPERTOIRES = {"UNOA": f"[^{_LEVEL_A}]", "UNOB": f"[^{_LEVEL_A}a-z!\"%&*;<>]"}
"""What is not of ISO 9735's levels A and B: they are smaller than ASCII."""


def interchange(piece: Piece, ordinal: int) -> Interchange:
    """The head of an interchange. Element 0035 marks a test, 0031 asks for a CONTRL."""
    row, marks = piece.row, piece.marks
    return Interchange(
        ordinal=ordinal,
        format="edifact",
        version=":".join(filter(None, (element(row, 1, 1), element(row, 1, 2)))) or None,
        sender=address(row, 2),
        receiver=address(row, 3),
        control=element(row, 5, 1).strip() or None,
        prepared_at=moment(element(row, 4, 1), element(row, 4, 2)),
        test=element(row, 11) == "1",
        answer_requested=element(row, 9) == "1",
        syntax={
            "charset": element(row, 1, 1),
            "syntax": element(row, 1, 2),
            "decimal": marks.decimal,
            "segment": marks.segment,
            "element": marks.element,
            "component": marks.component,
            "release": marks.release,
            "repetition": marks.repetition,
        },
    )


def nameless(ordinal: int) -> Interchange:
    """What stands for the head of a file that begins with a message."""
    return Interchange(ordinal=ordinal, format="edifact", answer_requested=False)


def address(row: Row, at: int) -> Address | None:
    name = element(row, at, 1).strip()
    return Address(id=name, qualifier=element(row, at, 2).strip() or None) if name else None


def moment(day: str, time: str) -> datetime | None:
    """S004 as UTC; None when it is no date and time."""
    try:
        found = calendar_date(day)
        time = time.ljust(4, "0")
        return datetime(found.year, found.month, found.day, int(time[:2]), int(time[2:4]), tzinfo=UTC)
    except ValueError:
        return None


def version(head: Row) -> str | None:
    """D96A of UNH+1+ORDERS:D:96A:UN'."""
    return "".join((element(head, 2, 2).strip(), element(head, 2, 3).strip())) or None


def composite(*parts: str | None) -> str:
    return COMPONENT.join(part or "" for part in parts)


def cleaned(text: str) -> str:
    """An element as it is sent: service characters in it are released."""
    return text if text.isalnum() else text.translate(_RELEASED)


_INK = Ink(cleaned, "+", "'")


class Writer:
    """Puts rows into one interchange with the default service characters. Counts as it goes.

    An answer must go out whatever was wrong with what it answers: with `answering`, an address that is too long is cut
    and a character outside the charset becomes a question mark, instead of a Reject.
    """

    def __init__(self, envelope: Envelope, answering: bool = False) -> None:
        self.envelope, self.answering = envelope, answering
        self.text: list[str] = []
        self.messages = self.groups = 0
        self.charset = envelope.syntax.get("charset") or DEFAULT_CHARSET
        self.syntax = envelope.syntax.get("syntax") or envelope.syntax.get("version", "3")
        self.reference = str(envelope.numbers.interchange)

    def segment(self, row: Sequence[str]) -> None:
        """Add one segment; service characters in text are released."""
        if self.answering:
            row = [text if text.isascii() else self._carried(text) for text in row]
        self.text.append(_INK.row(list(row)))

    def _carried(self, text: str) -> str:
        """What the charset cannot carry becomes a question mark: here, because afterwards it would be a release."""
        codec = CHARSETS.get(self.charset, "ascii")
        return text.encode(codec, "replace").decode(codec)

    def open(self) -> None:
        """UNA and UNB. Raises Reject for an address that is too long."""
        e = self.envelope
        for one in (e.sender, e.receiver):
            if len(one.id) > MAX_ADDRESS and not self.answering:
                raise Reject(
                    f"{one.id!r} does not fit into {MAX_ADDRESS} characters of the UNB", reason="ADDRESS_TOO_LONG"
                )
        self.text.append("UNA:+.? '")
        row = [
            "UNB",
            composite(self.charset, self.syntax),
            composite(e.sender.id[:MAX_ADDRESS], e.sender.qualifier),
            composite(e.receiver.id[:MAX_ADDRESS], e.receiver.qualifier),
            self._moment(),
            self.reference,
            "",
            "",
            "",
            "",
            "",
            "1" if e.test else "",
        ]
        self.segment(trimmed(row))

    def scribe(self, message: Message) -> Scribe:
        """Who writes the documents of a table with these service characters."""
        return scribe(message, lambda: _INK, "edifact")

    def message(self, kind: str, version: str, said: Sequence[Row] | Body, association: str = "") -> None:
        """One message, numbered from 1. `version` is like D96A."""
        self.messages += 1
        number = str(self.messages)
        identifier = trimmed(["", composite(kind, version[:1], version[1:], "UN", association)])[1]
        self.segment(["UNH", number, identifier])
        self.segment(["UNT", str(self.body(said) + 2), number])

    def body(self, said: Sequence[Row] | Body) -> int:
        """Add the segments of one message, as rows or as text already; how many they are."""
        if isinstance(said, Body):
            self.text.append(said.text)
            return said.segments
        for row in said:
            self.segment(row)
        return len(said)

    def group(self, kind: str, version: str, bodies: Sequence[Body], association: str = "") -> None:
        """Messages of one kind between UNG and UNE, under the group number of the envelope."""
        e, number = self.envelope, str((self.envelope.numbers.group + self.groups - 1) % LAST_NUMBER + 1)
        self.groups += 1
        self.segment([
            "UNG", kind, composite(e.sender.id[:MAX_ADDRESS], e.sender.qualifier).rstrip(COMPONENT),
            composite(e.receiver.id[:MAX_ADDRESS], e.receiver.qualifier).rstrip(COMPONENT),
            self._moment(), number, "UN", composite(version[:1], version[1:], association).rstrip(COMPONENT)])
        for body in bodies:
            self.message(kind, version, body, association)
        self.segment(["UNE", str(len(bodies)), number])

    def _moment(self) -> str:
        at = self.envelope.prepared_at
        return composite(f"{at:%Y%m%d}" if self.syntax == "4" else f"{at:%y%m%d}", f"{at:%H%M}")

    def check(self, text: str) -> None:
        """Raises Reject for a character that the declared charset does not have, with its place."""
        codec = CHARSETS.get(self.charset, "ascii")
        carried(text, codec, self.charset, "+", "'", REPERTOIRES.get(self.charset))

    def size(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode(CHARSETS.get(self.charset, "ascii")))

    def close(self) -> bytes:
        """UNZ, and all of it in the declared charset. Raises Reject for a character that is not of it."""
        self.segment(["UNZ", str(self.groups or self.messages), self.reference])
        text = "".join(self.text)
        if not self.answering:
            self.check(text)
        return text.encode(CHARSETS.get(self.charset, "ascii"), "replace" if self.answering else "strict")
