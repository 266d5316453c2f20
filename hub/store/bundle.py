"""A backup's file: what lies in the partners' folders, and the database's own archive, in one tar.

    mailboxes/<partner>/<folder>/<name>     not taken yet, not fetched yet, refused, unfinished
    database.dump                           what pg_dump wrote

The folders come first: a file that is taken meanwhile is in both, and known as a duplicate after the restore. What lies
in archive/ was taken, and its bytes are in the database.
"""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from pathlib import Path

from hub.errors import Stop

DUMP = "database.dump"
KEPT = ("in", "out", "refused", "quarantine", ".arriving", ".drafts")
PLACE = re.compile(rf"mailboxes/([a-z0-9][a-z0-9_-]{{0,63}})/({'|'.join(map(re.escape, KEPT))})/([^/\0]+)")


def add_mailboxes(tar: tarfile.TarFile, mailboxes: Path) -> int:
    """How many files were added. What vanishes meanwhile was taken or fetched; links are no files."""
    count = 0
    for path in sorted(path for folder in KEPT for path in mailboxes.glob(f"*/{folder}/*")):
        name = path.relative_to(mailboxes.parent).as_posix()
        if path.is_symlink() or not path.is_file() or not PLACE.fullmatch(f"mailboxes/{name.partition('/')[2]}"):
            continue
        try:
            tar.add(path, f"mailboxes/{name.partition('/')[2]}", recursive=False)
        except FileNotFoundError:
            continue
        count += 1
    return count


def take_dump(file: Path, dump: Path) -> None:
    """Bring the database's archive to `dump`. Raises Stop when there is none in the file, or not all of it."""
    try:
        with tarfile.open(file, "r:") as tar:
            source = tar.extractfile(DUMP)
            if source is None:
                raise Stop(f"{file} holds no {DUMP}.", reason="BACKUP_BROKEN")
            with dump.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    except (tarfile.TarError, KeyError, EOFError, OSError) as broken:
        raise Stop(f"{file} is no whole backup: {broken}.", reason="BACKUP_BROKEN") from broken


def put_back(file: Path, mailboxes: Path) -> int:
    """Put the folders' files where they were, over nothing that is there; how many."""
    count = 0
    with tarfile.open(file, "r:") as tar:
        for member in tar:
            place = PLACE.fullmatch(member.name)
            target = mailboxes.joinpath(*place.groups()) if place else None
            source = tar.extractfile(member) if member.isreg() else None
            if target is None or source is None or place is None or place[3] in (".", "..") or target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.restored.part")
            with draft.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
            os.utime(draft, (member.mtime, member.mtime))
            draft.rename(target)
            count += 1
    return count
