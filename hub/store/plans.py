"""Plan versions: whole, append-only, one vector of weeks per item-location."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg.types.json import Jsonb

from hub.errors import NotFound, Reject
from hub.model.plan import Commit, PlanMeasure, PlanVersion, Reason, Reasons, Series, Vector
from hub.store import measures, numbering, storable
from hub.store.arrays import copied
from hub.store.identity import new_id
from hub.store.transaction import Prepared, Row, Transaction

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

    async def add(
        self, version: PlanVersion, series: Series, reasons: Reasons | None = None, commits: Sequence[Commit] = (),
    ) -> int:
        """Raises Reject when the version's calendar is not that of its series."""
        if (version.first_week, version.weeks) != (series.first_week, series.weeks):
            raise Reject("a plan version has the weeks of its series", reason="UNEQUAL_CALENDAR")
        values: Row = {
            "agreement": await self._transaction.agreement_key(version.agreement),
            "measure": measures.number(version.measure),
            "author": None if version.author == HUB else await self._transaction.partner_key(version.author),
        }
        key: int = await self._transaction.scalar(
            """INSERT INTO plan_version (public_id, agreement_id, author_id, measure, first_week, weeks, source, reason)
               VALUES (%(public_id)s, %(agreement)s, %(author)s, %(measure)s, %(first_week)s, %(weeks)s, %(source)s,
                 %(reason)s) RETURNING id""",
            **values, public_id=new_id("plan"), first_week=version.first_week, weeks=version.weeks,
            source=version.source, reason=_reason(reasons, commits))
        places = await self._numbered(values["agreement"], series)
        await self._add_lines(key, values, places, series.values)
        if reasons is not None:
            await self._add_reasons(key, values, places, reasons)
        return key

    async def _numbered(self, agreement: int, series: Series) -> Numbers:
        pairs = pl.DataFrame(series.keys, schema={"gtin": pl.String, "gln": pl.String}, orient="row")
        places = await numbering.item_locations(self._transaction, agreement, pairs)
        joined = pairs.join(places, on=["gtin", "gln"], how="left", maintain_order="left")
        return joined["item_location"].to_numpy()

    async def _add_lines(self, key: int, values: Row, places: Numbers, vectors: Vector) -> None:
        async with self._transaction.incoming(
            "item_location_id int, quantities float8[]", ["int4", "float8[]"], Prepared(copied(places, vectors))
        ):
            await self._transaction.execute(
                """INSERT INTO plan_line (version, item_location_id, agreement_id, author_id, measure, quantities)
                   SELECT %(key)s, item_location_id, %(agreement)s, %(author)s, %(measure)s, quantities FROM
                   incoming""",
                key=key, **values)

    async def _add_reasons(self, key: int, values: Row, places: Numbers, reasons: Reasons) -> None:
        """One row a line: its parts end to end, as `plan_version.reason` says they lie."""
        names = list(dict.fromkeys(reasons.made_by))
        maker = {name: number for number, name in enumerate(names)}
        columns = [np.array([maker[name] for name in reasons.made_by], np.float64)[:, None], *(
            part if part.ndim == 2 else part[:, None] for part in reasons.parts.values())]
        async with self._transaction.incoming(
            "item_location_id int, parts float8[]", ["int4", "float8[]"],
            Prepared(copied(places, np.concatenate(columns, axis=1)))
        ):
            await self._transaction.execute(
                """INSERT INTO plan_reason (version, item_location_id, agreement_id, author_id, measure, made_by, parts)
                   SELECT %(key)s, item_location_id, %(agreement)s, %(author)s, %(measure)s,
                     (%(names)s::text[])[parts[1]::int + 1], parts[2:] FROM incoming""",
                key=key, names=names, **values)

    async def hold(self, agreement: str) -> None:
        key = await self._transaction.agreement_key(agreement)
        await self._transaction.execute("SELECT pg_advisory_xact_lock(%(kind)s, %(key)s)", kind=PLANS, key=key)

    async def told(self, version: int) -> bool:
        return bool(await self._transaction.execute(
            "INSERT INTO plan_told (version) VALUES (%(version)s) ON CONFLICT DO NOTHING", version=version))

    async def versions(
        self, agreement: str, *, author: str | None = None, measure: PlanMeasure | None = None, limit: int = 50,
        as_of: datetime | None = None,
    ) -> list[PlanVersion]:
        return await self._versions(agreement, author, measure, limit, as_of, None)

    async def _versions(
        self, agreement: str, author: str | None, measure: PlanMeasure | None, limit: int, as_of: datetime | None,
        before: int | None,
    ) -> list[PlanVersion]:
        rows = await self._transaction.rows(
            SELECT + """WHERE a.name = %(agreement)s AND (%(author)s::text IS NULL OR coalesce(p.name, 'hub') =
            %(author)s)
              AND (%(measure)s::int IS NULL OR v.measure = %(measure)s)
              AND (%(as_of)s::timestamptz IS NULL OR v.known_at <= %(as_of)s)
              AND (%(before)s::int IS NULL OR v.id < %(before)s) ORDER BY v.id DESC LIMIT %(limit)s""",
            agreement=agreement, author=author, measure=None if measure is None else measures.number(measure),
            limit=limit, as_of=as_of, before=before)
        return [_version(r) for r in rows]

    async def latest(
        self, agreement: str, author: str, measure: PlanMeasure, *, as_of: datetime | None = None,
        before: int | None = None,
    ) -> tuple[PlanVersion, Series] | None:
        found = await self._versions(agreement, author, measure, 1, as_of, before)
        return (found[0], await self.series(found[0].id)) if found else None

    async def series(self, version: int) -> Series:
        """In (GTIN, GLN) order. Raises NotFound, also for a version that the caller may not see."""
        head = await self._transaction.row(SELECT + "WHERE v.id = %(version)s", version=version)
        if head is None:
            raise NotFound(f"no plan version {version}")
        found = await self._transaction.rows(LINES, binary=True, version=version)
        values = [row["quantities"] for row in found if row["quantities"] is not None]
        keys = tuple((gtin, gln) for row in found for gtin, gln in zip(row["gtins"], row["glns"], strict=True))
        empty = np.empty((len(keys), head["weeks"]))
        return Series(keys, head["first_week"], np.concatenate(values) if values else empty)

    async def reason(self, version: int, gtin: str, gln: str) -> Reason | None:
        row = await self._transaction.row(REASON, version=version, gtin=gtin, gln=gln)
        if row is None:
            return None
        return reason_of(row["made_by"], row["reason"], row["parts"])

    async def part(self, version: int, name: str) -> Series | None:
        head = await self._transaction.row(SELECT + "WHERE v.id = %(version)s", version=version)
        whole = await self._transaction.scalar("SELECT hub_plan_reason(%(version)s)", version=version)
        widths: list[tuple[str, int]] = (whole or {}).get("parts", [])
        if head is None or dict(widths).get(name) != head["weeks"]:
            return None
        start = sum(width for _, width in widths[: [part for part, _ in widths].index(name)])
        rows = await self._transaction.rows(PART, version=version, low=start + 1, high=start + head["weeks"])
        values = np.array([row["part"] for row in rows], dtype=np.float64).reshape(-1, head["weeks"])
        return Series(tuple((row["gtin"], row["gln"]) for row in rows), head["first_week"], values)


Numbers = npt.NDArray[np.int32]
LINES: LiteralString = """
    SELECT array_agg(gtin ORDER BY n) AS gtins, array_agg(gln ORDER BY n) AS glns,
      CASE WHEN max(cardinality(quantities)) > 0 THEN array_agg(quantities ORDER BY n) END AS quantities
    FROM (SELECT l.gtin, l.gln, p.quantities, row_number() OVER (ORDER BY l.gtin COLLATE "C", l.gln COLLATE "C") AS n
          FROM plan_line p JOIN item_location l ON l.id = p.item_location_id WHERE p.version = %(version)s) AS line
    GROUP BY (n - 1) / 16384 ORDER BY (n - 1) / 16384"""
"""Many lines in one row: an array of arrays is read at once."""
REASON: LiteralString = """
    SELECT hub_plan_reason(r.version) AS reason, r.made_by, r.parts FROM plan_reason r
    JOIN item_location l ON l.id = r.item_location_id
    WHERE r.version = %(version)s AND (l.gtin, l.gln) = (%(gtin)s, %(gln)s)"""

PART: LiteralString = """
    SELECT l.gtin, l.gln, r.parts[%(low)s:%(high)s] AS part FROM plan_reason r
    JOIN item_location l ON l.id = r.item_location_id WHERE r.version = %(version)s
    ORDER BY l.gtin COLLATE "C", l.gln COLLATE "C"
"""


def _reason(reasons: Reasons | None, commits: Sequence[Commit]) -> Jsonb | None:
    """What is kept beside a version; None when there is nothing to say."""
    said: Row = {} if reasons is None else _whole(reasons)
    if commits:
        said["commits"] = [one.model_dump(mode="json", exclude_none=True) for one in commits]
    return storable.json(said) if said else None


def _whole(reasons: Reasons) -> Row:
    """What holds for all lines, and how their parts lie end to end: pairs of name and width."""
    widths = [[name, part.shape[1] if part.ndim == 2 else 1] for name, part in reasons.parts.items()]
    return {**reasons.whole, "parts": widths}


def reason_of(made_by: str, whole: Row | None, numbers: Vector) -> Reason:
    """One line's reasons out of its row: what the version says of all lines, and the parts that lie end to end."""
    rest, parts, at = dict(whole or {}), {}, 0
    for name, width in rest.pop("parts", []):
        said = numbers[at : at + width]
        at += width
        if not all(np.isnan(said)):
            parts[name] = tuple(said)
    return Reason(made_by, parts, rest)


def _version(row: Row) -> PlanVersion:
    return PlanVersion(
        id=row["id"], agreement=row["agreement"], author=row["author"], measure=measures.WORD[row["measure"]],
        first_week=row["first_week"], weeks=row["weeks"], source=row["source"])
