"""MIME entities as exact bytes: what is signed, and what a MIC is computed over, is never rewritten."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath

from adapters.transports.as2.fault import Malformed

MOST_HEADERS = 64 * 1024
FIELD = re.compile(r"[!-9;-~]+")


@dataclass(frozen=True, slots=True)
class Entity:
    """Headers by lower-case name, the body as it was transferred, and the bytes of both together."""

    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    @property
    def kind(self) -> str:
        """The media type in lower case, text/plain where none is given."""
        return _header("content-type", self.headers.get("content-type", "text/plain")).get_content_type()

    def parameter(self, name: str) -> str | None:
        """One parameter of Content-Type."""
        value = _header("content-type", self.headers.get("content-type", "")).get_param(name)
        return value if isinstance(value, str) else None

    @property
    def filename(self) -> str | None:
        """The file name of Content-Disposition, or the name of Content-Type, without folders, at most 200 long."""
        disposition = _header("content-disposition", self.headers.get("content-disposition", ""))
        name = PurePosixPath((disposition.get_filename() or self.parameter("name") or "").replace("\\", "/")).name
        return "".join(c if c.isprintable() else "?" for c in name)[:200] or None

    def content(self) -> bytes:
        """The body without its transfer encoding. Raises Malformed."""
        encoding = self.headers.get("content-transfer-encoding", "binary").strip().lower()
        if encoding == "base64":
            try:
                return base64.b64decode(self.body)
            except binascii.Error as wrong:
                raise Malformed("broken base64") from wrong
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body)
        if encoding not in ("7bit", "8bit", "binary", ""):
            raise Malformed(f"transfer encoding {encoding!r}")
        return self.body


def _header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value
    return message


def parse(raw: bytes) -> Entity:
    """Headers, an empty line, a body. Raises Malformed."""
    head, body = _cut(raw)
    headers: dict[str, str] = {}
    for line in re.sub(rb"\r?\n[ \t]+", b" ", head).splitlines():
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not FIELD.fullmatch(name.strip()) or any(ord(c) < 32 and c != "\t" for c in value):
            raise Malformed("a line of the heading is none")
        headers.setdefault(name.strip().lower(), value.strip())
    return Entity(headers, body, raw)


def _cut(raw: bytes) -> tuple[bytes, bytes]:
    if raw.startswith((b"\r\n", b"\n")):
        return b"", raw[raw.index(b"\n") + 1:]
    ends = [(at, len(end)) for end in (b"\r\n\r\n", b"\n\n") if (at := raw.find(end, 0, MOST_HEADERS)) >= 0]
    if not ends:
        raise Malformed("no end of the heading")
    at, length = min(ends)
    return raw[:at], raw[at + length:]


def parts(body: bytes, boundary: str | None) -> list[bytes]:
    """The parts of a multipart body, as they are. Nothing but blanks may follow the last boundary: what could stand
    there unsigned would tell an attacker about the padding of a cipher. Raises Malformed."""
    if not boundary or len(boundary) > 200:
        raise Malformed("no boundary")
    found: list[bytes] = []
    mark, start, at = b"--" + boundary.encode("latin-1"), None, 0
    while (at := body.find(mark, at)) >= 0:
        after = at + len(mark)
        closes = body.startswith(b"--", after)
        end = _line_end(body, after + 2 * closes)
        if end is None or (at and body[at - 1] != 0x0A):
            at = after
            continue
        if start is not None:
            found.append(body[start:_before(body, at, start)])
        if closes:
            if body[end:].strip():
                raise Malformed("bytes after the last boundary")
            return found
        start = at = end
    raise Malformed("no last boundary")


def _line_end(body: bytes, at: int) -> int | None:
    """Where the next line begins, if nothing but blanks stands on the rest of this one."""
    while body[at:at + 1] in (b" ", b"\t"):
        at += 1
    if body.startswith(b"\r\n", at):
        return at + 2
    return at + 1 if body.startswith(b"\n", at) else at if at == len(body) else None


def _before(body: bytes, at: int, start: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    end = at - 2 if body[at - 2:at] == b"\r\n" else at - 1
    return max(end, start)


def heading(headers: Mapping[str, str]) -> bytes:
    """Headers and the empty line after them."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("latin-1") + b"\r\n"
