"""What all repositories of messages share: the row of the log, and the exact bytes in 1 MiB pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import LiteralString

from psycopg.types.json import Jsonb

from hub.errors import Finding, NotFound
from hub.ports import Message
from hub.store import storable
from hub.store.transaction import Row, Transaction

CHUNK = 1024 * 1024

FIELDS: LiteralString = """
    SELECT m.public_id, m.direction, m.channel, m.state, s.name AS sender, r.name AS receiver, m.format, m.kind,
           m.version, m.control, m.sha256, m.length, m.received_at, m.filename, m.findings, m.test,
           m.staged, q.public_id AS in_reply_to,
           (SELECT x.known_at FROM purged x WHERE x.message_id = m.id AND x.what = 'bytes') AS purged_at """
SOURCE: LiteralString = """
    FROM message m LEFT JOIN partner s ON s.id = m.sender_id LEFT JOIN partner r ON r.id = m.receiver_id
    LEFT JOIN message q ON q.id = m.in_reply_to """
SELECT: LiteralString = FIELDS + SOURCE


def message_of(row: Row) -> Message:
    return Message(
        id=row["public_id"], direction=row["direction"], channel=row["channel"], state=row["state"],
        sender=row["sender"],
        receiver=row["receiver"], format=row["format"], message=row["kind"], version=row["version"],
        control=row["control"], sha256=row["sha256"], length=row["length"], received_at=row["received_at"],
        filename=row["filename"], in_reply_to=row["in_reply_to"],
        findings=tuple(Finding.model_validate(f) for f in row["findings"]), test=row["test"], staged=row["staged"],
        purged_at=row["purged_at"],
    )


def findings_json(findings: Sequence[Finding]) -> Jsonb:
    return storable.json([f.model_dump(mode="json") for f in findings])


async def get(transaction: Transaction, public_id: str) -> Message:
    row = await transaction.row(SELECT + "WHERE m.public_id = %(id)s", id=public_id)
    if row is None:
        raise NotFound(f"no message {public_id!r}")
    return message_of(row)


async def lock(transaction: Transaction, public_id: str) -> Message:
    """Waits for whoever holds the row."""
    await transaction.message_key(public_id, lock=True)
    return await get(transaction, public_id)


async def chunks(transaction: Transaction, public_id: str) -> AsyncIterator[bytes]:
    ordinal, read, length = 0, 0, 1
    while read < length:
        found = await transaction.rows(PIECE, binary=True, public_id=public_id, ordinal=ordinal)
        if not found:
            raise NotFound(f"no message {public_id!r}")
        content, length = found[0]["content"], found[0]["length"]
        if content is None:
            if length > read:
                raise NotFound(f"the bytes of {public_id} were purged; what proves them is kept", reason="PURGED")
            return
        yield content
        ordinal, read = ordinal + 1, read + len(content)


PIECE: LiteralString = """
    SELECT m.length, c.content FROM message m
    LEFT JOIN message_chunk c ON c.message_id = m.id AND c.ordinal = %(ordinal)s WHERE m.public_id = %(public_id)s"""


async def refuse_purged(transaction: Transaction, key: int, public_id: str) -> None:
    if await transaction.scalar("SELECT length > 0 FROM message WHERE id = %(key)s", key=key):
        raise NotFound(f"the bytes of {public_id} were purged; what proves them is kept", reason="PURGED")
