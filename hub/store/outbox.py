"""Files on their way out, each attempt to deliver them, and what the receiver said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import LiteralString

from hub.killpoint import reached
from hub.model.acknowledgement import Acknowledged
from hub.model.exchange import Sent
from hub.ports import Answered
from hub.store import messages, storable
from hub.store.identity import new_id
from hub.store.transaction import Row, Transaction

REFUSED = ("rejected",)
FETCHED = "mailbox"
"""The channel whose files wait until their receiver comes for them."""
BELL = "hub_outbox"
"""Where PostgreSQL notifies the couriers of a new file, at COMMIT; the payload is the receiver's short name."""


class StoredOutbox:
    """`hub.ports.Outbox`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(
        self, receiver: str, channel: str, filename: str, content: bytes, *, sender: str | None, format: str, kind: str,
        version: str | None, control: str | None, in_reply_to: str | None, expects: str | None = None,
        sent: Sequence[Sent] = (), deliver: bool = True, numbers: Sequence[str] = (),
    ) -> str:
        public_id = new_id("msg")
        reply = None if in_reply_to is None else await self._transaction.message_key(in_reply_to)
        key = await self._transaction.scalar(
            PUT_AND_DELIVER if deliver else PUT_BY, public_id=public_id, channel=channel,
            state="queued" if deliver else "kept", sender=await self._transaction.maybe_partner_key(sender),
            receiver=await self._transaction.partner_key(receiver), format=format, kind=kind, version=version,
            control=control, sha256=hashlib.sha256(content).hexdigest(), length=len(content), filename=filename,
            reply=reply, content=content[:messages.CHUNK], expects=expects,
            waits="waiting" if channel == FETCHED else "queued", bell=BELL, named=receiver,
            numbers=list(numbers))
        await self._transaction.many(
            "INSERT INTO message_chunk (message_id, ordinal, content) VALUES (%(key)s, %(ordinal)s, %(content)b)",
            [{"key": key, "ordinal": ordinal, "content": content[start:start + messages.CHUNK]}
             for ordinal, start in enumerate(range(messages.CHUNK, len(content), messages.CHUNK), 1)])
        await self._transaction.many(
            """INSERT INTO sent_transaction (message_id, ordinal, group_control, kind, control)
               VALUES (%(key)s, %(ordinal)s, %(group)s, %(kind)s, %(control)s)""",
            [{"key": key, "ordinal": ordinal, "group": one.group, "kind": one.kind, "control": one.control}
             for ordinal, one in enumerate(sent, 1)])
        reached("process.queued")
        return public_id

    async def acknowledged(
        self, from_partner: str, format: str, answer: Acknowledged, scope: str, cause: str | None = None
    ) -> Answered | None:
        """Numbers are compared without leading zeros; of several files with that number the newest is meant. A test is
        answered by a test."""
        found = await self._meant(from_partner, format, answer.control, scope)
        if found is None:
            return None
        key, public_id = found
        by = None if cause is None else await self._transaction.message_key(cause)
        sent = await self._transaction.rows(
            """SELECT kind, control FROM sent_transaction WHERE message_id = %(key)s AND (%(scope)s = 'interchange'
                 OR ltrim(group_control, '0') = ltrim(%(group)s, '0')) ORDER BY ordinal""",
            key=key, scope=scope, group=storable.text(answer.control))
        said = {t.control.lstrip("0"): t for t in answer.transactions if scope == "group" or t.message}
        if scope == "advice":
            sent = [one for one in sent if one["control"].lstrip("0") in said]
        whole = {"key": key, "by": by, "group": None if scope == "interchange" else storable.text(answer.control)}
        rows = [{**whole, "scope": scope, "outcome": answer.outcome, "control": None, "codes": [
            code for t in answer.transactions if not t.message and scope != "group" for code in t.codes]}]
        for one in sent:
            told = said.pop(one["control"].lstrip("0"), None)
            rows.append({
                **whole, "scope": "transaction", "control": one["control"], "codes": list(told.codes) if told else [],
                "outcome": told.outcome if told else _implied(answer.outcome, format)})
        await self._transaction.many(ANSWER, rows)
        await self._settle(key, answer.outcome, scope, format)
        parts = [((s["kind"], s["control"]), row["outcome"]) for s, row in zip(sent, rows[1:], strict=True)]
        return Answered(
            public_id, tuple(part for part, outcome in parts if outcome == "rejected"),
            tuple(part for part, outcome in parts if outcome == "received"),
            tuple(t.control for t in said.values()) if sent else ())

    async def _meant(self, partner: str, format: str, control: str, scope: str) -> tuple[int, str] | None:
        values: Row = {
            "partner": await self._transaction.partner_key(partner), "format": format,
            "control": storable.text(control), "test": self._transaction.test}
        if scope != "interchange":
            row = await self._transaction.row(
                """SELECT m.id, m.public_id FROM message m WHERE m.direction = 'out' AND m.receiver_id = %(partner)s
                     AND m.format = %(format)s AND m.test = %(test)s AND EXISTS (
                       SELECT 1 FROM sent_transaction t WHERE t.message_id = m.id
                       AND ltrim(t.group_control, '0') = ltrim(%(control)s, '0'))
                   ORDER BY m.id DESC LIMIT 1 FOR UPDATE""", **values)
            return None if row is None else (row["id"], str(row["public_id"]))
        row = await self._transaction.row(
            """SELECT id, public_id FROM message WHERE direction = 'out' AND receiver_id = %(partner)s
                 AND format = %(format)s AND ltrim(control, '0') = ltrim(%(control)s, '0') AND test = %(test)s
               ORDER BY id DESC LIMIT 1 FOR UPDATE""", **values)
        return None if row is None else (row["id"], str(row["public_id"]))

    async def _settle(self, key: int, outcome: str, scope: str, format: str) -> None:
        """A refusal fails the file. It counts as acknowledged when each of its groups is; a TA1 alone is no more than
        the word that it arrived, and an advice speaks of content only."""
        if scope == "advice" or (outcome not in REFUSED and scope == "interchange" and format == "x12"):
            return
        await self._transaction.execute(
            """UPDATE message m SET state = CASE WHEN %(refused)s THEN 'failed' ELSE 'acknowledged' END
               WHERE id = %(key)s AND (%(refused)s OR %(scope)s <> 'group' OR NOT EXISTS (
                 SELECT 1 FROM sent_transaction t WHERE t.message_id = m.id AND NOT EXISTS (
                   SELECT 1 FROM acknowledgement a WHERE a.message_id = m.id AND a.scope = 'group'
                     AND ltrim(a.group_control, '0') = ltrim(t.group_control, '0'))))""",
            key=key, refused=outcome in REFUSED, scope=scope)


PUT: LiteralString = """
    WITH put AS (
      INSERT INTO message (public_id, direction, channel, state, sender_id, receiver_id, format, kind, version, control,
        sha256, length, received_at, filename, in_reply_to)
      VALUES (%(public_id)s, 'out', %(channel)s, %(state)s, %(sender)s, %(receiver)s, %(format)s, %(kind)s, %(version)s,
        %(control)s, %(sha256)s, %(length)s, now(), %(filename)s, %(reply)s) RETURNING id),
    piece AS (
      INSERT INTO message_chunk (message_id, ordinal, content) SELECT id, 0, %(content)b FROM put
      WHERE %(length)s > 0),
    spoken AS (INSERT INTO mention (message_id, number) SELECT id, unnest(%(numbers)s::text[]) FROM put)
    """
"""The file with its first mebibyte, and the numbers that it speaks of."""
PUT_BY: LiteralString = PUT + "SELECT id FROM put"  # noqa: S608  (our own text)
PUT_AND_DELIVER: LiteralString = PUT + """,
    lane AS (
      INSERT INTO delivery (message_id, partner_id, channel, filename, expects, state)
      SELECT id, %(receiver)s, %(channel)s, %(filename)s, %(expects)s, %(waits)s FROM put)
    SELECT id, pg_notify(%(bell)s, %(named)s) FROM put"""  # noqa: S608  (our own text)

ANSWER: LiteralString = """
    INSERT INTO acknowledgement (message_id, scope, outcome, group_control, control, codes, answer_id)
    VALUES (%(key)s, %(scope)s, %(outcome)s, %(group)s, %(control)s, %(codes)s, %(by)s)"""


def _implied(outcome: str, format: str) -> str:
    """What is said of a transaction that an answer does not mention: as the whole; where the whole is accepted in part,
    EDIFACT means the messages not named are accepted, and X12 has to name every set."""
    if outcome != "partially_accepted":
        return outcome
    return "accepted" if format == "edifact" else "received"
