"""What one partner sees and may do, request by request. Nothing of asyncssh's own file system is left: every request
that it knows is answered here (a test counts them), and no path of the partner's ever names a file of the hub's disk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, NoReturn, Protocol

import structlog
from asyncssh.channel import SSHServerChannel
from asyncssh.constants import FXF_APPEND, FXF_TRUNC, FXF_WRITE
from asyncssh.sftp import (
    SFTPAttrs,
    SFTPFailure,
    SFTPName,
    SFTPNoSuchFile,
    SFTPPermissionDenied,
    SFTPServer,
)

from adapters.transports.sftp.arriving import Upload
from adapters.transports.sftp.attributes import attrs_of, file_attrs, folder_attrs, refuse_request, said
from adapters.transports.sftp.closing import Closing
from adapters.transports.sftp.extent import Extent
from adapters.transports.sftp.places import FOLDERS, Folder, Place, absolute, place_of, writable
from adapters.transports.sftp.room import Room
from hub.errors import Reject
from hub.killpoint import reached
from hub.ports import Message, Waiting

log = structlog.get_logger("hub.sftp")


@dataclass
class Download:
    """A file of the mailbox that is open for reading. `seen`: what of it was read, by whichever handle."""

    waiting: Waiting
    holding: AbstractAsyncContextManager[tuple[Message, BinaryIO]]
    source: BinaryIO
    seen: Extent


class Stirred(Protocol):
    """The connection, which is closed when nothing stirs on it."""

    def stir(self) -> None: ...

    def answering(self) -> AbstractContextManager[None]:
        """While this lasts the connection is not closed, by the hub."""


class Files(SFTPServer):
    """One session. `room` is shared by all sessions of the partner."""

    def __init__(self, channel: SSHServerChannel[bytes], room: Room, line: Stirred) -> None:
        super().__init__(channel)
        self._room = room
        self._line = line
        self.closing = Closing()
        self._ended = False
        self._open = 0

    def broken(self) -> None:
        """See `ending`."""
        self._ended = True

    # -- files -----------------------------------------------------------------------------------------------------

    async def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> object:
        place = self._file(path)
        if self._open >= self._room.limits.handles:
            raise SFTPFailure("You have as many files open as one connection may.")
        with said():
            self._room.buckets.take(self._room.partner)
            file = await (self._upload(place, pflags) if pflags & FXF_WRITE else self._download(place))
        self._open += 1
        return file

    async def _upload(self, place: Place, pflags: int) -> Upload:
        if place.folder != "in":
            raise SFTPPermissionDenied("Files are put into /in.")
        name = writable(place)
        if name in self._room.arrivals.busy:  # by this session, it may be: requests for one name keep their order
            await self.closing.settled()
        await self._room.house.admit(self._room.partner)
        self._room.occupy(name)
        try:
            path = self._room.arrivals.folder("arriving") / name
            if not pflags & FXF_TRUNC:
                self._room.arrivals.go_on(name)
            return Upload.open(path, name, self._room.limits.message_bytes, anew=bool(pflags & FXF_TRUNC),
                               append=bool(pflags & FXF_APPEND))
        except BaseException:
            self._room.leave(name)
            raise

    async def _download(self, place: Place) -> Download:
        if place.folder == "in":
            raise SFTPPermissionDenied("Files in /in are the hub's; nobody reads them there.")
        await self.closing.settled()
        waiting = await self._waiting(place, place.folder)
        holding = self._room.house.content(self._room.partner, waiting.message)
        _, source = await holding.__aenter__()
        return Download(waiting, holding, source, self._room.seen_of(waiting.message))

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        if not isinstance(file_obj, Download):
            raise SFTPPermissionDenied("The file is open for writing.")
        self._line.stir()
        file_obj.source.seek(offset)
        data = file_obj.source.read(min(size, 1 << 20))
        if data:
            with said():
                file_obj.seen.add(offset, offset + len(data))
        return data

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if not isinstance(file_obj, Upload):
            raise SFTPPermissionDenied("The file is open for reading.")
        self._line.stir()
        with said():
            await file_obj.write(offset, data)
        return len(data)

    async def close(self, file_obj: object) -> None:
        """What was closed by its writer is answered when it is safe; what the line cut off is kept to be gone on with.
        """
        self._open -= 1
        with self._line.answering():
            if isinstance(file_obj, Upload):
                await self._close_upload(file_obj)
            elif isinstance(file_obj, Download):
                await self._close_download(file_obj)

    async def _close_upload(self, upload: Upload) -> None:
        try:
            await upload.settle()
            if self._ended:
                await asyncio.to_thread(upload.break_off)
                log.info("upload broken off", partner=self._room.partner, length=upload.extent.end)
                return
            with said():
                await self._finish(upload)
        finally:
            self._room.leave(upload.name)

    async def _finish(self, upload: Upload) -> None:
        if upload.trouble is not None:
            await asyncio.to_thread(upload.drop)
            raise upload.trouble
        if not upload.extent.whole:
            await asyncio.to_thread(upload.break_off)
            raise Reject("A piece of the file is missing.", reason="INCOMPLETE")
        if Place("in", upload.name).is_draft:
            await asyncio.to_thread(self._room.arrivals.draft, upload)
        elif not upload.extent.end:
            await asyncio.to_thread(upload.drop)
            raise Reject("The file is empty.", reason="EMPTY")
        else:
            await self._room.hand_in(upload.path, upload.name, upload)

    async def _close_download(self, download: Download) -> None:
        await download.holding.__aexit__(None, None, None)
        if self._ended or download.seen.end < download.waiting.length or not download.seen.whole:
            return
        reached("sftp.read")
        await self._take(download.waiting)

    async def _take(self, waiting: Waiting) -> None:
        with said():
            await self._room.house.take(self._room.partner, waiting.message)
        reached("sftp.taken")
        log.info("file fetched", partner=self._room.partner, message=waiting.message)

    # -- names -----------------------------------------------------------------------------------------------------

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        place = place_of(path)
        self._line.stir()
        if place.name is not None:
            raise SFTPNoSuchFile("That is no folder.")
        for dots in (b".", b".."):
            yield SFTPName(dots, attrs=folder_attrs())
        if place.folder is None:
            for folder in FOLDERS:
                yield SFTPName(folder.encode(), attrs=folder_attrs())
        elif place.folder == "in":
            for name, fact in (await asyncio.to_thread(self._room.arrivals.unfinished)).items():
                yield SFTPName(name.encode(), attrs=file_attrs(fact.st_size, fact.st_mtime, 0o600))
        else:
            async for waiting in self._listed(place.folder):
                yield SFTPName(waiting.filename.encode(), attrs=attrs_of(waiting))

    async def _listed(self, folder: str) -> AsyncIterator[Waiting]:
        house, partner = self._room.house, self._room.partner
        if folder == "archive":
            for waiting in await house.fetched(partner, 1000):
                yield waiting
            return
        after: str | None = None
        while True:
            page = await house.waiting(partner, 200, after)
            for waiting in page.rows:
                yield waiting
            if (after := page.next_key) is None:
                return

    async def stat(self, path: bytes) -> SFTPAttrs:
        place = place_of(path)
        if place.name is None:
            return folder_attrs()
        if place.folder == "in":
            return await asyncio.to_thread(self._stat_unfinished, place.name)
        return attrs_of(await self._waiting(place, place.folder))

    def _stat_unfinished(self, name: str) -> SFTPAttrs:
        """Also of what was taken by now: clients look whether a file is there that they were just told is safe."""
        fact = self._room.arrivals.unfinished().get(name)
        if fact is not None:
            return file_attrs(fact.st_size, fact.st_mtime, 0o600)
        if (length := self._room.taken.get(name)) is not None:
            return file_attrs(length, time.time(), 0o400)
        raise SFTPNoSuchFile("There is no such file.")

    async def lstat(self, path: bytes) -> SFTPAttrs:
        return await self.stat(path)

    def fstat(self, file_obj: object) -> SFTPAttrs:
        if isinstance(file_obj, Upload):
            return file_attrs(file_obj.extent.end, time.time(), 0o600)
        assert isinstance(file_obj, Download)  # noqa: S101  (nothing else is ever opened)
        return attrs_of(file_obj.waiting)

    def realpath(self, path: bytes) -> bytes:
        return absolute(path)

    async def remove(self, path: bytes) -> None:
        """In /in: away with what is unfinished. In /out: "I have it"."""
        place = self._file(path)
        assert place.name is not None  # noqa: S101  (`_file` says so)
        if place.folder == "archive":
            raise SFTPPermissionDenied("The archive is only for reading.")
        if place.folder == "out":
            await self._take(await self._waiting(place, None))
        elif place.name in self._room.arrivals.busy:
            raise SFTPFailure("The file is being written.")
        elif not await asyncio.to_thread(self._room.arrivals.forget, place.name):
            raise SFTPNoSuchFile("There is no such file; what was taken can be taken back no more.")

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """A draft that gets its name becomes a message, before the answer. /out to /archive means: "I have it"."""
        old, new = self._file(oldpath), self._file(newpath)
        if old.folder == "out" and new == Place("archive", old.name):
            await self._take(await self._waiting(old, None))
        elif old.folder == new.folder == "in" and old.is_draft:
            with said(), self._line.answering():
                await asyncio.shield(asyncio.ensure_future(self._name(old, new)))
        else:
            raise SFTPPermissionDenied("Only drafts in /in are renamed, and files moved from /out to /archive.")

    async def _name(self, old: Place, new: Place) -> None:
        assert old.name is not None  # noqa: S101  (`_file` says so)
        before, after, room = writable(old), writable(new), self._room
        room.occupy(before)
        try:
            if new.is_draft:
                await asyncio.to_thread(room.arrivals.rename_draft, before, after)
            else:
                await room.hand_in(room.arrivals.folder("drafts") / before, after, None)
        except FileNotFoundError:
            raise SFTPNoSuchFile("There is no such draft, or it is not closed yet.") from None
        finally:
            room.leave(before)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self.rename(oldpath, newpath)

    def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Does nothing: clients set times and modes after an upload, and take a refusal for a failure of the whole."""
        place_of(path)

    def lsetstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        place_of(path)

    def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        """As `setstat`."""

    def fsync(self, file_obj: object) -> None:
        """What is closed is safe; before that nothing is promised."""

    def exit(self) -> None:
        """The session ends."""

    # -- what there is not -----------------------------------------------------------------------------------------

    def mkdir(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Those that are there may be "made" again: many clients do so before they upload."""
        if place_of(path).name is not None or place_of(path).folder is None:
            raise SFTPPermissionDenied("There are no other folders than /in, /out and /archive.")
        raise SFTPFailure("The folder is there already.")

    def rmdir(self, path: bytes) -> None:
        raise SFTPPermissionDenied("The folders stay.")

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: SFTPAttrs) -> object:
        refuse_request()

    def readlink(self, path: bytes) -> bytes:
        refuse_request()

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        refuse_request()

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        refuse_request()

    def lock(self, file_obj: object, offset: int, length: int, flags: int) -> None:
        refuse_request()

    def unlock(self, file_obj: object, offset: int, length: int) -> None:
        refuse_request()

    def statvfs(self, path: bytes) -> NoReturn:
        refuse_request()

    def fstatvfs(self, file_obj: object) -> NoReturn:
        refuse_request()

    def format_user(self, uid: int | None) -> str:
        return self._room.partner

    def format_group(self, gid: int | None) -> str:
        return "hub"

    # -- small things ----------------------------------------------------------------------------------------------

    def _file(self, path: bytes) -> Place:
        self._line.stir()
        place = place_of(path)
        if place.name is None:
            raise SFTPPermissionDenied("That is a folder; files are put into /in and fetched from /out.")
        return place

    async def _waiting(self, place: Place, folder: Folder | None) -> Waiting:
        """A file of /out (waiting) or /archive (fetched), or of either. Raises SFTPNoSuchFile."""
        assert place.name is not None  # noqa: S101  (asked for files only)
        with said():
            found = await self._room.house.named(
                self._room.partner, place.name, waiting=folder != "archive", fetched=folder != "out")
        if found is None:
            raise SFTPNoSuchFile("There is no such file.")
        return found
