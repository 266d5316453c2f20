"""CSV as one `hub.ports.Format`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from adapters.csv import report, table, text, write
from adapters.csv.read import read, sniff
from adapters.csv.table import Table
from hub.errors import BrokenTable, Finding, Reject, Severity, Where
from hub.model.exchange import Acknowledgement, Closing, Document, Envelope, Event, Numbers, Reading
from hub.ports import Guides

Overlays = Mapping[str, Mapping[str, str]]
"""partner -> table name -> TOML text of the rows that differ."""


class Csv:
    """Every CSV that a shipped table or a partner's own rows know by its header line.

    There is no envelope in a CSV: sender, receiver and control number are None, and the channel says who sent it.
    """

    name = "csv"

    def __init__(self, overlays: Overlays | Callable[[], Overlays] | None = None) -> None:
        self._overlays = overlays if callable(overlays) else lambda: overlays or {}

    def recognises(self, head: bytes) -> bool:
        """Whether the first line that is not blank is a header line that one of the tables knows."""
        if b"\x00" in head[:1] or (text.encoding_of(head)[0] == "utf-8" and b"\x00" in head):
            return False
        line = next((x for x in text.decode(head).splitlines() if x.strip()), "")
        partners = (None, *(p for p, own in self._overlays().items() if any(n.startswith("csv/") for n in own)))
        return any(sniff(line, self._tables(p)) for p in partners)

    def read(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        return read(source, guides, self._tables)

    def acknowledge(self, closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
        """Always one report, also when nothing is wrong."""
        return [report.acknowledge(closing)]

    def told(self, closing: Closing, checked: Sequence[tuple[Reading, Sequence[Finding]]]) -> Closing:
        return report.told(closing, checked)

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        """One CSV file; the envelope has no place in it. Raises Reject."""
        found = self._tables(partner).get(table)
        if found is None:
            raise Reject(f"there is no CSV table {table!r}", reason="UNKNOWN_TABLE")
        return write.write(found, documents)

    def _tables(self, partner: str | None) -> Mapping[str, Table]:
        own = self._overlays().get(partner, {}) if partner else {}
        return table.shipped() | {n: table.overlaid(n, rows) for n, rows in own.items() if n.startswith("csv/")}


def check_overlay(name: str, rows: str) -> list[Finding]:
    """What is wrong with a partner's rows for the CSV table `name`."""
    try:
        table.overlaid(name, rows)
    except BrokenTable as wrong:
        return [Finding(code="E-CSV-TABLE", severity=Severity.ERROR, where=Where(path=f"{name}.toml"),
                        message=f"{wrong}.", hint="Correct the row, or remove it to use the shipped one.")]
    return []
