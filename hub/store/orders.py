"""Orders and the answers to them. Their lines are kept in base units beside the document, for netting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, LiteralString

import polars as pl

from hub.errors import NotFound, Reject
from hub.model.exchange import Document
from hub.model.order import Order, OrderLine
from hub.model.query import Condition, Sort
from hub.model.response import OrderResponse, OrderResponseLine
from hub.ports import Arrived, Happening, LateOrder, OrderRow, Page
from hub.store import storable
from hub.store.identity import new_id
from hub.store.listing import Listing, day, moment, text, whole
from hub.store.transaction import Row, Transaction, page

FIELDS: LiteralString = """
    SELECT o.public_id, o.number, b.name AS buyer, s.name AS seller, o.state, o.placed_on, o.deliver_on, o.currency,
           m.public_id AS message, o.body, o.response """
SOURCE: LiteralString = """
    FROM purchase_order o JOIN partner b ON b.id = o.buyer_id JOIN partner s ON s.id = o.seller_id
    LEFT JOIN message m ON m.id = o.message_id """
SELECT: LiteralString = FIELDS + SOURCE
SEEN: LiteralString = """
    FROM purchase_order o CROSS JOIN LATERAL (SELECT hub_partner_name(o.buyer_id) AS name) AS b
    CROSS JOIN LATERAL (SELECT hub_partner_name(o.seller_id) AS name) AS s
    LEFT JOIN message m ON m.id = o.message_id """
"""As a party sees its orders, also when there is no agreement between the two any more."""
LISTED = Listing(SEEN, {
    "number": text("o.number"), "buyer": text("b.name"), "seller": text("s.name"), "state": text("o.state"),
    "order_date": day("o.placed_on"), "delivery_date": day("o.deliver_on"), "currency_code": text("o.currency"),
    "create_time": moment("o.known_at"),
}, public=text("o.public_id"), key=whole("o.id"))


class StoredOrders:
    """`hub.ports.Orders`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def place(self, document: Document, buyer: str, seller: str, message: str | None) -> str | None:
        if not isinstance(document, Order):
            raise Reject(f"{type(document).__name__} is no order", reason="NOT_AN_ORDER")
        public_id = new_id("ord")
        keys: Row = {
            "buyer": await self._transaction.partner_key(buyer), "seller": await self._transaction.partner_key(seller)}
        key = await self._transaction.scalar(
            """INSERT INTO purchase_order (public_id, number, buyer_id, seller_id, state, placed_on, deliver_on,
               currency, message_id, body)
               VALUES (%(public_id)s, %(number)s, %(buyer)s, %(seller)s, 'received', %(placed_on)s,
               %(deliver_on)s, %(currency)s, %(message)s, %(body)s)
               ON CONFLICT (buyer_id, seller_id, number, test) DO NOTHING RETURNING id""",
            **keys, public_id=public_id, number=storable.text(document.number), placed_on=document.placed_on,
            deliver_on=document.deliver_on, currency=storable.text(document.currency),
            message=None if message is None else await self._transaction.message_key(message),
            body=storable.json(document.model_dump(mode="json")))
        if key is None:
            return None
        await self._transaction.many(INSERT_LINE, [
            {**keys, "order": key, "ordinal": ordinal, **_line(line, document)}
            for ordinal, line in enumerate(document.lines)
        ])
        return public_id

    async def find(self, buyer: str, seller: str, number: str) -> OrderRow | None:
        row = await self._transaction.row(
            SELECT + "WHERE (b.name, s.name, o.number) = (%(buyer)s, %(seller)s, %(number)s)",
            buyer=buyer, seller=seller, number=storable.text(number))
        return None if row is None else _order(row)

    async def answer(self, order: str, document: Document, message: str, state: str) -> None:
        if not isinstance(document, OrderResponse):
            raise Reject(f"{type(document).__name__} is no order response", reason="NOT_A_RESPONSE")
        key = await self._transaction.scalar(
            """UPDATE purchase_order SET state = %(state)s, response = %(response)s WHERE public_id = %(order)s
               RETURNING id""",
            state=state, order=order,
            response=storable.json({**document.model_dump(mode="json"), "message": message}))
        if key is None:
            raise NotFound(f"no order {order!r}")
        await self._transaction.many(PROMISE, [
            {"order": key, **_promise(line)} for line in document.lines if _promised(line) is not None
        ])

    async def move(self, order: str, state: str) -> None:
        """Set where its life stands. Raises NotFound."""
        if not await self._transaction.execute(
            "UPDATE purchase_order SET state = %(state)s WHERE public_id = %(order)s", state=state, order=order
        ):
            raise NotFound(f"no order {order!r}")

    async def amend(self, order: str, document: Document, state: str) -> None:
        """Lines are known again by their item, else by their number."""
        if not isinstance(document, Order):
            raise Reject(f"{type(document).__name__} is no order", reason="NOT_AN_ORDER")
        row = await self._transaction.row(
            """UPDATE purchase_order SET state = %(state)s, body = %(body)s, deliver_on = %(deliver_on)s,
                 response = NULL WHERE public_id = %(order)s RETURNING id, buyer_id, seller_id""",
            state=state, order=order, body=storable.json(document.model_dump(mode="json")),
            deliver_on=document.deliver_on)
        if row is None:
            raise NotFound(f"no order {order!r}")
        before = await self._transaction.rows(
            """SELECT number, gtin, received AS quantity FROM order_line
               WHERE purchase_order_id = %(order)s AND received IS NOT NULL ORDER BY ordinal""", order=row["id"])
        await self._transaction.execute(
            "DELETE FROM order_line WHERE purchase_order_id = %(order)s", order=row["id"])
        keys: Row = {"order": row["id"], "buyer": row["buyer_id"], "seller": row["seller_id"]}
        await self._transaction.many(INSERT_LINE, [
            {**keys, "ordinal": ordinal, **_line(line, document)} for ordinal, line in enumerate(document.lines)])
        await self._transaction.many(ARRIVED, [{**old, "order": row["id"], "unit": None} for old in before])

    async def happen(self, order: str, kind: str, number: str, message: str | None, body: Mapping[str, Any]) -> bool:
        return bool(await self._transaction.execute(
            """INSERT INTO order_event (public_id, purchase_order_id, kind, number, message_id, body)
               SELECT %(public_id)s, id, %(kind)s, %(number)s, %(message)s::int, %(body)s FROM purchase_order
               WHERE public_id = %(order)s ON CONFLICT (purchase_order_id, kind, number) DO NOTHING""",
            public_id=new_id("evt"), order=order, kind=kind, number=storable.text(number),
            body=storable.json(dict(body)),
            message=None if message is None else await self._transaction.message_key(message)))

    async def of_event(self, buyer: str, seller: str, kind: str, number: str) -> list[OrderRow]:
        rows = await self._transaction.rows(
            SELECT + """JOIN order_event e ON e.purchase_order_id = o.id
              WHERE (b.name, s.name, e.kind, e.number) = (%(buyer)s, %(seller)s, %(kind)s, %(number)s) ORDER BY o.id""",
            buyer=buyer, seller=seller, kind=kind, number=storable.text(number))
        return [_order(row) for row in rows]

    async def receive(self, order: str, arrived: Sequence[Arrived]) -> bool:
        key = await self._transaction.scalar(
            "SELECT id FROM purchase_order WHERE public_id = %(order)s FOR UPDATE", order=order)
        if key is None:
            raise NotFound(f"no order {order!r}")
        await self._transaction.many(ARRIVED, [
            {"order": key, "quantity": one.quantity, "unit": one.unit, "gtin": one.gtin,
             "number": storable.text(one.number)} for one in arrived])
        return bool(await self._transaction.scalar(
            """SELECT count(*) > 0 AND bool_and(coalesce(received, 0) >= coalesce(promised, ordered))
               FROM order_line WHERE purchase_order_id = %(order)s""", order=key))

    async def get(self, order: str) -> OrderRow:
        row = await self._transaction.row(FIELDS + SEEN + "WHERE o.public_id = %(order)s", order=order)
        if row is None:
            raise NotFound(f"no order {order!r}")
        return _order(row)

    async def timeline(self, order: str) -> list[Happening]:
        await self.get(order)
        rows = await self._transaction.rows(TIMELINE, order=order)
        return [Happening(row["kind"], row["number"], row["message"], row["at"]) for row in rows]

    async def list(
        self, *, partner: str | None = None, state: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[OrderRow]:
        rows = await LISTED.rows(
            self._transaction, FIELDS, where=where, order=order, limit=limit + 1, after=after,
            always="""(%(partner)s::text IS NULL OR %(partner)s IN (b.name, s.name))
              AND (%(state)s::text IS NULL OR o.state = %(state)s)""", partner=partner, state=state)
        return page(rows, limit, _order)

    async def open_quantities(self, agreement: str, as_of: date | None = None) -> pl.DataFrame:
        """Everything ordered, not refused and not received, as promised where the seller has answered. Who never
        confirms a receipt leaves it to the caller to decide by `due` what has arrived; of an order that was received in
        part the rest is still to come, whatever day it was due: its `due` is null once that has passed."""
        rows = await self._transaction.rows(
            OPEN, agreement=await self._transaction.agreement_key(agreement), as_of=as_of)
        return pl.DataFrame(
            rows, schema={"gtin": pl.String, "gln": pl.String, "due": pl.Date, "quantity": pl.Float64}, orient="row")

    async def overdue(self, agreement: str, as_of: date) -> Sequence[LateOrder]:
        rows = await self._transaction.rows(
            OVERDUE, agreement=await self._transaction.agreement_key(agreement), as_of=as_of)
        return [LateOrder(**row) for row in rows]

    async def promises(self, agreement: str, first: date, last: date) -> pl.DataFrame:
        rows = await self._transaction.rows(
            PROMISES, agreement=await self._transaction.agreement_key(agreement), first=first, last=last)
        numbers = dict.fromkeys(("ordered", "promised", "received"), pl.Float64)
        return pl.DataFrame(
            rows, schema={"gtin": pl.String, "gln": pl.String, "due": pl.Date, **numbers}, orient="row")


TIMELINE: LiteralString = """
    SELECT h.kind, h.number, m.public_id AS message, h.at FROM (
      SELECT 'order' AS kind, o.number, o.message_id, o.known_at AS at, 0 AS turn FROM purchase_order o
      WHERE o.public_id = %(order)s
      UNION ALL SELECT 'response', coalesce(o.response ->> 'number', ''), a.id, a.received_at, 1 FROM purchase_order o
      JOIN message a ON a.public_id = o.response ->> 'message' WHERE o.public_id = %(order)s
      UNION ALL SELECT e.kind, e.number, e.message_id, e.known_at, 2 FROM order_event e
      JOIN purchase_order o ON o.id = e.purchase_order_id WHERE o.public_id = %(order)s) AS h
    LEFT JOIN message m ON m.id = h.message_id ORDER BY h.at, h.turn, h.kind, h.number"""

INSERT_LINE: LiteralString = """
    INSERT INTO order_line (purchase_order_id, ordinal, number, gtin, gln, due, factor, ordered)
    SELECT %(order)s, %(ordinal)s, %(number)s, i.gtin, l.gln, %(due)s,
           CASE WHEN i.base_unit = %(unit)s THEN 1 ELSE u.factor END, %(quantity)s
    FROM (SELECT 1) AS one
    LEFT JOIN item i ON i.id = coalesce((SELECT id FROM item WHERE gtin = %(gtin)s),
      (SELECT item_id FROM item_code WHERE partner_id IN (%(buyer)s, %(seller)s)
         AND (scheme, code) IN (('buyer', %(buyer_item)s), ('seller', %(seller_item)s))
       ORDER BY partner_id = %(buyer)s DESC, scheme LIMIT 1))
    LEFT JOIN location l ON l.id = (SELECT id FROM location
       WHERE gln = %(place)s OR (code = %(place)s AND owner_id = %(buyer)s) ORDER BY gln = %(place)s DESC LIMIT 1)
    LEFT JOIN unit_conversion u ON u.item_id = i.id AND u.unit = %(unit)s"""

PROMISE: LiteralString = """
    UPDATE order_line l SET due = coalesce(%(due)s::date, due), promised = %(quantity)s * coalesce((
      SELECT CASE WHEN i.base_unit = %(unit)s THEN 1 ELSE u.factor END / l.factor
      FROM item i LEFT JOIN unit_conversion u ON u.item_id = i.id AND u.unit = %(unit)s WHERE i.gtin = l.gtin), 1)
    WHERE purchase_order_id = %(order)s AND ordinal = (
      SELECT ordinal FROM order_line WHERE purchase_order_id = %(order)s
        AND (number = %(number)s OR (%(number)s::text IS NULL AND gtin = %(gtin)s)) ORDER BY ordinal LIMIT 1)"""

ARRIVED: LiteralString = """
    UPDATE order_line l SET received = coalesce(received, 0) + %(quantity)s * coalesce((
      SELECT CASE WHEN i.base_unit = %(unit)s THEN 1 ELSE u.factor END / l.factor
      FROM item i LEFT JOIN unit_conversion u ON u.item_id = i.id AND u.unit = %(unit)s WHERE i.gtin = l.gtin), 1)
    WHERE purchase_order_id = %(order)s AND ordinal = (
      SELECT ordinal FROM order_line WHERE purchase_order_id = %(order)s
        AND (gtin = %(gtin)s OR (number = %(number)s AND (gtin IS NULL OR %(gtin)s::text IS NULL)))
      ORDER BY coalesce(received, 0) >= coalesce(promised, ordered), number IS DISTINCT FROM %(number)s, ordinal
      LIMIT 1)"""

OPEN: LiteralString = """
    SELECT l.gtin, l.gln, d.due,
      sum(greatest(coalesce(l.promised, l.ordered) - coalesce(l.received, 0), 0) * l.factor) AS quantity
    FROM agreement a
    JOIN agreement_member b ON b.agreement_id = a.id AND b.role = 'buyer'
    JOIN agreement_member s ON s.agreement_id = a.id AND s.role = 'seller'
    JOIN purchase_order o ON o.buyer_id = b.partner_id AND o.seller_id = s.partner_id
    JOIN order_line l ON l.purchase_order_id = o.id
    CROSS JOIN LATERAL (SELECT
      CASE WHEN o.state = 'partly_received' AND l.due < %(as_of)s::date THEN NULL ELSE l.due END AS due) AS d
    WHERE a.id = %(agreement)s AND o.state NOT IN ('rejected', 'cancelled', 'delivered')
      AND l.gtin IS NOT NULL AND l.gln IS NOT NULL AND l.due IS NOT NULL AND l.factor IS NOT NULL
      AND (a.items = '{}' OR l.gtin = ANY (a.items)) AND (a.locations = '{}' OR l.gln = ANY (a.locations))
    GROUP BY l.gtin, l.gln, d.due
    HAVING sum(greatest(coalesce(l.promised, l.ordered) - coalesce(l.received, 0), 0) * l.factor) > 0
    ORDER BY l.gtin, l.gln, d.due"""

OVERDUE: LiteralString = """
    SELECT o.public_id AS id, o.number, bp.name AS buyer, sp.name AS seller, min(l.due) AS due,
      sum(greatest(coalesce(l.promised, l.ordered) - coalesce(l.received, 0), 0) * l.factor) AS quantity
    FROM agreement a
    JOIN agreement_member b ON b.agreement_id = a.id AND b.role = 'buyer' JOIN partner bp ON bp.id = b.partner_id
    JOIN agreement_member s ON s.agreement_id = a.id AND s.role = 'seller' JOIN partner sp ON sp.id = s.partner_id
    JOIN purchase_order o ON o.buyer_id = b.partner_id AND o.seller_id = s.partner_id
    JOIN order_line l ON l.purchase_order_id = o.id
    WHERE a.id = %(agreement)s AND o.state NOT IN ('rejected', 'cancelled', 'delivered') AND l.due < %(as_of)s
      AND l.gtin IS NOT NULL AND l.gln IS NOT NULL AND l.factor IS NOT NULL
      AND coalesce(l.promised, l.ordered) > coalesce(l.received, 0)
      AND (a.items = '{}' OR l.gtin = ANY (a.items)) AND (a.locations = '{}' OR l.gln = ANY (a.locations))
    GROUP BY o.id, bp.name, sp.name ORDER BY min(l.due), o.id"""

PROMISES: LiteralString = """
    SELECT l.gtin, l.gln, l.due, l.ordered * l.factor AS ordered, l.promised * l.factor AS promised,
      l.received * l.factor AS received
    FROM agreement a
    JOIN agreement_member b ON b.agreement_id = a.id AND b.role = 'buyer'
    JOIN agreement_member s ON s.agreement_id = a.id AND s.role = 'seller'
    JOIN purchase_order o ON o.buyer_id = b.partner_id AND o.seller_id = s.partner_id
    JOIN order_line l ON l.purchase_order_id = o.id
    WHERE a.id = %(agreement)s AND o.state <> 'cancelled' AND l.due BETWEEN %(first)s AND %(last)s
      AND l.promised IS NOT NULL AND l.gtin IS NOT NULL AND l.gln IS NOT NULL AND l.factor IS NOT NULL
      AND (a.items = '{}' OR l.gtin = ANY (a.items)) AND (a.locations = '{}' OR l.gln = ANY (a.locations))
    ORDER BY l.due, l.gtin, l.gln, l.purchase_order_id, l.ordinal"""


def _order(row: Row) -> OrderRow:
    return OrderRow(
        id=row["public_id"], number=row["number"], buyer=row["buyer"], seller=row["seller"], state=row["state"],
        placed_on=row["placed_on"], deliver_on=row["deliver_on"], currency=row["currency"], message=row["message"],
        body=row["body"], response=row["response"])


def _line(line: OrderLine, order: Order) -> Row:
    place = order.ship_to or order.buyer
    return {
        "number": storable.text(line.number), "gtin": line.gtin.zfill(14) if line.gtin else None,
        "buyer_item": storable.text(line.buyer_item), "seller_item": storable.text(line.seller_item), "unit": line.unit,
        "place": storable.text(place.id) if place else None, "due": line.deliver_on or order.deliver_on,
        "quantity": float(line.quantity),
    }


def _promised(line: OrderResponseLine) -> Decimal | None:
    """What the seller says it will deliver; None when the line says nothing about that."""
    return Decimal(0) if line.answer == "rejected" else line.quantity


def _promise(line: OrderResponseLine) -> Row:
    promised = _promised(line)
    return {
        "number": storable.text(line.number), "gtin": line.gtin.zfill(14) if line.gtin else None,
        "due": line.deliver_on,
        "unit": line.unit, "quantity": None if promised is None else float(promised),
    }
