"""Plan versions: whole, append-only, one vector of weeks per item-location."""

from __future__ import annotations

from typing import LiteralString

import numpy as np
import polars as pl

from hub.errors import NotFound, Reject
from hub.model.plan import PlanMeasure, PlanVersion, Series
from hub.store import measures, numbering
from hub.store.identity import new_id
from hub.store.transaction import Row, Transaction

PLANS = 70
"""The lock class of an agreement's plans (advisory locks have two numbers: a class and a key)."""
HUB = "hub"
"""The author of what the hub itself computed; it is no partner."""
SELECT: LiteralString = """
    SELECT v.id, a.name AS agreement, coalesce(p.name, 'hub') AS author, v.measure, v.first_week, v.weeks, v.source
    FROM plan_version v JOIN agreement a ON a.id = v.agreement_id LEFT JOIN partner p ON p.id = v.author_id """


class StoredPlans:
    """`hub.ports.Plans`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, version: PlanVersion, series: Series) -> int:
        """Raises Reject when the version's calendar is not that of its series."""
        if (version.first_week, version.weeks) != (series.first_week, series.weeks):
            raise Reject("a plan version has the weeks of its series", reason="UNEQUAL_CALENDAR")
        values: Row = {
            "agreement": await self._transaction.agreement_key(version.agreement),
            "measure": measures.number(version.measure),
            "author": None if version.author == HUB else await self._transaction.partner_key(version.author),
        }
        key: int = await self._transaction.scalar(
            """INSERT INTO plan_version (public_id, agreement_id, author_id, measure, first_week, weeks, source)
               VALUES (%(public_id)s, %(agreement)s, %(author)s, %(measure)s, %(first_week)s, %(weeks)s, %(source)s)
               RETURNING id""",
            **values, public_id=new_id("plan"), first_week=version.first_week, weeks=version.weeks,
            source=version.source)
        await self._add_lines(key, values, series)
        return key

    async def hold(self, agreement: str) -> None:
        key = await self._transaction.agreement_key(agreement)
        await self._transaction.execute("SELECT pg_advisory_xact_lock(%(kind)s, %(key)s)", kind=PLANS, key=key)

    async def _add_lines(self, key: int, values: Row, series: Series) -> None:
        pairs = pl.DataFrame(series.keys, schema={"gtin": pl.String, "gln": pl.String}, orient="row")
        places = await numbering.item_locations(self._transaction, values["agreement"], pairs)
        numbered = pairs.join(places, on=["gtin", "gln"], how="left", maintain_order="left")["item_location"].to_list()
        vectors = np.ascontiguousarray(series.values, np.float64)
        async with self._transaction.incoming(
            "item_location_id int, quantities float8[]", ["int4", "float8[]"], zip(numbered, vectors, strict=True)
        ):
            await self._transaction.execute(
                """INSERT INTO plan_line (version, item_location_id, agreement_id, author_id, measure, quantities)
                   SELECT %(key)s, item_location_id, %(agreement)s, %(author)s, %(measure)s, quantities FROM
                   incoming""",
                key=key, **values)

    async def versions(
        self, agreement: str, *, author: str | None = None, measure: PlanMeasure | None = None, limit: int = 50
    ) -> list[PlanVersion]:
        rows = await self._transaction.rows(
            SELECT + """WHERE a.name = %(agreement)s AND (%(author)s::text IS NULL OR coalesce(p.name, 'hub') =
            %(author)s)
              AND (%(measure)s::int IS NULL OR v.measure = %(measure)s) ORDER BY v.id DESC LIMIT %(limit)s""",
            agreement=agreement, author=author, measure=None if measure is None else measures.number(measure),
            limit=limit)
        return [_version(r) for r in rows]

    async def latest(self, agreement: str, author: str, measure: PlanMeasure) -> tuple[PlanVersion, Series] | None:
        found = await self.versions(agreement, author=author, measure=measure, limit=1)
        return (found[0], await self.series(found[0].id)) if found else None

    async def series(self, version: int) -> Series:
        """In (GTIN, GLN) order. Raises NotFound, also for a version that the caller may not see."""
        head = await self._transaction.row(SELECT + "WHERE v.id = %(version)s", version=version)
        if head is None:
            raise NotFound(f"no plan version {version}")
        lines = await self._transaction.rows(
            """SELECT l.gtin, l.gln, p.quantities FROM plan_line p JOIN item_location l ON l.id = p.item_location_id
               WHERE p.version = %(version)s ORDER BY l.gtin COLLATE "C", l.gln COLLATE "C" """,
            binary=True, version=version)
        values = np.stack([r["quantities"] for r in lines]) if lines else np.empty((0, head["weeks"]))
        return Series(tuple((r["gtin"], r["gln"]) for r in lines), head["first_week"], values)


def _version(row: Row) -> PlanVersion:
    return PlanVersion(
        id=row["id"], agreement=row["agreement"], author=row["author"], measure=measures.WORD[row["measure"]],
        first_week=row["first_week"], weeks=row["weeks"], source=row["source"])
