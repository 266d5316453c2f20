"""The folder transport: partners who share a directory with the hub, by whatever mounts or copies it.

A directory knows nothing of "finished", so completeness is a rule: a file is taken when its size and time stood still
between two looks at least `settle` seconds apart, and names that say "not yet" (hidden, .tmp, .part, .filepart) are
left alone. An X12 or EDIFACT file must also end with its trailer; one that stands still without it for `patience`
seconds is put into quarantine, and others go before it. A trailer of another number may be the rest of an older, longer
file: after `doubt` seconds it is taken all the same, and its sender will be told.

A file leaves `in/` only after `receive` has returned; a crash in between sends the same bytes again, which the inbox
answers as a duplicate.
"""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from adapters.transports import Receive
from adapters.transports.mailbox import PARTNER, Mailbox, publish
from adapters.transports.trailer import end_of
from hub.errors import Reject, Retry
from hub.killpoint import reached
from hub.logs import frames
from hub.model.alert import Alert
from hub.ports import Clock, Outgoing, Parcel

CHUNK = 1024 * 1024
LANES = 8
"""Partners served side by side; each holds a database connection while its file is stored."""

UNFINISHED = (".tmp", ".part", ".filepart")
UNENDED = "It has no trailer (IEA, UNZ) at its end, so a part of it is missing."

log = structlog.get_logger("hub.folder")


@dataclass(frozen=True, slots=True)
class Look:
    """What a file looked like, and since when (monotonic seconds) it has looked like that."""

    inode: int
    size: int
    changed: int
    since: float

    def same(self, other: Look) -> bool:
        return (self.inode, self.size, self.changed) == (other.inode, other.size, other.changed)

    @classmethod
    def at(cls, fact: os.stat_result, now: float = 0.0) -> Look:
        return cls(fact.st_ino, fact.st_size, fact.st_mtime_ns, now)


class Folder:
    """Delivers into `out/`; `fetch` takes what is complete in every partner's `in/`."""

    name = "folder"

    def __init__(
        self, mailboxes: Path, receive: Receive, clock: Clock, *, settle: float = 1.0, patience: float = 900.0,
        doubt: float = 60.0, tell: Callable[[Alert], Awaitable[None]] | None = None,
    ) -> None:
        self.mailboxes = mailboxes
        self.receive = receive
        self.clock = clock
        self.settle = settle
        self.patience = patience
        self.doubt = doubt
        self.tell = tell
        self._lanes = asyncio.Semaphore(LANES)
        self._seen: dict[Path, Look] = {}
        self._hopeless: list[tuple[Mailbox, Path]] = []

    def prepare(self, partners: Iterable[str]) -> None:
        """Each of them finds its `in/` and `out/`, also before anything was sent to it."""
        for partner in partners:
            box = Mailbox(self.mailboxes, partner)
            for name in ("in", "out"):
                box.folder(name)

    async def deliver(self, outgoing: Outgoing) -> str:
        """The path under the mailboxes where the partner finds it. Raises Retry when the disk will not take it."""
        partner = outgoing.receiver.name
        folder = Mailbox(self.mailboxes, partner).path / "out"
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            path = await asyncio.to_thread(publish, folder, outgoing.filename, outgoing.source)
        except OSError as error:
            raise Retry(f"The folder of {partner} cannot be written: {error.strerror}.") from error
        return f"It lies in {path.relative_to(self.mailboxes)}."

    async def poll(self, stop: asyncio.Event, every: float = 1.0) -> None:
        """Fetch again and again until `stop` is set; the round that is under way is finished."""
        await asyncio.to_thread(self.sweep)
        while not stop.is_set():
            await self.fetch()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every)

    async def fetch(self) -> int:
        """Take what is complete now; the number of files taken. Partners side by side, each one's files in order."""
        complete = await asyncio.to_thread(self._complete)
        taken = await asyncio.gather(*(self._fetch_partner(box, files) for box, files in complete))
        await self._quarantine()
        return sum(taken)

    async def _fetch_partner(self, box: Mailbox, files: list[Path]) -> int:
        """Oldest first. What must wait makes the partner's later files wait too, so its order is kept."""
        async with self._lanes:
            for taken, path in enumerate(files):
                reached("folder.found")
                try:
                    await self._take(box, path)
                except Exception as error:
                    log.warning("file must wait", partner=box.partner, file=shown(path.name), error=frames(error))
                    return taken
            return len(files)

    async def _take(self, box: Mailbox, path: Path) -> None:
        try:
            async with aclosing(read(path, self._seen[path])) as chunks:
                parcel = Parcel(chunks, self.name, box.partner, self.clock.now(), shown(path.name))
                receipt = await self.receive(parcel)
        except Reject as error:
            await asyncio.to_thread(refuse, box, path, error)
            log.warning("file refused", partner=box.partner, file=shown(path.name), reason=error.reason)
            return
        reached("folder.stored")
        await asyncio.to_thread(archive, box, path)
        reached("folder.archived")
        log.info(
            "file taken", partner=box.partner, file=shown(path.name), message=receipt.message,
            duplicate=receipt.duplicate,
        )

    def _complete(self) -> list[tuple[Mailbox, list[Path]]]:
        """Look at every `in/`: each partner's complete files, oldest first. Remembers this look for the next one."""
        now, looks, complete = time.monotonic(), {}, []
        for box in self._boxes():
            found = dict(look_at(box.path / "in", now))
            looks.update({path: self._standing(path, look) for path, look in found.items()})
            ready = [path for path in found if path in self._seen and now - looks[path].since >= self.settle]
            ready.sort(key=lambda path: (looks[path].changed, path.name))
            standing = [p for p in ready if self._seen[p].same(looks[p])]
            complete.append((box, [p for p in standing if self._ended(p, now - looks[p].since)]))
            self._hopeless += [(box, p) for p in standing if now - looks[p].since >= self.patience and not _whole(p)]
        self._seen = looks
        return complete

    def _ended(self, path: Path, stood: float) -> bool:
        """Whether the file is whole by its own word, or there is no hope that it ever says so otherwise."""
        with suppress(FileNotFoundError):
            end = end_of(path)
            return end in ("whole", "unknown") or (end == "another number" and stood >= self.doubt)
        return False

    async def _quarantine(self) -> None:
        """Put away what stood still without a trailer for too long, and have somebody told."""
        hopeless, self._hopeless = self._hopeless, []
        for box, path in hopeless:
            with suppress(FileNotFoundError):
                await asyncio.to_thread(put_away, box, path, "quarantine", UNENDED)
                log.warning("file in quarantine", partner=box.partner, file=shown(path.name))
                if self.tell is not None:
                    await self.tell(Alert(
                        kind="file.quarantined", subject=f"{box.partner}/{shown(path.name)}", partner=box.partner,
                        severity="warning",
                        message=f"A file of {box.partner} never came to its end: {shown(path.name)}. {UNENDED}",
                        hint=f"Ask {box.partner} to send it again; the part that came lies in quarantine/.",
                    ))

    def sweep(self, older: float = 3600.0) -> int:
        """At the start: away with what a killed hub left half done, our own hidden files in out/ and names that were
        only reserved; how many. Files in in/ need no sweep: they are taken as any other."""
        left, before = 0, time.time() - older
        for box in self._boxes():
            for path in (*box.path.glob("out/.*.part"), *box.path.glob("archive/*"), *box.path.glob("refused/*")):
                fact = path.lstat()
                reserved = fact.st_size == 0 or path.name.endswith(".part")
                if stat.S_ISREG(fact.st_mode) and reserved and fact.st_mtime < before:
                    path.unlink(missing_ok=True)
                    left += 1
        return left

    def _standing(self, path: Path, look: Look) -> Look:
        """The earlier look if nothing changed since, so that standing still adds up."""
        before = self._seen.get(path)
        return before if before is not None and before.same(look) else look

    def _boxes(self) -> list[Mailbox]:
        if not self.mailboxes.is_dir():
            return []
        names = sorted(p.name for p in self.mailboxes.iterdir() if PARTNER.fullmatch(p.name) and p.is_dir())
        return [Mailbox(self.mailboxes, name) for name in names]


def look_at(folder: Path, now: float) -> list[tuple[Path, Look]]:
    """Every file that may be a message. Links, pipes and directories are not, wherever they point."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        names = [e.name for e in entries if not e.name.startswith(".") and not e.name.lower().endswith(UNFINISHED)]
    looks = []
    for name in names:
        with suppress(FileNotFoundError):
            fact = (folder / name).lstat()
            if stat.S_ISREG(fact.st_mode):
                looks.append((folder / name, Look.at(fact, now)))
    return looks


async def read(path: Path, look: Look) -> AsyncGenerator[bytes]:
    """The file, chunk by chunk. Raises Retry when it is not what it looked like, Reject when empty."""
    handle = await asyncio.to_thread(os.open, path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        check_unchanged(handle, look)
        if look.size == 0:
            raise Reject("The file is empty.", reason="EMPTY")
        while chunk := await asyncio.to_thread(os.read, handle, CHUNK):
            yield chunk
        check_unchanged(handle, look)
    finally:
        os.close(handle)


def check_unchanged(handle: int, look: Look) -> None:
    """Raises Retry when somebody wrote to the file, or put another one in its place, since `look`."""
    if not Look.at(os.fstat(handle)).same(look):
        raise Retry("The file is still changing.")


def archive(box: Mailbox, path: Path) -> None:
    """Out of the way, now that it is stored. Somebody may have been faster: another poller, or the partner."""
    try:
        box.move(path, "archive")
    except FileNotFoundError:
        log.info("file already gone", partner=box.partner, file=shown(path.name))


def refuse(box: Mailbox, path: Path, error: Reject) -> None:
    put_away(box, path, "refused", f"{error.reason}: {error}")


def put_away(box: Mailbox, path: Path, folder: str, why: str) -> None:
    """Beside the file, the reason: a person who looks for the file finds both."""
    moved = box.move(path, folder)
    moved.with_name(moved.name + ".txt").write_text(why + "\n", encoding="utf-8")


def _whole(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return end_of(path) != "no trailer"
    return True


def shown(name: str) -> str:
    """A file name fit for a database and a screen: what is not valid UTF-8 or not printable becomes a question mark."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in text)
