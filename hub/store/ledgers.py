"""The small books: events and the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.errors import Stop
from hub.model.event import HubEvent
from hub.ports import AuditProof
from hub.store import storable
from hub.store.transaction import Transaction


class StoredEvents:
    """`hub.ports.Events`. Publishing is serialised until COMMIT,
    so a reader that remembers the last number misses none."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def publish(self, events: Iterable[HubEvent]) -> None:
        rows = [{
            "type": e.type, "subject": e.subject, "data": storable.json(e.data),
            "partners": [await self._transaction.partner_key(p) for p in e.partners],
        } for e in events]
        if rows:
            await self._transaction.execute("SELECT pg_advisory_xact_lock(hashtext('hub.event'))")
        await self._transaction.many(
            """INSERT INTO event (type, subject, partners, data)
               VALUES (%(type)s, %(subject)s, %(partners)s, %(data)s)""", rows)

    async def list(
        self, *, after: int = 0, limit: int = 100, about: str | None = None
    ) -> list[tuple[int, HubEvent]]:
        """Partners that the caller may not see are left out of `partners`."""
        rows = await self._transaction.rows(
            """SELECT e.id, e.type, e.subject, e.data,
                 ARRAY(SELECT p.name FROM partner p WHERE p.id = ANY (e.partners) ORDER BY p.name) AS partners
               FROM event e WHERE e.id > %(after)s
                 AND (%(about)s::text IS NULL OR split_part(e.type, '.', 1) = %(about)s)
               ORDER BY e.id LIMIT %(limit)s""", after=after, limit=limit, about=about)
        return [
            (r["id"], HubEvent(type=r["type"], subject=r["subject"], partners=tuple(r["partners"]), data=r["data"]))
            for r in rows
        ]

    async def bounds(self) -> tuple[int, int]:
        row = await self._transaction.one("SELECT newest, forgotten FROM hub_event_bounds()")
        return row["newest"], row["forgotten"]

    async def rung(self, after: int) -> Sequence[tuple[int, str]]:
        rows = await self._transaction.rows("SELECT id, partner FROM hub_rung(%(after)s)", after=after)
        return [(row["id"], row["partner"]) for row in rows]

    async def forget(self, before: datetime) -> int:
        gone: int = await self._transaction.scalar("SELECT hub_forget_events(%(before)s)", before=before)
        return gone


class StoredAudit:
    """`hub.ports.Audit`. The digest of an entry covers the one before it,
    so none can be changed or taken out unseen."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def record(self, actor: str, action: str, subject: str, detail: Mapping[str, Any]) -> None:
        await self._transaction.scalar(
            "SELECT hub_record(%(actor)s, %(action)s, %(subject)s, %(detail)s)", actor=storable.text(actor),
            action=action,
            subject=storable.text(subject), detail=storable.json(dict(detail)))

    async def note(self, entries: Sequence[Mapping[str, Any]]) -> None:
        await self._transaction.scalar("SELECT hub_note(%(entries)s)", entries=storable.json(list(entries)))

    async def seal(self) -> int:
        sealed: int = await self._transaction.scalar("SELECT hub_seal()")
        return sealed

    async def verify(self) -> int:
        return (await self.proof()).entries

    async def proof(self) -> AuditProof:
        await self.seal()
        row = await self._transaction.one(
            r"""SELECT count(*) AS entries, min(id) FILTER (WHERE broken) AS first,
                 (SELECT encode(digest, 'hex') FROM audit ORDER BY id DESC LIMIT 1) AS head FROM (
                 SELECT id, previous <> coalesce(lag(digest) OVER (ORDER BY id), '\x'::bytea)
                   OR digest <> hub_audit_hash(previous, at, actor, action, subject, detail) AS broken FROM audit) AS
                   chain""")
        if row["first"] is not None:
            raise Stop(f"the audit trail is broken at entry {row['first']}", reason="AUDIT_BROKEN")
        return AuditProof(int(row["entries"]), row["head"] or "")

    async def holds(self, head: str) -> bool:
        return bool(await self._transaction.scalar(
            "SELECT EXISTS (SELECT 1 FROM audit WHERE encode(digest, 'hex') = %(head)s)", head=head))
