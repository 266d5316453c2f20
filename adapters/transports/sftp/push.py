"""SFTP outwards: partners who host a server find each file in a folder of it, whole or not at all.

A file is written under a hidden name made from its Message-ID, and gets its own name when all bytes are there. An
attempt that broke off is gone on with by the next: the hidden name says that it is the same file. A file that lies
there under its name already, as long as ours, has arrived by an attempt whose answer was lost.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import asyncssh
from asyncssh.sftp import SFTPNoSuchFile, SFTPOpUnsupported

from adapters.transports.mailbox import plain_name
from adapters.transports.sftp.line import Secret, session
from hub.errors import Reject, Retry
from hub.killpoint import reached
from hub.ports import Outgoing

PIECE = 1 << 20
"""Bytes at a time; and so many of what came before are sent again, because a crash may have eaten them."""


class SftpPush:
    """`hub.ports.Transport` for the channel "sftp". `ours`: where the hub's own key lies, or shall be made."""

    name = "sftp"

    def __init__(self, secrets: Secret, ours: Path) -> None:
        self._secrets, self._ours = secrets, ours

    async def deliver(self, outgoing: Outgoing) -> str:
        """Where it lies. Raises Retry and Reject as `line.session` says; Reject when the name is taken by another file.
        """
        terms = outgoing.receiver.sftp
        if terms is None or terms.put is None:
            raise Reject(f"The profile of {outgoing.receiver.name} names no SFTP server to put files on.",
                         reason="NO_SFTP")
        folder = terms.put.rstrip("/")
        target = f"{folder}/{plain_name(outgoing.filename)}"
        async with session(terms, self._secrets, self._ours, outgoing.length) as sftp:
            there = await size(sftp, target)
            if there is not None and there != outgoing.length:
                raise Reject(f"{target} is there already, with {there} bytes; ours has {outgoing.length}.",
                             reason="NAME_TAKEN")
            if there is None:
                await self._put(sftp, outgoing, f"{folder}/.{outgoing.message}.part", target)
        return f"It lies in {target}." if there is None else f"It lay in {target} already."

    async def _put(self, sftp: asyncssh.SFTPClient, outgoing: Outgoing, draft: str, target: str) -> None:
        came = await size(sftp, draft) or 0
        start = came - came % PIECE - PIECE if came <= outgoing.length else 0
        await write(sftp, draft, outgoing.source, max(0, start))
        arrived = await size(sftp, draft)
        if arrived != outgoing.length:
            raise Retry(f"Of {outgoing.length} bytes {arrived or 0} arrived.", reason="PEER_BUSY")
        reached("sftp.put")
        try:
            await sftp.posix_rename(draft, target)
        except SFTPOpUnsupported:
            await sftp.rename(draft, target)


async def write(sftp: asyncssh.SFTPClient, path: str, source: BinaryIO, start: int) -> None:
    """The bytes from `start` on; anew when that is 0."""
    async with sftp.open(path, "r+b" if start else "wb") as file:
        source.seek(start)
        while piece := await asyncio.to_thread(source.read, PIECE):
            await file.write(piece, source.tell() - len(piece))
        with suppress(SFTPOpUnsupported):
            await file.fsync()


async def size(sftp: asyncssh.SFTPClient, path: str) -> int | None:
    """None when there is no such file."""
    try:
        return (await sftp.stat(path)).size
    except SFTPNoSuchFile:
        return None
