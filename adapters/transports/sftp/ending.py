"""Whether the writer closed a file, or only the line broke.

When a connection or a channel ends, asyncssh closes every open file by the same method that a client's own request
calls, so half a file would look like a whole one. The handler here says first that the session has ended.

It leans on three things of asyncssh that are not documented (`SFTPServerHandler._cleanup` and `_process_packet`, and
how a session starts its handler), which is why that package is pinned to one minor version; test_endings.py and
test_closing.py in tests/transports/sftp would notice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from asyncssh.channel import SSHChannel
from asyncssh.constants import FXP_CLOSE
from asyncssh.packet import SSHPacket
from asyncssh.sftp import SFTPServer, SFTPServerHandler
from asyncssh.stream import SSHReader, SSHServerStreamSession, SSHWriter

from adapters.transports.sftp.closing import PASSING, Closing

VERSION = 3
"""Of the protocol: what OpenSSH speaks."""


class Ending(Protocol):
    """What a session is told. `closing`: its closes that are not answered yet."""

    closing: Closing

    def broken(self) -> None:
        """Files that are closed from now on were not closed by their writers."""


class Handler(SFTPServerHandler):
    """Reads requests until the line ends."""

    async def _process_packet(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        closing = cast(Ending, self._server).closing
        if pkttype == FXP_CLOSE:
            await closing.begin(super()._process_packet(pkttype, pktid, packet))
            return
        if pkttype not in PASSING:
            await closing.settled()
        await super()._process_packet(pkttype, pktid, packet)

    async def _cleanup(self, exc: Exception | None) -> None:
        session = cast(Ending, self._server)
        await session.closing.settled()
        if self._file_handles:
            session.broken()
        await super()._cleanup(exc)

    def _log_packet(self, msg: str, pkttype: int, pktid: int | None, packet: object, note: str) -> None:
        """Nothing: putting a packet into words costs more than sending it, and the hub's log has its own."""


class FilesOnly(SSHServerStreamSession[bytes]):
    """A channel on which nothing but SFTP is spoken: no shell, no command."""

    def __init__(self, files: Callable[[SSHChannel[bytes]], SFTPServer]) -> None:
        super().__init__(None, files, VERSION)

    def session_started(self) -> None:
        channel, connection = self._chan, self._conn
        assert channel is not None and connection is not None  # noqa: S101, PT018  (asyncssh sets both first)
        files = self._init_sftp_server()
        reader, writer = SSHReader(self, channel), SSHWriter(self, channel)
        connection.create_task(Handler(cast(SFTPServer, files), reader, writer, VERSION).run(), reader.logger)
