"""A client of SFTP with a queue of files, as file managers and gateways have it: the next ones are on their way while
the last are still being brought to safety. It speaks over OpenSSH's `ssh`, so that what it costs itself is little.

    python -m bench.ahead USER PORT KEY FILES LANES      (says "ready" when logged in, then begins at a line from stdin)

Each file is opened, written, and closed in the same breath as the write; it counts when its close was answered OK.
"""

from __future__ import annotations

import itertools
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

INIT, OPEN, CLOSE, WRITE, STATUS, HANDLE = 1, 3, 4, 6, 101, 102
ANEW = 0x02 | 0x08 | 0x10
"""Write, create, truncate."""


def text(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


@dataclass
class Wire:
    """Requests to a server of SFTP version 3, and its answers."""

    out: BinaryIO
    answers: BinaryIO

    def ask(self, kind: int, body: bytes) -> None:
        self.out.write(struct.pack(">IB", 1 + len(body), kind) + body)

    def answer(self) -> tuple[int, int, bytes]:
        """Kind, the number of its request, and the rest. Raises EOFError when the server is gone."""
        head = self.answers.read(4)
        if len(head) < 4:
            raise EOFError("the server hung up")
        body = self.answers.read(struct.unpack(">I", head)[0])
        return body[0], struct.unpack(">I", body[1:5])[0], body[5:]


def bring(wire: Wire, files: int, lanes: int) -> None:
    """All files, `lanes` at a time. Raises SystemExit with the server's words when one is refused."""
    names = iter(range(files))
    for lane in range(lanes):
        begin(wire, lane, names)
    wire.out.flush()
    left = files
    while left:
        kind, request, rest = wire.answer()
        lane, step = divmod(request, 4)
        if kind == HANDLE:
            go_on(wire, lane, rest)
        elif kind != STATUS or struct.unpack(">I", rest[:4])[0]:
            raise SystemExit(f"refused: {rest!r}")
        elif step == CLOSE % 4:
            left -= 1
            begin(wire, lane, names)
        wire.out.flush()


def begin(wire: Wire, lane: int, names: Iterator[int]) -> None:
    for name in itertools.islice(names, 1):
        wire.ask(OPEN, number(lane, OPEN) + text(b"/in/%d.edi" % name) + struct.pack(">II", ANEW, 0))


def go_on(wire: Wire, lane: int, handle: bytes) -> None:
    content = os.urandom(1000).hex().encode()
    wire.ask(WRITE, number(lane, WRITE) + handle + struct.pack(">Q", 0) + text(content))
    wire.ask(CLOSE, number(lane, CLOSE) + handle)


def number(lane: int, kind: int) -> bytes:
    """Of a request: which lane asks, and for what."""
    return struct.pack(">I", lane * 4 + kind % 4)


def main() -> None:
    user, port, key, files, lanes = sys.argv[1:]
    line = subprocess.Popen(
        ["ssh", "-q", "-F", "none", "-i", key, "-p", port, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no",
         "-o", "UserKnownHostsFile=/dev/null", "-s", f"{user}@127.0.0.1", "sftp"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert line.stdin is not None
    assert line.stdout is not None
    wire = Wire(line.stdin, line.stdout)  # type: ignore[arg-type]  # pipes of bytes, both
    wire.ask(INIT, struct.pack(">I", 3))
    line.stdin.flush()
    wire.answer()
    print("ready", flush=True)
    sys.stdin.readline()
    bring(wire, int(files), int(lanes))
    line.stdin.close()
    line.wait()


if __name__ == "__main__":
    main()
