"""gRPC calls as fast as a server takes them: HTTP/2 by hand, because a gRPC client costs as much as the call it makes.

It writes frames that were made beforehand, keeps so many calls in flight on a plain connection, and demands that every
reply is byte for byte the one it was told to expect (RFC 9113, RFC 7541; gRPC over HTTP/2).
"""

from __future__ import annotations

import itertools
import selectors
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

DATA, HEADERS, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WIDE = 2**31 - 1
OPENING = 65_535


@dataclass(frozen=True, slots=True)
class Call:
    """A method with its request, and the reply that it must bring (both without gRPC's five bytes)."""

    path: str
    request: bytes
    reply: bytes


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def headers(path: str, authority: str, metadata: Sequence[tuple[str, str]]) -> bytes:
    """A header block of literals that no table remembers."""

    def text(value: str) -> bytes:
        raw = value.encode()
        assert len(raw) < 127
        return bytes([len(raw)]) + raw

    post, http = b"\x83", b"\x86"
    named = [("te", "trailers"), ("content-type", "application/grpc"), *metadata]
    return post + http + b"\x04" + text(path) + b"\x01" + text(authority) + b"".join(
        b"\0" + text(name) + text(value) for name, value in named)


@dataclass(slots=True)
class Lane:
    """One connection with up to `width` calls in flight."""

    socket: socket.socket
    blocks: Sequence[tuple[bytes, Call]]
    width: int
    done: int = 0
    _streams: dict[int, tuple[Call, bytearray]] = field(default_factory=dict)
    _next: itertools.count[int] = field(default_factory=lambda: itertools.count(1, 2))
    _read: bytearray = field(default_factory=bytearray)
    _credit: int = WIDE

    def open(self) -> None:
        settings = struct.pack(">HIHI", 1, 0, 4, WIDE)  # no table of headers; as much data of a stream as there is
        self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0, settings) + frame(
            WINDOW, 0, 0, struct.pack(">I", WIDE - OPENING)))

    def fill(self) -> None:
        """Call until `width` calls are in flight."""
        out = bytearray()
        while len(self._streams) < self.width:
            stream = next(self._next)
            block, call = self.blocks[(stream // 2) % len(self.blocks)]
            self._streams[stream] = (call, bytearray())
            out += frame(HEADERS, END_HEADERS, stream, block)
            out += frame(DATA, END_STREAM, stream, b"\0" + struct.pack(">I", len(call.request)) + call.request)
        if out:
            self.socket.sendall(out)

    def take(self) -> None:
        """Read what has come. Raises AssertionError for anything but the replies that were expected."""
        got = self.socket.recv(1 << 20)
        assert got, "the server has closed the connection"
        self._read += got
        at = 0
        while len(self._read) - at >= 9:
            length = int.from_bytes(self._read[at : at + 3], "big")
            if len(self._read) - at - 9 < length:
                break
            kind, flags, stream = struct.unpack_from(">BBI", self._read, at + 3)
            self._frame(kind, flags, stream, bytes(self._read[at + 9 : at + 9 + length]))
            at += 9 + length
        del self._read[:at]

    def _frame(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        assert kind != GOAWAY, payload
        if kind == DATA:
            self._streams[stream][1].extend(payload)
            self._spend(len(payload))
        elif kind == HEADERS and flags & END_STREAM:
            call, reply = self._streams.pop(stream)
            assert reply[5:] == call.reply, f"{call.path} answered {bytes(reply[:100])!r} and {payload!r}"
            self.done += 1
        elif kind == SETTINGS and not flags & ACK:
            self.socket.sendall(frame(SETTINGS, ACK, 0, b""))
        elif kind == PING and not flags & ACK:
            self.socket.sendall(frame(PING, ACK, 0, payload))

    def _spend(self, octets: int) -> None:
        self._credit -= octets
        if self._credit < WIDE // 2:
            self.socket.sendall(frame(WINDOW, 0, 0, struct.pack(">I", WIDE - self._credit)))
            self._credit = WIDE


def rate(
    port: int, calls: Sequence[Call], seconds: float, *, lanes: int = 2, width: int = 16,
    metadata: Sequence[tuple[str, str]] = (),
) -> tuple[int, float]:
    """How many calls were answered in how many seconds, by turns over `calls`; the first quarter second is left out."""
    authority = f"127.0.0.1:{port}"
    blocks = [(headers(call.path, authority, metadata), call) for call in calls]
    with selectors.DefaultSelector() as ready:
        opened = []
        for _ in range(lanes):
            lane = Lane(socket.create_connection(("127.0.0.1", port)), blocks, width)
            lane.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.register(lane.socket, selectors.EVENT_READ, lane)
            opened.append(lane)
            lane.open()
            lane.fill()
        try:
            _turn(ready, time.perf_counter() + 0.25)
            before, began = sum(lane.done for lane in opened), time.perf_counter()
            _turn(ready, began + seconds)
            return sum(lane.done for lane in opened) - before, time.perf_counter() - began
        finally:
            for lane in opened:
                lane.socket.close()


def _turn(ready: selectors.BaseSelector, until: float) -> None:
    while time.perf_counter() < until:
        for key, _ in ready.select(1.0):
            key.data.take()
            key.data.fill()
