"""What is on its way, and what is there: shipments of orders, and the newest counts of stock."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import LiteralString

from hub.errors import NotFound
from hub.model.query import Condition, Sort
from hub.ports import Count, Page, ShipmentRow, StockRow
from hub.store import measures
from hub.store.listing import Listing, by_parts, moment, text, whole
from hub.store.transaction import Row, Transaction, page

FIELDS: LiteralString = """
    SELECT e.public_id, e.number, o.public_id AS "order", b.name AS buyer, s.name AS seller, m.public_id AS message,
      e.known_at, d.body """
SOURCE: LiteralString = """
    FROM order_event e JOIN purchase_order o ON o.id = e.purchase_order_id
    CROSS JOIN LATERAL (SELECT hub_partner_name(o.buyer_id) AS name) AS b
    CROSS JOIN LATERAL (SELECT hub_partner_name(o.seller_id) AS name) AS s
    LEFT JOIN message m ON m.id = e.message_id
    LEFT JOIN LATERAL (SELECT n.body FROM document n WHERE n.message_id = e.message_id AND n.kind = 'Despatch'
                         AND n.number = e.number ORDER BY n.id DESC LIMIT 1) AS d ON true """
SHIPMENTS = Listing(SOURCE, {
    "number": text("e.number"), "buyer": text("b.name"), "seller": text("s.name"), "order": text("o.public_id"),
    "create_time": moment("e.known_at"),
}, public=text("e.public_id"), key=whole("e.id"))


class StoredShipments:
    """`hub.ports.Shipments`: the despatches among what happened to orders."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, shipment: str) -> ShipmentRow:
        row = await self._transaction.row(
            FIELDS + SOURCE + "WHERE e.kind = 'despatch' AND e.public_id = %(shipment)s", shipment=shipment)
        if row is None:
            raise NotFound(f"no shipment {shipment!r}")
        return _shipment(row)

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[ShipmentRow]:
        rows = await SHIPMENTS.rows(
            self._transaction, FIELDS, where=where, order=order, limit=limit + 1, after=after,
            always="e.kind = 'despatch'")
        return page(rows, limit, _shipment)


def _shipment(row: Row) -> ShipmentRow:
    return ShipmentRow(row["public_id"], row["number"], row["order"], row["buyer"], row["seller"], row["message"],
                       row["known_at"], row["body"] or None)


KINDS = ("on_hand", "on_order", "in_transit", "reserved", "damaged", "minimum", "maximum")
"""Observations that say how much there is, not how much has moved."""
NAME = re.compile(r"(?P<agreement>.+)-(?P<gtin>\d{14})-(?P<gln>\d{13})")
PLACE: LiteralString = """
    SELECT a.name || '-' || i.gtin || '-' || i.gln AS public_id, i.id, a.name AS agreement, i.gtin, i.gln """
PLACES: LiteralString = "FROM item_location i JOIN agreement a ON a.id = i.agreement_id "
COUNTED: LiteralString = """
    EXISTS (SELECT 1 FROM series s WHERE s.item_location_id = i.id AND s.agreement_id = i.agreement_id
            AND s.measure = ANY (%(kinds)s))"""


STOCK = Listing(PLACES, {
    "agreement": text("a.name"), "gtin": text("i.gtin"), "gln": text("i.gln"),
}, public=text("a.name"), key=whole("i.id"), newest_first=False,
    named=by_parts(NAME, {"agreement": text("a.name"), "gtin": text("i.gtin"), "gln": text("i.gln")}))


class StoredStock:
    """`hub.ports.StockRoom`. A count that was withdrawn uncovers the one before it."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, stock: str) -> StockRow:
        found = NAME.fullmatch(stock)
        row = found and await self._transaction.row(
            PLACE + PLACES + """WHERE (a.name, i.gtin, i.gln) = (%(agreement)s, %(gtin)s, %(gln)s) AND """ + COUNTED,
            agreement=found["agreement"], gtin=found["gtin"], gln=found["gln"], kinds=measures.numbers(KINDS))
        if not row:
            raise NotFound(f"no stock {stock!r}")
        return (await self._whole([row]))[0]

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[StockRow]:
        rows = await STOCK.rows(
            self._transaction, PLACE, where=where, order=order, limit=limit + 1, after=after, always=COUNTED,
            kinds=measures.numbers(KINDS))
        shown = page(rows, limit, lambda row: row)
        return Page(tuple(await self._whole(shown.rows)), shown.next_key)

    async def _whole(self, rows: Sequence[Row]) -> Sequence[StockRow]:
        counted = await self._transaction.rows(
            NEWEST, places=[row["id"] for row in rows], kinds=measures.numbers(KINDS))
        counts: defaultdict[int, dict[str, Count]] = defaultdict(dict)
        for count in counted:
            counts[count["place"]][measures.WORD[count["measure"]]] = Count(
                count["quantity"], count["period"], count["known_at"])
        return [StockRow(row["public_id"], row["agreement"], row["gtin"], row["gln"], counts[row["id"]])
                for row in rows]


NEWEST: LiteralString = """
    WITH wanted AS MATERIALIZED (
      SELECT s.id, s.item_location_id AS place, s.measure FROM series s
      WHERE s.item_location_id = ANY (%(places)s) AND s.measure = ANY (%(kinds)s)),
    said AS (
      SELECT DISTINCT ON (w.place, w.measure, c.period) w.place, w.measure, c.period, u.quantity, c.known_at
      FROM (
        SELECT block, period, message_id, part, known_at, series_ids, quantities FROM observation_chunk
        WHERE block IN (SELECT id / 512 FROM wanted)
        UNION ALL
        SELECT block, period, message_id, part, known_at, series_ids, quantities
        FROM hub_granted_chunks(ARRAY(SELECT DISTINCT id / 512 FROM wanted))) AS c
      CROSS JOIN LATERAL unnest(c.series_ids, c.quantities) AS u (series_id, quantity)
      JOIN wanted w ON w.id = u.series_id
      ORDER BY w.place, w.measure, c.period DESC, c.message_id DESC, c.part DESC)
    SELECT DISTINCT ON (place, measure) * FROM said WHERE quantity <> 'NaN'::float8
    ORDER BY place, measure, period DESC"""
"""A block of 512 series is read once for all series of a page that lie in it."""
