"""A partner's folders on disk, and the only two ways in which a file is put into them.

    <mailboxes>/<partner>/in/        the partner writes, the hub takes
                         /out/       the hub writes, the partner takes
                         /archive/   what the hub has taken
                         /refused/   what the hub will never take, each with a .txt that says why
                         /quarantine/  what never came to its end, likewise
                         /.arriving/ /.drafts/  what comes over SFTP and is no message yet
"""

from __future__ import annotations

import filecmp
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from hub.errors import Reject
from hub.killpoint import reached

PARTNER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""A partner's short name, which is also the name of its directory."""

FOLDERS = ("in", "out", "archive", "refused", "quarantine")


class Mailbox:
    """The folders of one partner. Raises Reject for a partner name that could leave the mailboxes."""

    def __init__(self, mailboxes: Path, partner: str) -> None:
        if not PARTNER.fullmatch(partner):
            raise Reject(f"{partner!r} is not a partner's short name.", reason="BAD_PARTNER_NAME")
        self.partner = partner
        self.path = mailboxes / partner

    def folder(self, name: str) -> Path:
        """One of FOLDERS, or one that a transport keeps for itself, created when it is missing."""
        path = self.path / name
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        return path

    def prepare(self) -> None:
        """Create all of them, so that a partner finds where to put its files."""
        for name in FOLDERS:
            self.folder(name)

    def move(self, source: Path, folder: str) -> Path:
        """Move a file into `folder` under its own name, or the next free one (`name~2`); never over another file.

        Raises FileNotFoundError when the file is gone, as when a second poller moved it first.
        """
        target = self.folder(folder)
        free = next(path for name in free_names(source.name) if reserve(path := target / name))
        reached("folder.reserved")
        try:
            return source.rename(free)
        except OSError:
            free.unlink()
            raise


def free_names(name: str) -> Iterator[str]:
    """The name itself, then others like it: a partner that always uses the same one finds its files as `name~2` …, and
    when those are taken too, as `name~` and something random."""
    yield name
    yield from (f"{name}~{number}" for number in range(2, 10))
    while True:
        yield f"{name}~{secrets.token_hex(4)}"


def reserve(path: Path) -> bool:
    """Take a free name with an empty file, for a rename to replace; False when the name is taken.

    A hard link would do both at once, but Linux refuses one to a file that belongs to somebody else, such as a partner.
    """
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def plain_name(filename: str) -> str:
    """The file name as given, if it names a file in one folder and nothing else. Raises Reject otherwise."""
    odd = any(not c.isprintable() or c in '/\\:*?"<>|' for c in filename)
    if odd or not filename or filename.startswith(".") or len(os.fsencode(filename)) > 200:
        raise Reject(f"{filename!r} cannot be used as a file name.", reason="BAD_FILE_NAME")
    return filename


def publish(folder: Path, filename: str, source: BinaryIO) -> Path:
    """Put a whole file into `folder` durably: nobody ever sees a part of it, and nothing is overwritten.

    The bytes go to a hidden temporary file, to the disk, and only then get their name; the folder is synced last, so
    the name survives a power cut. The same bytes under the same name count as done. Raises Reject when the name is
    taken by other bytes.
    """
    target = folder / plain_name(filename)
    temporary = folder / f".{filename}.{os.getpid()}.part"
    try:
        with open(temporary, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        reached("send.written")
        try:
            os.link(temporary, target)
        except FileExistsError:
            if target.is_symlink() or not filecmp.cmp(target, temporary, shallow=False):
                raise Reject(f"{filename} is there already with other content.", reason="NAME_TAKEN") from None
        reached("send.linked")
    finally:
        temporary.unlink(missing_ok=True)
    sync(folder)
    return target


def sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
