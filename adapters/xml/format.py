"""UBL and GS1 XML as a `Format` that knows what it sees and says that it cannot read it yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from lxml import etree

from adapters.xml.identify import Doctype, identify
from hub.errors import Finding, Reject, Where
from hub.model.exchange import (
    Acknowledgement,
    Closing,
    Document,
    Envelope,
    Event,
    Interchange,
    Numbers,
    Opening,
    Reading,
    Remark,
    Status,
)
from hub.model.finding import finding
from hub.ports import Guides

STANDARDS = {"ubl": "UBL", "gs1": "GS1"}


class Xml:
    """Implements `hub.ports.Format`; its interchanges are of format "ubl" or "gs1"."""

    name = "xml"

    def recognises(self, head: bytes) -> bool:
        """Something that opens with a tag, after a BOM or blank lines."""
        start = (
            head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip(b" \t\r\n\0")
        )
        return start.startswith((b"<?xml", b"<\0?\0x\0", b"\0<\0?\0x")) or (
            start.startswith(b"<") and not start.lower().startswith((b"<html", b"<!doctype html")) and b">" in start
        )

    def read(self, source: BinaryIO, guides: Guides) -> Iterator[Event]:
        try:
            found = identify(source)
        except Doctype:
            yield Remark(finding("xml", "DOCTYPE"))
            return
        except etree.XMLSyntaxError as broken:
            line = broken.lineno or None
            yield Remark(finding("xml", "BROKEN-XML", Where(line=line), reason=str(broken.msg)))
            return
        if found.format is None:
            yield Remark(finding("file", "NO-FORMAT", reason="it is XML, but neither UBL nor GS1"))
            return
        interchange = Interchange(
            ordinal=1,
            format=found.format,
            version=found.version,
            sender=found.sender,
            receiver=found.receiver,
            control=found.control,
            answer_requested=False,
        )
        yield Opening(interchange)
        yield Reading(
            interchange,
            None,
            1,
            found.message,
            found.version,
            found.control,
            Status.REJECTED,
            None,
            (self._not_mapped(found.format, found.message),),
        )
        yield Closing(interchange, ())

    def _not_mapped(self, format: str, message: str) -> Finding:
        where = Where(interchange=1, transaction=1, line=1, path=f"/{message}")
        return finding("xml", "NOT-MAPPED", where, message, standard=STANDARDS[format], message=message)

    def acknowledge(self, closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
        return []

    def write(self, table: str, documents: Sequence[Document], envelope: Envelope, partner: str | None) -> bytes:
        raise Reject(f"{table}: XML is not written yet", reason="NO_SUCH_TABLE")
