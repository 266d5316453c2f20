"""Lanes to the partners: who carries which file, how often it was tried, and which partner is out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from hub.errors import NotFound, Reject
from hub.model.query import Condition, Sort
from hub.ports import Attempt, Delivery, Matched, Page
from hub.store import storable
from hub.store.listing import Listing, moment, text, whole
from hub.store.transaction import Row, Transaction, page

COURIERS = 0x43504643
"""First key of the couriers' advisory locks ("CPFC"); the second is the courier's number. PostgreSQL lets go of a lock
when its connection ends, which for a killed process is at once."""

SMALL: LiteralString = "65536"
"""The bytes of a file that is no longer come with its claim."""

LOST: LiteralString = f"""(d.claimed_at < now() - make_interval(secs => %(silence)s) AND NOT EXISTS (
  SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = {COURIERS}::oid AND l.objsubid = 2
    AND l.objid::bigint = d.claimed_by AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())))"""  # noqa: S608

COLUMNS: LiteralString = """
    m.id AS key, m.public_id, p.name AS receiver, d.channel, d.filename, m.format, m.kind, m.control, m.sha256,
    m.length, d.state, d.attempts, d.failures, d.losses, d.known_at, d.next_at, d.expects, d.delivered_at, d.due_at,
    d.overdue_at,
    coalesce(extract(epoch FROM now() - d.first_at), 0)::float8 AS elapsed,
    (SELECT detail FROM attempt a WHERE a.delivery_id = d.id ORDER BY a.id DESC LIMIT 1) AS answer """

SOURCE: LiteralString = """
    FROM delivery d JOIN message m ON m.id = d.message_id JOIN partner p ON p.id = d.partner_id """
SELECT: LiteralString = f"""
    SELECT {COLUMNS} {SOURCE}"""
LISTED = Listing(
    source=SOURCE,
    columns={"state": text("d.state"), "channel": text("d.channel"), "attempt_count": whole("d.attempts"),
             "expected_acknowledgement": text("d.expects"), "create_time": moment("d.known_at"),
             "delivery_time": moment("d.delivered_at"), "due_time": moment("d.due_at"),
             "overdue_time": moment("d.overdue_at")},
    public=text("m.public_id"), key=whole("m.id"))

MATCHED: LiteralString = """
    SELECT a.scope, a.outcome, a.known_at AS at, a.group_control, a.control, a.codes, m.public_id AS answer
    FROM acknowledgement a LEFT JOIN message m ON m.id = a.answer_id WHERE a.message_id = %(key)s ORDER BY a.id"""

HEADS: LiteralString = f"""
    SELECT h.id FROM partner p LEFT JOIN circuit c ON c.partner_id = p.id
    CROSS JOIN LATERAL (
      SELECT d.id, d.next_at, true AS due FROM delivery d
      WHERE d.partner_id = p.id AND d.state = 'sending' AND d.channel = ANY (%(channels)s) AND {LOST}
      UNION ALL (
      SELECT d.id, d.next_at, d.next_at <= now() AND (c.open_until IS NULL OR c.open_until <= now()) FROM delivery d
      WHERE d.partner_id = p.id AND d.state = 'queued' AND d.channel = ANY (%(channels)s)
        AND (p.name <> ALL (%(free)s) OR d.next_at <= now())
        AND NOT EXISTS (SELECT 1 FROM delivery s WHERE s.partner_id = p.id AND s.state = 'sending')
      ORDER BY d.id LIMIT 1)) AS h
    WHERE h.due ORDER BY h.next_at LIMIT %(limit)s"""  # noqa: S608
"""The first file of each lane in which nothing is under way, and those whose courier is lost."""

CLAIM: LiteralString = f"""
    WITH picked AS (
      SELECT d.id, d.state = 'sending' AS lost FROM delivery d WHERE d.id IN ({HEADS})
        AND (d.state = 'queued' AND d.next_at <= now() OR d.state = 'sending' AND {LOST})
      FOR UPDATE SKIP LOCKED),
    taken AS (
      UPDATE delivery d SET state = 'sending', claimed_by = %(courier)s, claimed_at = now(),
        first_at = coalesce(d.first_at, now()), attempts = d.attempts + 1,
        losses = d.losses + CASE WHEN picked.lost THEN 1 ELSE 0 END
      FROM picked WHERE d.id = picked.id RETURNING d.*, picked.lost)
    SELECT d.lost, {COLUMNS}, CASE WHEN m.length <= {SMALL} THEN (
      SELECT c.content FROM message_chunk c WHERE c.message_id = m.id AND c.ordinal = 0) END AS content FROM taken d
    JOIN message m ON m.id = d.message_id JOIN partner p ON p.id = d.partner_id ORDER BY d.id"""  # noqa: S608


SUCCEED: LiteralString = """
    WITH arrived AS (
      UPDATE delivery d SET state = 'delivered', claimed_by = NULL, delivered_at = now(),
        due_at = CASE WHEN d.expects IS NOT NULL THEN now() + make_interval(secs => %(expected_in)s::float8) END
      FROM message m WHERE m.public_id = %(message)s AND d.message_id = m.id
      RETURNING d.id, d.message_id, d.partner_id),
    logged AS (
      INSERT INTO attempt (delivery_id, ok, outcome, detail, seconds)
      SELECT id, true, 'delivered', %(answer)s::text, %(seconds)s::float8 FROM arrived),
    told AS (
      UPDATE message m SET state = 'sent' FROM arrived a WHERE m.id = a.message_id AND m.state IN ('queued', 'failed'))
    SELECT a.message_id, EXISTS (
      SELECT 1 FROM circuit c WHERE c.partner_id = a.partner_id AND c.failures > 0) AS troubled FROM arrived a"""
"""`troubled`: the receiver was out of reach before."""


class StoredDeliveries:
    """`hub.ports.Deliveries`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    # -- the couriers' side ----------------------------------------------------------------------------------------

    async def claim(
        self, courier: int, channels: Sequence[str], limit: int, *, free: Sequence[str] = (), silence: float = 8.0
    ) -> list[Delivery]:
        rows = await self._transaction.rows(
            CLAIM, courier=courier, channels=list(channels), limit=limit, free=list(free), silence=silence)
        for row in rows:
            if row["lost"]:
                await self._log(row["key"], "lost", "The process that tried it died; whether it arrived is unknown.")
        return [_delivery(row, row["content"]) for row in rows]

    async def beat(self, courier: int) -> None:
        await self._transaction.execute(
            "UPDATE delivery SET claimed_at = now() WHERE state = 'sending' AND claimed_by = %(courier)s",
            courier=courier)

    async def give_back(self, courier: int, but: Sequence[str] = ()) -> int:
        rows = await self._transaction.rows(
            """UPDATE delivery d SET state = 'queued', claimed_by = NULL, next_at = now() FROM message m
               WHERE d.state = 'sending' AND d.claimed_by = %(courier)s AND m.id = d.message_id
                 AND m.public_id <> ALL (%(but)s) RETURNING d.message_id""", courier=courier, but=list(but))
        for row in rows:
            await self._log(row["message_id"], "given_back", "The attempt was broken off; the file is sent again.")
        return len(rows)

    async def succeed(self, message: str, answer: str, seconds: float, expected_in: float | None) -> bool:
        """Counts even when another courier has taken the file over: it has arrived. A message that its receiver has
        acknowledged already stays acknowledged."""
        row = await self._transaction.row(
            SUCCEED, message=message, answer=storable.text(answer), seconds=seconds, expected_in=expected_in)
        if row is None:
            raise NotFound(f"no outbound message {message!r}")
        return row["troubled"] and await self._close_circuit(row["message_id"])

    async def _close_circuit(self, key: int) -> bool:
        row = await self._transaction.row(
            """UPDATE circuit c SET failures = 0, opened_at = NULL, open_until = NULL, reason = NULL
               FROM (SELECT c.* FROM circuit c JOIN delivery d USING (partner_id)
                     WHERE d.message_id = %(key)s AND c.failures > 0 FOR UPDATE OF c) AS before
               WHERE c.partner_id = before.partner_id RETURNING c.partner_id, before.opened_at""", key=key)
        if row is None or row["opened_at"] is None:
            return False
        await self._transaction.execute(
            "UPDATE delivery SET next_at = now() WHERE partner_id = %(partner)s AND state = 'queued'",
            partner=row["partner_id"])
        return True

    async def postpone(
        self, courier: int, message: str, answer: str, seconds: float, again_in: float, *, trip_after: int | None
    ) -> bool:
        key = await self._transaction.message_key(message)
        await self._log(key, "failed" if trip_after is None else "retry", answer, seconds)
        await self._transaction.execute(
            """UPDATE delivery SET state = 'queued', claimed_by = NULL, failures = failures + %(ours)s,
                 next_at = now() + make_interval(secs => %(again_in)s)
               WHERE message_id = %(key)s AND state = 'sending' AND claimed_by = %(courier)s""",
            key=key, courier=courier, again_in=again_in, ours=int(trip_after is None))
        return trip_after is not None and await self._trip(key, answer, again_in, trip_after)

    async def _trip(self, key: int, reason: str, seconds: float, trip_after: int) -> bool:
        row = await self._transaction.one(
            """INSERT INTO circuit AS c (partner_id, failures, reason)
               SELECT partner_id, 1, %(reason)s FROM delivery WHERE message_id = %(key)s
               ON CONFLICT (partner_id) DO UPDATE SET failures = c.failures + 1, reason = excluded.reason
               RETURNING partner_id, failures, opened_at""", key=key, reason=storable.text(reason))
        if row["failures"] < trip_after:
            return False
        await self._transaction.execute(
            """UPDATE circuit SET opened_at = coalesce(opened_at, now()),
                 open_until = now() + make_interval(secs => %(seconds)s) WHERE partner_id = %(partner)s""",
            partner=row["partner_id"], seconds=seconds)
        return row["opened_at"] is None

    async def fail(self, courier: int, message: str, outcome: str, answer: str, seconds: float) -> bool:
        key = await self._transaction.message_key(message)
        await self._log(key, outcome, answer, seconds)
        return bool(await self._transaction.execute(
            """UPDATE delivery SET state = 'failed', claimed_by = NULL, failures = failures + 1
               WHERE message_id = %(key)s AND state = 'sending' AND claimed_by = %(courier)s""",
            key=key, courier=courier))

    async def _log(self, key: int, outcome: str, answer: str, seconds: float | None = None) -> None:
        await self._transaction.execute(
            """INSERT INTO attempt (delivery_id, ok, outcome, detail, seconds)
               SELECT id, %(ok)s, %(outcome)s, %(answer)s, %(seconds)s FROM delivery WHERE message_id = %(key)s""",
            key=key, ok=outcome == "delivered", outcome=outcome, answer=storable.text(answer), seconds=seconds)

    # -- the operator's side ---------------------------------------------------------------------------------------

    async def resend(self, message: str) -> str:
        before = await self._locked(message)
        if before["state"] == "sending":
            raise Reject(f"{message} is on its way this moment", reason="ON_ITS_WAY")
        await self._transaction.execute(
            """UPDATE delivery SET state = %(state)s, next_at = now(), first_at = NULL, failures = 0, losses = 0,
                 due_at = NULL, overdue_at = NULL WHERE id = %(id)s""",
            id=before["id"], state="waiting" if before["channel"] == "mailbox" else "queued")
        await self._transaction.execute(
            "UPDATE message SET state = 'queued' WHERE id = %(key)s", key=before["message_id"])
        await self._transaction.execute(
            "UPDATE circuit SET open_until = now() WHERE partner_id = %(partner)s AND open_until IS NOT NULL",
            partner=before["partner_id"])
        await self._transaction.execute("SELECT pg_notify('hub_outbox', '')")
        return str(before["state"])

    async def discard(self, message: str) -> None:
        before = await self._locked(message)
        if before["state"] not in ("queued", "waiting", "failed"):
            raise Reject(f"{message} is {before['state']} and cannot be discarded", reason="NOT_WAITING")
        await self._transaction.execute("UPDATE delivery SET state = 'discarded' WHERE id = %(id)s", id=before["id"])
        await self._transaction.execute(
            "UPDATE message SET state = 'failed' WHERE id = %(key)s", key=before["message_id"])

    async def _locked(self, message: str) -> Row:
        row = await self._transaction.row(
            """SELECT d.id, d.message_id, d.partner_id, d.state, d.channel FROM delivery d
               JOIN message m ON m.id = d.message_id WHERE m.public_id = %(message)s FOR UPDATE""", message=message)
        if row is None:
            raise NotFound(f"no outbound message {message!r}")
        return row

    async def get(self, message: str) -> Delivery:
        row = await self._transaction.row(SELECT + "WHERE m.public_id = %(message)s", message=message)
        if row is None:
            raise NotFound(f"no outbound message {message!r}")
        return _delivery(row)

    async def attempts(self, message: str) -> list[Attempt]:
        rows = await self._transaction.rows(
            """SELECT a.known_at, a.outcome, a.detail, a.seconds FROM attempt a JOIN delivery d ON d.id = a.delivery_id
               WHERE d.message_id = %(key)s ORDER BY a.id""", key=await self._transaction.message_key(message))
        return [Attempt(r["known_at"], r["outcome"], r["detail"], r["seconds"]) for r in rows]

    async def answered_late(self) -> int:
        return await self._transaction.execute(
            """UPDATE alert a SET closed_at = now() FROM message m WHERE a.kind = 'acknowledgement.overdue'
               AND a.closed_at IS NULL AND m.public_id = a.subject AND m.state <> 'sent'""")

    async def overdue(self, limit: int = 100) -> list[Delivery]:
        rows = await self._transaction.rows(
            f"""WITH late AS (
                  SELECT d.id FROM delivery d JOIN message m ON m.id = d.message_id
                  WHERE d.due_at < now() AND d.overdue_at IS NULL AND m.state = 'sent'
                  ORDER BY d.due_at LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED),
                marked AS (
                  UPDATE delivery d SET overdue_at = now() FROM late WHERE d.id = late.id RETURNING d.*)
                SELECT {COLUMNS} FROM marked d
                JOIN message m ON m.id = d.message_id JOIN partner p ON p.id = d.partner_id ORDER BY d.id""",  # noqa: S608
            limit=limit)
        return [_delivery(row) for row in rows]

    async def expect_receipt(self, message: str, within: float) -> None:
        await self._transaction.execute(
            """UPDATE delivery SET receipt_due_at = now() + make_interval(secs => %(within)s)
               WHERE message_id = %(key)s""", key=await self._transaction.message_key(message), within=within)

    async def receipted(self, message: str) -> None:
        await self._transaction.execute(
            """UPDATE delivery d SET receipt_due_at = NULL FROM message m
               WHERE m.id = d.message_id AND m.public_id = %(message)s""", message=message)

    async def without_receipt(self, limit: int = 100) -> list[Delivery]:
        rows = await self._transaction.rows(
            f"""WITH late AS (
                  SELECT id FROM delivery WHERE receipt_due_at < now() AND state = 'delivered'
                  ORDER BY receipt_due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
                marked AS (
                  UPDATE delivery d SET receipt_due_at = NULL FROM late WHERE d.id = late.id RETURNING d.*)
                SELECT {COLUMNS} FROM marked d
                JOIN message m ON m.id = d.message_id JOIN partner p ON p.id = d.partner_id ORDER BY d.id""",  # noqa: S608
            limit=limit)
        return [_delivery(row) for row in rows]

    async def acknowledgements(self, message: str) -> Sequence[Matched]:
        rows = await self._transaction.rows(MATCHED, key=await self._transaction.message_key(message))
        return [Matched(codes=tuple(row.pop("codes")), **row) for row in rows]

    async def list(
        self, *, partner: str | None = None, state: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Delivery]:
        rows = await LISTED.rows(
            self._transaction, f"SELECT {COLUMNS}", where=where, order=order, limit=limit + 1, after=after,
            always="""(%(partner)s::text IS NULL OR p.name = %(partner)s)
              AND (%(state)s::text IS NULL OR d.state = %(state)s)""", partner=partner, state=state)
        return page(rows, limit, _delivery)


def _delivery(row: Row, content: bytes | None = None) -> Delivery:
    same = {name: row[name] for name in SAME}
    return Delivery(message=row["public_id"], queued_at=row["known_at"], content=content, **same)


SAME = (
    "receiver", "channel", "filename", "format", "kind", "control", "sha256", "length", "state", "attempts", "failures",
    "losses", "next_at", "elapsed", "expects", "delivered_at", "due_at", "overdue_at", "answer",
)
"""Columns that are called like the fields."""
