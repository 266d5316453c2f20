"""How items are replenished, row by row: the versions that one cycle has left behind, side by side.

A row is named as its series is: the version's public id, GTIN and GLN. Which rows there are is read first, page by
page; then their parts, all at once. Each part stands under its own measure's row-level security.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import LiteralString, cast

from hub.errors import NotFound
from hub.model.plan import PlanMeasure
from hub.model.query import Condition, Sort
from hub.ports import Page, Replenished, ReplenishedPart
from hub.store import measures
from hub.store.forecasts import NAME
from hub.store.listing import Listing, by_parts, day, moment, number, text, whole
from hub.store.plans import reason_of
from hub.store.transaction import Row, Transaction, page

PARTS: tuple[PlanMeasure, ...] = (
    "proposed_order", "on_hand_projection", "order_forecast", "consensus", "safety_stock")

SELECT: LiteralString = """
    SELECT v.public_id || '-' || i.gtin || '-' || i.gln AS public_id, v.id AS version, l.item_location_id AS place,
      a.name AS agreement, i.gtin, i.gln, v.first_week, v.known_at,
      o.public_id AS "order", p.quantity AS released,
      NOT EXISTS (SELECT 1 FROM plan_version n WHERE n.agreement_id = v.agreement_id AND n.measure = v.measure
                    AND n.author_id IS NULL AND n.id > v.id) AS newest """
SOURCE: LiteralString = """
    FROM plan_line l JOIN plan_version v ON v.id = l.version JOIN agreement a ON a.id = v.agreement_id
    JOIN item_location i ON i.id = l.item_location_id
    LEFT JOIN proposal_release p ON p.version = l.version AND p.item_location_id = l.item_location_id
    LEFT JOIN purchase_order o ON o.id = p.purchase_order_id """
NEWEST: LiteralString = """
    l.version IN (SELECT max(n.id) FROM plan_version n WHERE n.measure = %(measure)s AND n.author_id IS NULL
                  GROUP BY n.agreement_id)
    AND (%(agreement)s::text IS NULL OR a.name = %(agreement)s)
    AND (%(measure)s <> %(proposed)s OR l.quantities[1] > 0)"""


LISTED = Listing(SOURCE, {
    "agreement": text("a.name"), "gtin": text("i.gtin"), "gln": text("i.gln"), "create_time": moment("v.known_at"),
    "order_week": day("v.first_week"), "first_week": day("v.first_week"), "quantity": number("l.quantities[1]"),
    "state": text("CASE WHEN p.version IS NULL THEN 'proposed' ELSE 'released' END"),
    "lowest_quantity": number("(SELECT min(q) FROM unnest(l.quantities) AS q)"),
}, public=text("v.public_id"), key=whole("l.item_location_id"), newest_first=False,
    named=by_parts(NAME, {"plan": text("v.public_id"), "gtin": text("i.gtin"), "gln": text("i.gln")}))


class StoredReplenishment:
    """`hub.ports.Replenishment`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, measure: PlanMeasure, id: str) -> Replenished:
        found = NAME.fullmatch(id)
        if found is None:
            raise NotFound(f"no {measure} {id!r}")
        head = await self._transaction.row(
            SELECT + SOURCE + """WHERE v.measure = %(measure)s AND v.public_id = %(plan)s
              AND (i.gtin, i.gln) = (%(gtin)s, %(gln)s) AND (%(measure)s <> %(proposed)s OR l.quantities[1] > 0)""",
            measure=measures.number(measure), proposed=measures.NUMBER["proposed_order"], plan=found["plan"],
            gtin=found["gtin"], gln=found["gln"])
        if head is None:
            raise NotFound(f"no {measure} {id!r}")
        return (await self._whole([head]))[0]

    async def list(
        self, measure: PlanMeasure, *, agreement: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Replenished]:
        heads = await LISTED.rows(
            self._transaction, SELECT, where=where, order=order, limit=limit + 1, after=after, always=NEWEST,
            measure=measures.number(measure), proposed=measures.NUMBER["proposed_order"], agreement=agreement)
        shown = page(heads, limit, lambda head: head)
        return Page(tuple(await self._whole(shown.rows)), shown.next_key)

    async def _whole(self, heads: Sequence[Row]) -> Sequence[Replenished]:
        """All that the same cycle has planned of each row, and that the reader may see."""
        rows = await self._transaction.rows(
            BESIDE, binary=True, versions=[head["version"] for head in heads],
            places=[head["place"] for head in heads], measures=measures.numbers(PARTS))
        parts: defaultdict[tuple[int, int], dict[PlanMeasure, ReplenishedPart]] = defaultdict(dict)
        for row in rows:
            reason = row["made_by"] and reason_of(row["made_by"], row["reason"], row["parts"])
            parts[row["version"], row["place"]][cast("PlanMeasure", measures.WORD[row["measure"]])] = ReplenishedPart(
                row["forecast"], row["quantities"], reason or None)
        return [Replenished(
            head["public_id"], head["agreement"], head["gtin"], head["gln"], head["first_week"], head["known_at"],
            parts[head["version"], head["place"]], head["version"], head["newest"], head["order"], head["released"])
            for head in heads]

    async def released(self, version: int, lines: Sequence[tuple[str, str, float]], order: str, actor: str) -> None:
        await self._transaction.many(RELEASED, [
            {"version": version, "gtin": gtin, "gln": gln, "quantity": quantity, "order": order, "actor": actor}
            for gtin, gln, quantity in lines])


RELEASED: LiteralString = """
    INSERT INTO proposal_release (version, item_location_id, agreement_id, measure, purchase_order_id, quantity, actor)
    SELECT v.id, i.id, v.agreement_id, v.measure, o.id, %(quantity)s, %(actor)s
    FROM plan_version v JOIN item_location i ON i.agreement_id = v.agreement_id
    JOIN purchase_order o ON o.public_id = %(order)s
    WHERE v.id = %(version)s AND (i.gtin, i.gln) = (%(gtin)s, %(gln)s)"""
BESIDE: LiteralString = """
    WITH wanted AS (
      SELECT w.version, w.place FROM unnest(%(versions)s::int[], %(places)s::int[]) AS w (version, place)),
    beside AS (
      SELECT DISTINCT ON (v.id, s.measure) v.id AS version, s.measure, s.id, s.public_id,
        hub_plan_reason(s.id) AS reason
      FROM plan_version v JOIN plan_version s ON s.agreement_id = v.agreement_id
      WHERE v.id = ANY (%(versions)s) AND s.measure = ANY (%(measures)s) AND s.author_id IS NULL
        AND (s.id = v.id OR s.source = v.source)
      ORDER BY v.id, s.measure, s.id DESC)
    SELECT w.version, w.place, b.measure, b.public_id || '-' || i.gtin || '-' || i.gln AS forecast, l.quantities,
      r.made_by, r.parts, b.reason
    FROM wanted w JOIN beside b ON b.version = w.version
    JOIN plan_line l ON l.version = b.id AND l.item_location_id = w.place
    JOIN item_location i ON i.id = w.place
    LEFT JOIN plan_reason r ON r.version = b.id AND r.item_location_id = w.place"""
