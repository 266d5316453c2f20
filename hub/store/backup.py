"""A copy of everything in one file, and everything back from it.

The copy is PostgreSQL's own archive (pg_dump, custom format), one consistent moment of the whole database while the hub
goes on, and what lies in the partners' folders and nowhere else (`bundle`). After a restore every message's bytes are
hashed and the audit chain is walked: a copy that was never read back is no backup.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict

from hub.errors import Reject, Stop
from hub.store import bundle, ground
from hub.store.migration import migrate

ENVIRONMENT = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
               "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
"""How PostgreSQL's programs are told where to go: a password on a command line could be read by anybody."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was read back: messages whose bytes have their hash, documents, orders, entries of the audit chain, files in
    the partners' folders."""

    messages: int
    documents: int
    orders: int
    audited: int
    files: int = 0


def backup(owner_url: str, file: Path, mailboxes: Path) -> int:
    """Write the copy; its size in bytes. It gets its name only when it is whole. Raises Reject when there is a file of
    that name, Stop when pg_dump fails."""
    if file.exists():
        raise Reject(f"{file} is there already; a backup overwrites nothing.", reason="FILE_EXISTS")
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise Reject(f"Nothing can be written into {file.parent}; name a directory that exists and is ours.",
                     reason="NOT_WRITABLE")
    draft, dump = file.with_name(f".{file.name}.part"), file.with_name(f".{file.name}.dump.part")
    try:
        with private(draft) as whole, tarfile.open(fileobj=whole, mode="w:", format=tarfile.PAX_FORMAT) as tar:
            bundle.add_mailboxes(tar, mailboxes)
            private(dump).close()
            _run("pg_dump", owner_url, "--format=custom", "--no-owner", f"--file={dump}")
            tar.add(dump, bundle.DUMP)
        with draft.open("rb") as whole:
            os.fsync(whole.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
        dump.unlink(missing_ok=True)
    return file.stat().st_size


def private(path: Path) -> IO[bytes]:
    """A new file, empty, that nobody else can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def restore(owner_url: str, file: Path, mailboxes: Path) -> Proof:
    """Read the copy into an empty database, bring it to this version of the hub, and prove it, all or nothing; then put
    the files back into the partners' folders, over nothing that is there.

    Raises Reject when the database is not empty, Stop when the archive is broken or does not prove itself.
    """
    with psycopg.connect(owner_url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()
        if row is not None and row[0]:
            raise Reject("The database is not empty; restore into a new one.", reason="NOT_EMPTY")
    with tempfile.TemporaryDirectory(prefix="hub-restore-", dir=file.parent) as place:
        dump = Path(place) / bundle.DUMP
        bundle.take_dump(file, dump)
        _run("pg_restore", owner_url, "--no-owner", "--exit-on-error", "--single-transaction",
             f"--dbname={conninfo_to_dict(owner_url)['dbname']}", str(dump))
    migrate(owner_url)
    return replace(prove(owner_url), files=bundle.put_back(file, mailboxes))


def prove(owner_url: str) -> Proof:
    """Hash the bytes of every message, walk the audit chain. Raises Stop at the first that is not what it was."""
    with psycopg.connect(owner_url) as connection:
        messages = 0
        for public_id, expected, found in _hashes(connection):
            if expected != found:
                raise Stop(f"The bytes of {public_id} are not those that came.", reason="BYTES_BROKEN")
            messages += 1
        broken = connection.execute(BROKEN).fetchone()
        if broken is not None:
            raise Stop(f"The audit trail is broken at entry {broken[0]}.", reason="AUDIT_BROKEN")
        counts = connection.execute(COUNTS).fetchone()
    assert counts is not None  # noqa: S101  (an aggregate has a row)
    return Proof(messages, *counts)


def _hashes(connection: psycopg.Connection) -> Iterator[tuple[str, str, str]]:
    """Id, recorded and computed hash of each message that still has its bytes; one piece of 1 MiB in memory."""
    rows = connection.execute("SELECT id, public_id, sha256 FROM message m WHERE length = 0 OR EXISTS ("
                              "SELECT 1 FROM message_chunk c WHERE c.message_id = m.id) ORDER BY id").fetchall()
    for key, public_id, expected in rows:
        digest, ordinal = hashlib.sha256(), 0
        while (piece := connection.execute(
            "SELECT content FROM message_chunk WHERE message_id = %s AND ordinal = %s", (key, ordinal), binary=True,
        ).fetchone()) is not None:
            digest.update(piece[0])
            ordinal += 1
        yield public_id, expected, digest.hexdigest()


BROKEN = r"""
SELECT id FROM (SELECT id, previous <> coalesce(lag(digest) OVER (ORDER BY id), '\x'::bytea)
  OR digest <> hub_audit_hash(previous, at, actor, action, subject, detail) AS broken FROM audit) AS chain
WHERE broken ORDER BY id LIMIT 1"""
COUNTS = "SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM purchase_order), (SELECT count(*) FROM audit)" \
    " + (SELECT count(*) FROM audit_entry)"


def _programs_for(url: str) -> int:
    """The version of the wheel's programs that the server understands: new ones set what a server before 17 has not."""
    try:
        with psycopg.connect(url) as connection:
            served = connection.info.server_version // 10000
    except psycopg.OperationalError as away:
        raise Stop(f"The database does not answer: {type(away).__name__}.", reason="BACKUP_FAILED") from away
    return ground.NEWEST if served >= 17 else min(ground.PROGRAMS)


def _run(program: str, url: str, *arguments: str) -> None:
    known = conninfo_to_dict(url)
    told = {ENVIRONMENT[name]: str(value) for name, value in known.items() if name in ENVIRONMENT}
    path = ground.wheel_directory() / ground.PROGRAMS[_programs_for(url)] / "bin" / program
    done = subprocess.run(  # noqa: S603  (a program of the wheel)
        [path, *arguments], env={**os.environ, **told, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )
    if done.returncode != 0:
        raise Stop(f"{program} failed: {done.stdout.strip()[-1000:]}", reason="BACKUP_FAILED")
