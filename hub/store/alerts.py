"""Troubles that people should know of, committed with what caused them and told afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from hub.model.alert import Alert
from hub.ports import Raised
from hub.store import storable
from hub.store.identity import new_id
from hub.store.transaction import Row, Transaction

COLUMNS: LiteralString = """
    a.public_id, a.kind, a.subject, p.name AS partner, a.severity, a.message, a.hint, a.known_at, a.closed_at, a.told,
    a.tries """
SELECT: LiteralString = f"SELECT {COLUMNS} FROM alert a LEFT JOIN partner p ON p.id = a.partner_id "  # noqa: S608


class StoredAlerts:
    """`hub.ports.Alerts`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def open(self, alert: Alert, *, again: bool = True) -> bool:
        return bool(await self._transaction.execute(
            """INSERT INTO alert (public_id, kind, subject, partner_id, severity, message, hint)
               SELECT %(id)s, %(kind)s, %(subject)s, %(partner)s::int, %(severity)s, %(message)s, %(hint)s
               WHERE %(again)s OR NOT EXISTS (
                 SELECT 1 FROM alert WHERE (kind, subject) = (%(kind)s, %(subject)s))
               ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO NOTHING""",
            again=again, id=new_id("alert"), kind=alert.kind, subject=storable.text(alert.subject),
            partner=await self._transaction.maybe_partner_key(alert.partner), severity=alert.severity,
            message=storable.text(alert.message), hint=storable.text(alert.hint)))

    async def close(self, kind: str, subject: str) -> bool:
        return bool(await self._transaction.execute(
            """UPDATE alert SET closed_at = now() WHERE (kind, subject) = (%(kind)s, %(subject)s)
               AND closed_at IS NULL""", kind=kind, subject=storable.text(subject)))

    async def of_kind(self, kind: str) -> list[Raised]:
        rows = await self._transaction.rows(
            SELECT + "WHERE a.kind = %(kind)s AND a.closed_at IS NULL ORDER BY a.id", kind=kind)
        return [_raised(row) for row in rows]

    async def untold(self, again_in: float = 120.0, limit: int = 20) -> list[Raised]:
        rows = await self._transaction.rows(
            f"""WITH due AS (
                  SELECT id FROM alert WHERE tell_at <= now() ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
                a AS (
                  UPDATE alert SET tries = tries + 1, tell_at = now() + make_interval(secs => %(again_in)s)
                  FROM due WHERE alert.id = due.id RETURNING alert.*)
                SELECT {COLUMNS} FROM a LEFT JOIN partner p ON p.id = a.partner_id ORDER BY a.id""",  # noqa: S608
            limit=limit, again_in=again_in)
        return [_raised(row) for row in rows]

    async def told(self, id: str, channels: Sequence[str], again_in: float | None) -> None:
        await self._transaction.execute(
            """UPDATE alert SET told = told || %(channels)s::text[],
                 tell_at = now() + make_interval(secs => %(again_in)s) WHERE public_id = %(id)s""",
            id=id, channels=list(channels), again_in=again_in)

    async def list(self, *, all: bool = False, partner: str | None = None, limit: int = 50) -> list[Raised]:
        rows = await self._transaction.rows(
            SELECT + """WHERE (%(all)s OR a.closed_at IS NULL) AND (%(partner)s::text IS NULL OR p.name = %(partner)s)
                        ORDER BY a.id DESC LIMIT %(limit)s""", all=all, partner=partner, limit=limit)
        return [_raised(row) for row in rows]


def _raised(row: Row) -> Raised:
    alert = Alert(
        kind=row["kind"], subject=row["subject"], partner=row["partner"], severity=row["severity"],
        message=row["message"], hint=row["hint"])
    return Raised(row["public_id"], alert, row["known_at"], row["closed_at"], tuple(row["told"]), row["tries"])
