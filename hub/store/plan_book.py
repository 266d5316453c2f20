"""Plan versions as a reader finds them, and two of them side by side: those that row-level security shows him."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from hub.errors import NotFound, Reject
from hub.model.plan import Commit, PlanVersion
from hub.model.query import Condition, Sort
from hub.ports import Page, SeriesPair, VersionCard
from hub.store import measures
from hub.store.listing import Listing, day, measured, moment, text, whole
from hub.store.transaction import Row, Transaction, page

SELECT: LiteralString = """
    SELECT v.public_id, v.id, a.name AS agreement, coalesce(p.name, 'hub') AS author, v.measure, v.first_week, v.weeks,
      v.source, v.known_at, hub_plan_reason(v.id) -> 'commits' AS commits """
SOURCE: LiteralString = """
    FROM plan_version v JOIN agreement a ON a.id = v.agreement_id LEFT JOIN partner p ON p.id = v.author_id """
LISTED = Listing(
    source=SOURCE,
    columns={"agreement": text("a.name"), "author": text("coalesce(p.name, 'hub')"), "measure": measured("v.measure"),
             "first_week": day("v.first_week"), "create_time": moment("v.known_at")},
    public=text("v.public_id"), key=whole("v.id"))

PAIRS: LiteralString = """
    WITH place AS (
      SELECT DISTINCT l.item_location_id AS id FROM plan_line l
      WHERE l.version IN (%(left)s, %(right)s) AND l.item_location_id > coalesce((
        SELECT i.id FROM item_location i JOIN plan_version v ON v.agreement_id = i.agreement_id
        WHERE v.id = %(left)s AND i.gtin || '-' || i.gln = %(after)s), 0)
      ORDER BY 1 LIMIT %(limit)s)
    SELECT i.gtin, i.gln, i.gtin || '-' || i.gln AS public_id, one.quantities AS left, two.quantities AS right
    FROM place JOIN item_location i ON i.id = place.id
    LEFT JOIN plan_line one ON one.version = %(left)s AND one.item_location_id = place.id
    LEFT JOIN plan_line two ON two.version = %(right)s AND two.item_location_id = place.id
    ORDER BY place.id"""


class StoredPlanBook:
    """`hub.ports.PlanBook`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, version: str) -> VersionCard:
        row = await self._transaction.row(SELECT + SOURCE + "WHERE v.public_id = %(version)s", version=version)
        if row is None:
            raise NotFound(f"no plan version {version!r}")
        return _card(row)

    async def of(self, version: int) -> VersionCard:
        row = await self._transaction.row(SELECT + SOURCE + "WHERE v.id = %(version)s", version=version)
        if row is None:
            raise NotFound(f"no plan version {version}")
        return _card(row)

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
        as_of: datetime | None = None,
    ) -> Page[VersionCard]:
        rows = await LISTED.rows(
            self._transaction, SELECT, where=where, order=order, limit=limit + 1, after=after,
            always="%(as_of)s::timestamptz IS NULL OR v.known_at <= %(as_of)s", as_of=as_of)
        return page(rows, limit, _card)

    async def pairs(self, left: str, right: str, *, limit: int = 50, after: str | None = None) -> Page[SeriesPair]:
        one, two = await self.get(left), await self.get(right)
        if one.version.agreement != two.version.agreement:
            raise Reject("These are versions of two agreements: compare versions of one.", reason="NOT_COMPARABLE")
        rows = await self._transaction.rows(
            PAIRS, binary=True, left=one.version.id, right=two.version.id, after=after, limit=limit + 1)
        return page(rows, limit, lambda row: SeriesPair(row["gtin"], row["gln"], row["left"], row["right"]))


def _card(row: Row) -> VersionCard:
    version = PlanVersion(
        id=row["id"], agreement=row["agreement"], author=row["author"], measure=measures.WORD[row["measure"]],
        first_week=row["first_week"], weeks=row["weeks"], source=row["source"])
    commits = tuple(Commit.model_validate(one) for one in row["commits"] or ())
    return VersionCard(row["public_id"], version, row["known_at"], commits)
