"""A file between its first byte and its transaction, on the disk of the hub.

    <mailbox>/.arriving/<name>   being written, or broken off: its writer may go on where it ended
    <mailbox>/.drafts/<name>     closed under a name that says "not yet" (.name, name.part, .tmp, .filepart)
    <mailbox>/in/<name>          whole, on its way into the database; a hub that died here takes it after its restart

Nothing of this is a message. A power cut loses no byte of what was sealed: the file is synced before it gets its name,
the folder after.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

from adapters.transports.folder import put_away
from adapters.transports.mailbox import Mailbox, free_names, sync
from adapters.transports.sftp.extent import Extent
from hub.errors import Reject, TooLarge
from hub.killpoint import reached
from hub.ports import Held

INLINE = 1024 * 1024
"""The first bytes of a file are written on the spot; those after them may wait for the disk, so a thread does it."""
LAST = 32 * 1024
"""A shorter piece is likely the last: clients send at least so much at a time while they have it."""
FORGOTTEN = "It was closed under a draft's name and never got another one, or broke off and was not gone on with."


@dataclass
class Upload:
    """A file that is open for writing. `limit`: the most bytes it may have; `trouble`: why it can never be taken.

    What seems to be its last piece is brought to the disk while its writer is told of it and thinks of the close;
    `dirty`: whether that does not cover everything.
    """

    path: Path
    name: str
    limit: int
    handle: int
    append: bool = False
    extent: Extent = field(default_factory=Extent)
    trouble: Reject | None = None
    dirty: bool = True
    syncing: asyncio.Future[None] | None = None

    @classmethod
    def open(cls, path: Path, name: str, limit: int, *, anew: bool, append: bool) -> Upload:
        """Anew, or to go on with what broke off."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | (os.O_TRUNC if anew else 0)
        handle = os.open(path, flags, 0o600)
        return cls(path, name, limit, handle, append, Extent(os.fstat(handle).st_size))

    async def write(self, offset: int, data: bytes) -> None:
        """Raises TooLarge, and another Reject for what no file can be; what was wrong once stays wrong."""
        if self.trouble is not None:
            raise self.trouble
        start = self.extent.end if self.append else offset
        end = start + len(data)
        try:
            if end > self.limit:
                raise TooLarge(f"The limit is {self.limit} bytes.")
            self.extent.add(start, end)
        except Reject as trouble:
            self.trouble = trouble
            raise
        if end <= INLINE:
            write_all(self.handle, data, start)
        else:
            await asyncio.to_thread(write_all, self.handle, data, start)
        self.dirty = True
        if len(data) < LAST and self.syncing is None:
            self.dirty = False
            self.syncing = asyncio.ensure_future(asyncio.to_thread(os.fsync, self.handle))
        reached("sftp.written")

    async def settle(self) -> None:
        """Until nobody works with the handle any more; before it is sealed, dropped or broken off."""
        if self.syncing is not None and not self.syncing.done():
            await asyncio.wait([self.syncing])

    @property
    def at_hand(self) -> bool:
        """Whether to seal it, name it and hash it takes less time than another thread would."""
        return not self.dirty and self.extent.end <= LAST

    def break_off(self) -> None:
        """Keep what came without a gap, so that its writer may go on; what was refused is gone."""
        os.ftruncate(self.handle, self.extent.end)
        os.close(self.handle)
        if self.trouble is not None or not self.extent.end:
            self.path.unlink(missing_ok=True)

    def seal(self) -> BufferedReader:
        """To the disk with it: nobody writes to it any more. The file, to be read.

        Raises OSError when the disk has refused a part of it: asked once more it would say that all is well."""
        file = os.fdopen(self.handle, "rb")
        try:
            if self.syncing is not None:
                self.syncing.result()
            if self.dirty:
                os.fsync(self.handle)
        except BaseException:
            file.close()
            raise
        reached("sftp.synced")
        return file

    def drop(self) -> None:
        os.close(self.handle)
        self.path.unlink(missing_ok=True)


def write_all(handle: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(handle, view, offset)
        view, offset = view[done:], offset + done


def moved(source: Path, folder: Path, name: str) -> Path:
    """Move our own file, under that name or the next free one; never over another. Raises OSError."""
    for free in free_names(name):
        with suppress(FileExistsError):
            os.link(source, path := folder / free)
            source.unlink()
            return path
    raise AssertionError("names do not run out")


@dataclass
class Arrivals:
    """Where one partner's files arrive. `busy`: names that are open for writing; one writer at a time for each."""

    box: Mailbox
    busy: set[str] = field(default_factory=set)

    def folder(self, name: str) -> Path:
        return self.box.folder(f".{name}")

    def unfinished(self) -> dict[str, os.stat_result]:
        """What was written and is no message, by name: drafts, what broke off, and what is being written."""
        found: dict[str, os.stat_result] = {}
        for folder in ("arriving", "drafts"):
            with os.scandir(self.folder(folder)) as entries:
                found |= {e.name: e.stat(follow_symlinks=False) for e in entries if e.is_file(follow_symlinks=False)}
        return found

    def go_on(self, name: str) -> None:
        """A draft that was closed is opened again, to be gone on with."""
        draft, path = self.folder("drafts") / name, self.folder("arriving") / name
        if draft.exists() and not path.exists():
            draft.rename(path)

    def draft(self, upload: Upload) -> None:
        """Closed, and not yet meant: it waits for its name."""
        upload.seal().close()
        upload.path.rename(self.folder("drafts") / upload.name)
        sync(self.folder("drafts"))

    def rename_draft(self, old: str, new: str) -> None:
        """Raises FileNotFoundError."""
        (self.folder("drafts") / old).rename(self.folder("drafts") / new)
        sync(self.folder("drafts"))

    def forget(self, name: str) -> bool:
        """Away with it at its writer's wish; whether there was such a file."""
        paths = [self.folder(folder) / name for folder in ("arriving", "drafts")]
        there = [path for path in paths if path.exists()]
        for path in there:
            path.unlink()
        return bool(there)

    def enter(self, source: Path, name: str, file: BufferedReader) -> tuple[Path, Held]:
        """Give a sealed file, open as `file`, its name in in/, where nothing is overwritten; the folder is not synced
        yet. Raises OSError when there is no such file."""
        path = moved(source, self.box.folder("in"), name)
        reached("sftp.renamed")
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        length = file.tell()
        file.seek(0)
        return path, Held(file, digest, length)

    def sealed(self, name: str) -> BufferedReader:
        """A closed draft, to be read. Raises OSError when there is none, or it is a link; Reject when it is empty."""
        path = self.folder("drafts") / name
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
        if os.fstat(file.fileno()).st_size == 0:
            file.close()
            path.unlink()
            raise Reject("The file is empty.", reason="EMPTY")
        return file

    def shelve(self, path: Path) -> None:
        """Out of in/, now that it is stored. A poller of the folder may have been faster."""
        with suppress(FileNotFoundError):
            moved(path, self.box.folder("archive"), path.name)

    def sweep(self, older: float) -> int:
        """What nobody came back for is put into quarantine after so many seconds, with the reason; how many."""
        before, count = time.time() - older, 0
        for name, fact in self.unfinished().items():
            if fact.st_mtime < before and name not in self.busy:
                for folder in ("arriving", "drafts"):
                    path = self.folder(folder) / name
                    if path.exists():
                        put_away(self.box, path, "quarantine", FORGOTTEN)
                        count += 1
        return count
