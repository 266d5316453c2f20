"""Items, places and what everyone calls them. Every accepted change is kept in `master_version`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import LiteralString

from psycopg.types.json import Jsonb

from hub.errors import Reject
from hub.model.item import Item, ItemCode, Location, UnitConversion
from hub.model.query import Condition, Sort
from hub.model.value import Value
from hub.ports import CatalogueView, ItemCard, Page
from hub.store.listing import Listing, text, whole
from hub.store.transaction import Row, Transaction, page


class StoredCatalogue:
    """`hub.ports.Catalogue`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def put(
        self, partner: str, items: Sequence[Item], codes: Sequence[ItemCode], conversions: Sequence[UnitConversion],
        locations: Sequence[Location],
    ) -> None:
        """The first partner to bring an item or a place owns it; others add their codes, and units it does not have.

        Raises Reject when a code or a conversion names an item that nobody has brought.
        """
        owner = await self._transaction.partner_key(partner)
        await self._put(PUT_ITEMS, owner, {i.gtin: i for i in items}.values())
        await self._refuse_unknown({c.gtin for c in codes} | {u.gtin for u in conversions})
        await self._put(PUT_CODES, owner, {(c.scheme, c.code): c for c in codes}.values())
        await self._put(PUT_CONVERSIONS, owner, {(c.gtin, c.unit): c for c in conversions}.values())
        await self._put(PUT_LOCATIONS, owner, {place.gln: place for place in locations}.values())

    async def _put(self, statement: LiteralString, owner: int, values: Iterable[Value]) -> None:
        rows = [v.model_dump(mode="json") for v in values]
        if rows:
            await self._transaction.execute(statement, owner=owner, rows=Jsonb(rows))

    async def _refuse_unknown(self, gtins: set[str]) -> None:
        known = await self._transaction.rows("SELECT gtin FROM item WHERE gtin = ANY (%(gtins)s)", gtins=list(gtins))
        missing = sorted(gtins - {r["gtin"] for r in known})
        if missing:
            raise Reject(f"codes or conversions for unknown items: {', '.join(missing[:10])}", reason="UNKNOWN_ITEM")

    async def items(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[ItemCard]:
        rows = await ITEMS.rows(
            self._transaction, CARD, where=where, order=order, limit=limit + 1, after=after,
            me=self._transaction.partner_id)
        return page(rows, limit, _card)

    async def locations(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Location]:
        rows = await LOCATIONS.rows(
            self._transaction, "SELECT l.gln AS public_id, l.gln, l.name, l.kind", where=where, order=order,
            limit=limit + 1, after=after)
        return page(rows, limit, lambda row: Location(gln=row["gln"], name=row["name"], kind=row["kind"]))

    async def snapshot(self) -> CatalogueView:
        """`owners` maps GTINs and GLNs alike; `places` knows each GLN under (None, gln). No door sees prices."""
        items = await self._transaction.rows(ITEMS_UNPRICED if self._transaction.is_door else ITEMS_PRICED)
        locations = await self._transaction.rows(
            "SELECT l.gln, l.name, l.kind, l.code, p.name AS owner FROM location l "
            "LEFT JOIN partner p ON p.id = l.owner_id ORDER BY l.gln")
        codes = await self._transaction.rows(
            "SELECT p.name AS partner, c.scheme, c.code, i.gtin FROM item_code c JOIN partner p ON p.id = c.partner_id "
            "JOIN item i ON i.id = c.item_id")
        factors = await self._transaction.rows(
            "SELECT i.gtin, u.unit, u.factor::float8 AS factor FROM unit_conversion u JOIN item i ON i.id = u.item_id")
        return CatalogueView(
            items={r["gtin"]: _item(r) for r in items},
            locations={r["gln"]: _location(r) for r in locations},
            owners={r.get("gtin") or r["gln"]: r["owner"] for r in (*items, *locations) if r["owner"] is not None},
            codes={(r["partner"], r["scheme"], r["code"]): r["gtin"] for r in codes},
            places={
                **{(r["owner"], r["code"]): r["gln"] for r in locations if r["code"] is not None},
                **{(None, r["gln"]): r["gln"] for r in locations},
            },
            factors={
                **{(r["gtin"], r["unit"]): r["factor"] for r in factors},
                **{(r["gtin"], r["base_unit"]): 1.0 for r in items},
            },
        )


ITEMS_PRICED: LiteralString = """
    SELECT i.gtin, i.name, i.base_unit, i.grouping, i.unit_value, p.name AS owner FROM item i
    LEFT JOIN partner p ON p.id = i.owner_id ORDER BY i.gtin"""
ITEMS_UNPRICED: LiteralString = """
    SELECT i.gtin, i.name, i.base_unit, i.grouping, NULL::numeric AS unit_value, p.name AS owner FROM item i
    LEFT JOIN partner p ON p.id = i.owner_id ORDER BY i.gtin"""


def _item(row: Row) -> Item:
    return Item(gtin=row["gtin"], name=row["name"], base_unit=row["base_unit"], group=row["grouping"],
                unit_value=row["unit_value"])


def _location(row: Row) -> Location:
    return Location(gln=row["gln"], name=row["name"], kind=row["kind"], code=row["code"])


PUT_ITEMS: LiteralString = """
    WITH put AS (
      INSERT INTO item (gtin, owner_id, name, base_unit, grouping, unit_value)
      SELECT gtin, %(owner)s, name, base_unit, "group", unit_value
      FROM jsonb_to_recordset(%(rows)s) AS r (gtin text, name text, base_unit text, "group" text, unit_value numeric)
      ON CONFLICT (gtin) DO UPDATE SET name = excluded.name, base_unit = excluded.base_unit,
        grouping = excluded.grouping, unit_value = excluded.unit_value
      WHERE item.owner_id = excluded.owner_id AND (item.name, item.base_unit, item.grouping, item.unit_value)
        IS DISTINCT FROM (excluded.name, excluded.base_unit, excluded.grouping, excluded.unit_value)
      RETURNING *)
    INSERT INTO master_version (partner_id, kind, key, body)
    SELECT %(owner)s, 'item', gtin, to_jsonb(put) - 'id' FROM put"""

PUT_CODES: LiteralString = """
    WITH put AS (
      INSERT INTO item_code (partner_id, scheme, code, item_id) SELECT %(owner)s, scheme, code, i.id
      FROM jsonb_to_recordset(%(rows)s) AS r (gtin text, scheme text, code text) JOIN item i USING (gtin)
      ON CONFLICT (partner_id, scheme, code) DO UPDATE SET item_id = excluded.item_id
      WHERE item_code.item_id <> excluded.item_id RETURNING *)
    INSERT INTO master_version (partner_id, kind, key, body)
    SELECT %(owner)s, 'code', i.gtin, jsonb_build_object('scheme', scheme, 'code', put.code)
    FROM put JOIN item i ON i.id = put.item_id"""

PUT_CONVERSIONS: LiteralString = """
    WITH put AS (
      INSERT INTO unit_conversion (item_id, unit, factor) SELECT i.id, unit, factor
      FROM jsonb_to_recordset(%(rows)s) AS r (gtin text, unit text, factor numeric) JOIN item i USING (gtin)
      ON CONFLICT (item_id, unit) DO UPDATE SET factor = excluded.factor
      WHERE unit_conversion.factor <> excluded.factor
        AND EXISTS (SELECT 1 FROM item WHERE id = excluded.item_id AND owner_id = %(owner)s)
      RETURNING *)
    INSERT INTO master_version (partner_id, kind, key, body)
    SELECT %(owner)s, 'conversion', i.gtin, jsonb_build_object('unit', unit, 'factor', factor)
    FROM put JOIN item i ON i.id = put.item_id"""

PUT_LOCATIONS: LiteralString = """
    WITH put AS (
      INSERT INTO location (gln, owner_id, name, kind, code) SELECT gln, %(owner)s, name, kind, code
      FROM jsonb_to_recordset(%(rows)s) AS r (gln text, name text, kind text, code text)
      ON CONFLICT (gln) DO UPDATE SET name = excluded.name, kind = excluded.kind, code = excluded.code
      WHERE location.owner_id = excluded.owner_id AND (location.name, location.kind, location.code)
        IS DISTINCT FROM (excluded.name, excluded.kind, excluded.code)
      RETURNING *)
    INSERT INTO master_version (partner_id, kind, key, body)
    SELECT %(owner)s, 'location', gln, to_jsonb(put) - 'id' FROM put"""


CARD: LiteralString = """
    SELECT i.gtin AS public_id, i.gtin, i.name, i.base_unit, i.grouping,
      ARRAY(SELECT jsonb_build_array(c.scheme, c.code) FROM item_code c
            WHERE c.item_id = i.id AND c.partner_id = %(me)s ORDER BY c.scheme, c.code COLLATE "C") AS codes,
      ARRAY(SELECT jsonb_build_array(u.unit, u.factor::text) FROM unit_conversion u
            WHERE u.item_id = i.id ORDER BY u.unit COLLATE "C") AS conversions """
ITEMS = Listing("FROM item i", {
    "gtin": text("i.gtin"), "display_name": text("i.name"), "base_unit": text("i.base_unit"),
    "group": text("i.grouping"),
}, public=text("i.gtin"), key=whole("i.id"), order=(Sort("gtin"),))
LOCATIONS = Listing("FROM location l", {
    "gln": text("l.gln"), "display_name": text("l.name"), "kind": text("l.kind"),
}, public=text("l.gln"), key=whole("l.id"), order=(Sort("gln"),))


def _card(row: Row) -> ItemCard:
    gtin = row["gtin"]
    return ItemCard(
        Item(gtin=gtin, name=row["name"], base_unit=row["base_unit"], group=row["grouping"]),
        tuple(ItemCode(gtin=gtin, scheme=scheme, code=code) for scheme, code in row["codes"]),
        tuple(UnitConversion(gtin=gtin, unit=unit, factor=Decimal(factor)) for unit, factor in row["conversions"]))
