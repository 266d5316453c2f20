"""Canonical documents with their provenance, append-only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.model.bulk import Bulk
from hub.model.exchange import Document, Reading, Status
from hub.model.mention import mentioned
from hub.ports import StoredDocument
from hub.store import storable
from hub.store.identity import new_id
from hub.store.transaction import Transaction


class StoredDocuments:
    """`hub.ports.Documents`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, message: str, reading: Reading, sender: str | None, receiver: str | None) -> str:
        public_id = new_id("doc")
        await self._transaction.execute(
            """INSERT INTO document (public_id, message_id, ordinal, kind, transaction, version, control, number,
               sender_id, receiver_id, status, body, findings)
               VALUES (%(public_id)s, %(message)s, %(ordinal)s, %(kind)s,
               %(transaction)s, %(version)s, %(control)s, %(number)s, %(sender)s, %(receiver)s, %(status)s, %(body)s,
               %(findings)s)""",
            public_id=public_id, message=await self._transaction.message_key(message), ordinal=reading.ordinal,
            kind=type(reading.document).__name__ if reading.document is not None else "",
            transaction=storable.text(reading.message), version=storable.text(reading.version),
            control=storable.text(reading.control), number=storable.text(number_of(reading.document)),
            sender=await self._transaction.maybe_partner_key(sender),
            receiver=await self._transaction.maybe_partner_key(receiver), status=reading.status.value,
            body=storable.json(body_of(reading.document)),
            findings=storable.json([f.model_dump(mode="json") for f in reading.findings]))
        spoken = set() if reading.document is None else mentioned(reading.document) - _found(reading.document)
        if spoken:
            await self._transaction.execute(
                """INSERT INTO mention (message_id, number)
                   SELECT %(message)s, unnest(%(numbers)s::text[]) ON CONFLICT DO NOTHING""",
                message=await self._transaction.message_key(message),
                numbers=[storable.text(n) for n in sorted(spoken)])
        return public_id

    async def of_message(self, message: str) -> list[StoredDocument]:
        rows = await self._transaction.rows(
            """SELECT d.public_id, d.kind, d.number, s.name AS sender, r.name AS receiver, d.status, d.body
               FROM document d LEFT JOIN partner s ON s.id = d.sender_id LEFT JOIN partner r ON r.id = d.receiver_id
               WHERE d.message_id = %(message)s ORDER BY d.id""", message=await self._transaction.message_key(message))
        return [
            StoredDocument(
                r["public_id"], message, r["kind"], r["number"], r["sender"], r["receiver"], Status(r["status"]),
                r["body"])
            for r in rows
        ]

    async def current(self, kind: str, senders: Sequence[str]) -> list[StoredDocument]:
        rows = await self._transaction.rows(
            """SELECT DISTINCT ON (s.name, d.number) d.public_id, m.public_id AS message, d.kind, d.number,
                 s.name AS sender, r.name AS receiver, d.status, d.body
               FROM document d JOIN message m ON m.id = d.message_id JOIN partner s ON s.id = d.sender_id
               LEFT JOIN partner r ON r.id = d.receiver_id
               WHERE d.kind = %(kind)s AND s.name = ANY (%(senders)s) AND d.status <> 'rejected'
               ORDER BY s.name, d.number, d.id DESC""", kind=kind, senders=list(senders))
        return [
            StoredDocument(
                r["public_id"], r["message"], r["kind"], r["number"], r["sender"], r["receiver"], Status(r["status"]),
                r["body"])
            for r in rows
        ]


def body_of(document: Document | None) -> dict[str, Any]:
    """The document as JSON; a bulk one as header and `line_count`: its lines are stored as observations or plans."""
    if document is None:
        return {}
    if isinstance(document, Bulk):
        return {**document.header.model_dump(mode="json"), "line_count": document.height}
    return document.model_dump(mode="json")


def _found(document: Document) -> set[str | None]:
    """The numbers that the row itself is found by."""
    head = document.header if isinstance(document, Bulk) else document
    return {number_of(document), getattr(head, "order_number", None)}


def number_of(document: Document | None) -> str | None:
    source = document.header if isinstance(document, Bulk) else document
    return getattr(source, "number", None)
