"""The small books: events, the audit trail and planning runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, LiteralString

from hub.errors import NotFound, Stop
from hub.model.event import HubEvent
from hub.ports import AuditProof, Run
from hub.store import storable
from hub.store.identity import new_id
from hub.store.transaction import Row, Transaction


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


class StoredRuns:
    """`hub.ports.Runs`. A run is a row that is inserted once; each step it takes is another one."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def open(self, agreement: str, as_of: date) -> Run:
        key = await self._transaction.agreement_key(agreement)
        await self._transaction.execute(
            """INSERT INTO run (public_id, agreement_id, as_of) VALUES (%(public_id)s, %(key)s, %(as_of)s)
               ON CONFLICT (agreement_id, as_of) DO NOTHING""", public_id=new_id("run"), key=key, as_of=as_of)
        rows = await self._transaction.rows(RUNS, agreement=agreement, as_of=as_of, limit=1)
        return _run(rows[0])

    async def advance(self, run: str, step: str, detail: Mapping[str, Any], state: str = "running") -> None:
        added = await self._transaction.execute(
            """INSERT INTO run_step (run_id, step, state, detail)
               SELECT id, %(step)s, %(state)s, %(detail)s FROM run WHERE public_id = %(run)s""",
            run=run, step=step, state=state, detail=storable.json(dict(detail)))
        if not added:
            raise NotFound(f"no run {run!r}")

    async def list(self, agreement: str | None = None, limit: int = 20) -> list[Run]:
        return [_run(r) for r in await self._transaction.rows(RUNS, agreement=agreement, as_of=None, limit=limit)]


RUNS: LiteralString = """
    SELECT r.public_id, a.name AS agreement, r.as_of, r.known_at, s.step, coalesce(s.state, 'running') AS state,
      ARRAY(SELECT detail FROM run_step WHERE run_id = r.id ORDER BY id) AS details
    FROM run r JOIN agreement a ON a.id = r.agreement_id
    LEFT JOIN LATERAL (SELECT step, state FROM run_step WHERE run_id = r.id ORDER BY id DESC LIMIT 1) AS s ON true
    WHERE (%(agreement)s::text IS NULL OR a.name = %(agreement)s) AND (%(as_of)s::date IS NULL OR r.as_of = %(as_of)s)
    ORDER BY r.id DESC LIMIT %(limit)s"""


def _run(row: Row) -> Run:
    """`detail` is what all steps have said, a later one over an earlier one."""
    detail = {name: value for said in row["details"] for name, value in said.items()}
    return Run(row["public_id"], row["agreement"], row["as_of"], row["step"], row["state"], row["known_at"], detail)
