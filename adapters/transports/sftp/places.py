"""Which path means what. A partner sees three folders with files in them and nothing else: there is nothing above the
root, no folder within a folder and no link, so no path leads out.

    /in        the partner writes; what it has closed (under a final name) is a message
    /out       the hub writes; what the partner has read to its end is delivered
    /archive   what was delivered, for another look
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Literal, cast

from asyncssh.sftp import SFTPFailure, SFTPNoSuchFile

from adapters.transports.folder import UNFINISHED
from adapters.transports.mailbox import plain_name
from hub.errors import Reject

Folder = Literal["in", "out", "archive"]
FOLDERS: tuple[Folder, ...] = ("in", "out", "archive")


@dataclass(frozen=True, slots=True)
class Place:
    """The root (folder None), a folder (name None), or a file in one."""

    folder: Folder | None = None
    name: str | None = None

    @property
    def is_draft(self) -> bool:
        """A name by which its writer says "not yet": the file counts when it gets another."""
        return self.name is not None and (self.name.startswith(".") or self.name.lower().endswith(UNFINISHED))


def place_of(path: bytes) -> Place:
    """Raises SFTPNoSuchFile for everything that cannot be there."""
    try:
        parts = [part for part in absolute(path).decode("utf-8").split("/") if part]
    except UnicodeDecodeError:
        raise SFTPNoSuchFile("File names are UTF-8 here.") from None
    if len(parts) > 2 or (parts and parts[0] not in FOLDERS):
        raise SFTPNoSuchFile("There are /in, /out and /archive, and files in them.")
    return Place(cast(Folder, parts[0]) if parts else None, parts[1] if len(parts) == 2 else None)


def absolute(path: bytes) -> bytes:
    """The path from the root, without dots and doubled slashes; a partner's home is the root."""
    return posixpath.normpath(b"/" + path.lstrip(b"/"))


def writable(place: Place) -> str:
    """The name under which a file of that place can be kept. Raises SFTPFailure, with what is wrong about it."""
    assert place.name is not None  # noqa: S101  (asked for files only)
    try:
        plain_name(place.name.lstrip("."))
    except Reject as odd:
        raise SFTPFailure(f"{odd} Use at most 200 bytes, nothing invisible and none of \\ : * ? \" < > |.") from None
    return place.name
