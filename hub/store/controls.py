"""Control numbers: those we give, and those that arrived, as ranges per partner pair and direction.

A range of numbers that all arrived is one row, however many there are; a gap begins another one until it is filled.
"""

from __future__ import annotations

from dataclasses import replace

from hub.model.exchange import Address
from hub.ports import Arrival
from hub.store import storable
from hub.store.transaction import Row, Transaction

RANGES = 1000
"""At most so many ranges per pair: beyond, the oldest gap is given up."""
NEAR = 1000
"""So near to a power of ten a counter may turn over, and so near to one it begins again."""


class StoredControlNumbers:
    """`hub.ports.ControlNumbers`. The row stays locked until the end of the transaction: no number is given twice."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take(self, format: str, sender: Address, receiver: Address, scope: str = "interchange") -> int:
        number: int = await self._transaction.scalar(
            """INSERT INTO control_number (format, sender, receiver, scope, last)
               VALUES (%(format)s, %(sender)s, %(receiver)s, %(scope)s, 1)
               ON CONFLICT (format, sender, receiver, scope, test) DO UPDATE
                 SET last = CASE WHEN control_number.last >= 999999999 THEN 1 ELSE control_number.last + 1 END
               RETURNING last""",
            format=format, sender=_address(sender), receiver=_address(receiver), scope=scope)
        return number

    async def forget(self, partner: str) -> int:
        return await self._transaction.execute(
            "DELETE FROM control_range WHERE sender_id = %(partner)s",
            partner=await self._transaction.partner_key(partner))

    async def arrive(
        self, format: str, partner: str, sender: Address, receiver: Address | None, number: int
    ) -> Arrival:
        pair: Row = {
            "format": format, "partner": await self._transaction.partner_key(partner),
            "sender": storable.text(_address(sender)),
            "receiver": storable.text(_address(receiver) if receiver else ""),
        }
        await self._transaction.execute(
            """SELECT pg_advisory_xact_lock(hashtext('hub.control'), hashtext(concat_ws(
                 '|', %(format)s::text, %(partner)s::text, %(sender)s::text, %(receiver)s::text)))""", **pair)
        rows = await self._transaction.rows(
            """SELECT id, cycle, low, high FROM control_range WHERE (format, sender_id, sender, receiver)
                 = (%(format)s, %(partner)s, %(sender)s, %(receiver)s) ORDER BY cycle, low""", **pair)
        arrival, cycle = _arrival(rows, number)
        if arrival.kind == "repeated":
            return replace(arrival, earlier=await self._earlier(pair, number))
        await self._remember([r for r in rows if r["cycle"] == cycle], pair, cycle, number)
        await self._forget(rows, arrival, cycle)
        return arrival

    async def _earlier(self, pair: Row, number: int) -> str | None:
        """The newest message whose first interchange had this number."""
        return await self._transaction.scalar(  # type: ignore[no-any-return]
            """SELECT public_id FROM message WHERE direction = 'in' AND format = %(format)s
                 AND coalesce(claimed_id, sender_id) = %(partner)s AND ltrim(control, '0') = %(number)s
                 AND test = %(test)s
               ORDER BY id DESC LIMIT 1""", **pair, number=str(number),
            test=self._transaction.test)

    async def _remember(self, rows: list[Row], pair: Row, cycle: int, number: int) -> None:
        """Add a number to the range before it, after it, or between two that now become one."""
        below = next((r for r in rows if r["high"] == number - 1), None)
        above = next((r for r in rows if r["low"] == number + 1), None)
        high = above["high"] if above else number
        if above:
            await self._transaction.execute("DELETE FROM control_range WHERE id = %(id)s", id=above["id"])
        if below:
            await self._transaction.execute(
                "UPDATE control_range SET high = %(high)s WHERE id = %(id)s", high=high, id=below["id"])
            return
        await self._transaction.execute(
            """INSERT INTO control_range (format, sender_id, sender, receiver, cycle, low, high)
               VALUES (%(format)s, %(partner)s, %(sender)s, %(receiver)s, %(cycle)s, %(low)s, %(high)s)""",
            **pair, cycle=cycle, low=number, high=high)

    async def _forget(self, rows: list[Row], arrival: Arrival, cycle: int) -> None:
        """What was before the turn before the last one, and the oldest gap where there are too many."""
        old = [r["id"] for r in rows if r["cycle"] < cycle - 1] if arrival.kind == "wrapped" else []
        if len(rows) > RANGES:
            first, second = rows[0], rows[1]
            old.append(first["id"])
            await self._transaction.execute("DELETE FROM control_range WHERE id = %(id)s", id=first["id"])
            if first["cycle"] == second["cycle"]:
                await self._transaction.execute(
                    "UPDATE control_range SET low = %(low)s WHERE id = %(id)s", low=first["low"], id=second["id"])
        if old:
            await self._transaction.execute("DELETE FROM control_range WHERE id = ANY (%(old)s::int[])", old=old)


def _arrival(rows: list[Row], number: int) -> tuple[Arrival, int]:
    """What a number means after those that are known (in order), and in which turn of the counter it belongs."""
    if not rows:
        return Arrival("first"), 1
    cycle, last = rows[-1]["cycle"], rows[-1]["high"]
    if _turns_over(last, number):
        return Arrival("wrapped", last=last), cycle + 1
    before = [r for r in rows if r["cycle"] == cycle - 1]
    if before and number > last + NEAR and number <= before[-1]["high"]:
        cycle, rows, last = cycle - 1, before, before[-1]["high"]
    if any(r["low"] <= number <= r["high"] for r in rows if r["cycle"] == cycle):
        return Arrival("repeated", last=last), cycle
    if number > last + 1:
        return Arrival("gap", last=last, missing=(last + 1, number - 1)), cycle
    return Arrival("next" if number == last + 1 else "late", last=last), cycle


def _turns_over(last: int, number: int) -> bool:
    """999999999 -> 1, and likewise for counters of fewer digits (at least four)."""
    end = 10 ** max(len(str(last)), 4) - 1
    return number <= NEAR // 10 and last > end - NEAR // 10


def _address(address: Address) -> str:
    return f"{address.qualifier or ''}:{address.id}"
