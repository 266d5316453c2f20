"""Receipts: message disposition notifications (RFC 4130, 7.4; RFC 8098), made and read."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.transports.as2.algorithms import WIRE, digest_named
from adapters.transports.as2.fault import Fault, Malformed
from adapters.transports.as2.mime import Entity, heading, parse, parts
from adapters.transports.as2.package import Mic, opened_signature, signed
from hub.model.as2 import As2Terms, Digest

PROCESSED = "processed"
MODE = "automatic-action/MDN-sent-automatically"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a receipt says: about which message, whether it was taken (`disposition` "processed" or "processed/Error:
    decryption-failed"), the MIC of what came, and a text for people."""

    original: str | None
    disposition: str
    mic: Mic | None
    text: str

    @property
    def positive(self) -> bool:
        """Whether the message was taken; a warning does not take that back."""
        kind, _, modifier = self.disposition.lower().partition("/")
        return kind.strip() == PROCESSED and (not modifier.strip() or modifier.strip().startswith("warning"))


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it travels."""

    headers: Mapping[str, str]
    body: bytes


def write(
    statement: Statement, recipient: str, digest: Digest | None, keys: tuple[str, ...], now: datetime
) -> Receipt:
    """The receipt for a message that came to `recipient`; signed where a digest is given. Raises Stop without a key."""
    lines = [
        "Reporting-UA: cpfr-hub", f"Original-Recipient: rfc822; {recipient}", f"Final-Recipient: rfc822; {recipient}",
        *([f"Original-Message-ID: {statement.original}"] if statement.original else []),
        f"Disposition: {MODE}; {statement.disposition}",
        *([f"Received-Content-MIC: {statement.mic}"] if statement.mic else []),
    ]
    fields = "".join(f"{_one_line(line)}\r\n" for line in lines).encode("ascii", "replace")
    text = statement.text.replace("\r\n", "\n").replace("\n", "\r\n").encode("ascii", "replace")
    mark = b"--" + hashlib.sha256(fields + text).hexdigest()[:40].encode()
    body = b"".join((
        mark, b"\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n", text,
        b"\r\n", mark,
        b"\r\nContent-Type: message/disposition-notification\r\nContent-Transfer-Encoding: 7bit\r\n\r\n", fields,
        b"\r\n", mark, b"--\r\n"))
    headers = {"Content-Type":
               f'multipart/report; report-type=disposition-notification; boundary="{mark[2:].decode()}"'}
    if digest is None:
        return Receipt(headers, body)
    headers, body, _ = signed(heading(headers) + body, digest, keys, now)
    return Receipt(headers, body)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def is_receipt(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether what came is a receipt, and no message. `headers` by lower-case name."""
    entity = Entity(headers, body, body)
    try:
        if entity.kind == "multipart/signed":
            entity = parse(parts(entity.body, entity.parameter("boundary"))[0])
    except (Malformed, IndexError):
        return False
    return entity.kind == "multipart/report"


def read(headers: Mapping[str, str], body: bytes, terms: As2Terms, now: datetime) -> tuple[Statement, bool]:
    """What a receipt says, and whether its signature holds. Raises Fault for one that is forged or unreadable."""
    entity, proven = Entity(headers, body, body), False
    try:
        if entity.kind == "multipart/signed":
            content, _ = opened_signature(entity, terms, now)
            entity, proven = parse(content), True
        if entity.kind != "multipart/report":
            raise Malformed(f"{entity.kind} instead of multipart/report")
        found = [parse(part) for part in parts(entity.body, entity.parameter("boundary"))]
        notice = next((one for one in found if one.kind == "message/disposition-notification"), None)
        if notice is None:
            raise Malformed("no disposition-notification in it")
        text = next((one.content().decode("utf-8", "replace") for one in found if one.kind == "text/plain"), "")
        return _statement(_fields(notice.content()), text.strip()), proven
    except Malformed as wrong:
        raise Fault("unsupported format", f"The receipt cannot be read: {wrong}.") from wrong


def _fields(content: bytes) -> Mapping[str, str]:
    """All fields of the notification; some senders set an empty line between those of the message and the others."""
    return parse(re.sub(rb"(\r?\n)+", b"\r\n", content.strip()) + b"\r\n\r\n").headers


def _statement(fields: Mapping[str, str], text: str) -> Statement:
    _, mode, disposition = fields.get("disposition", "").partition(";")
    if not mode:
        raise Malformed("no disposition")
    said = fields.get("error") or fields.get("failure")
    disposition = " ".join(disposition.split())
    if said and ":" not in disposition:
        disposition += f": {said}"
    return Statement(fields.get("original-message-id"), disposition, _mic(fields.get("received-content-mic")), text)


def _mic(value: str | None) -> Mic | None:
    value, _, name = (value or "").rpartition(",")
    digest = digest_named(name)
    return Mic("".join(value.split()), digest) if digest is not None and value else None


def same(one: Mic | None, other: Mic) -> bool:
    """Whether both say the same of the same bytes."""
    try:
        return one is not None and one.digest == other.digest and base64.b64decode(one.value) == base64.b64decode(
            other.value)
    except ValueError:
        return False


def micalg(digest: Digest) -> str:
    return WIRE[digest]
