"""How files and folders look to a partner: sizes and times are true, owners are nobody on this machine."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from asyncssh.sftp import SFTPAttrs, SFTPFailure, SFTPNoSuchFile, SFTPOpUnsupported

from hub.errors import HubError, NotFound
from hub.ports import Waiting


def folder_attrs() -> SFTPAttrs:
    return _attrs(stat.S_IFDIR | 0o700, 0, time.time())


def file_attrs(size: int, changed: float, mode: int) -> SFTPAttrs:
    return _attrs(stat.S_IFREG | mode, size, changed)


def attrs_of(waiting: Waiting) -> SFTPAttrs:
    return file_attrs(waiting.length, waiting.since.timestamp(), 0o400)


def _attrs(mode: int, size: int, changed: float) -> SFTPAttrs:
    return SFTPAttrs(size=size, uid=0, gid=0, permissions=mode, atime=int(changed), mtime=int(changed), nlink=1)


@contextmanager
def said() -> Iterator[None]:
    """The hub's refusals in SFTP's terms; only the hub's own words leave the house."""
    try:
        yield
    except NotFound as error:
        raise SFTPNoSuchFile(str(error)) from error
    except HubError as error:
        raise SFTPFailure(f"{error.reason}: {error}") from error


def refuse_request() -> NoReturn:
    raise SFTPOpUnsupported("The hub does not do that.")
