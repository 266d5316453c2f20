"""Disagreements found by a planning run. What was found never changes; what became of it is a list of numbered events,
each of which holds the whole state it led to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from typing import LiteralString

import polars as pl
from psycopg import errors

from hub.errors import Conflict, NotFound
from hub.model.exception import Act, ExceptionStep, ForecastException, View
from hub.model.query import Condition, Sort
from hub.ports import Page
from hub.store import numbering, storable
from hub.store.identity import new_id
from hub.store.listing import Listing, day, number, text, whole
from hub.store.transaction import Row, Transaction, page


class StoredExceptions:
    """`hub.ports.Exceptions`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, run: str, rows: Sequence[ForecastException], measure: View = "sales_forecast") -> None:
        """The same cell of the same run again changes nothing."""
        await self._record(run, rows, "find", INSERT, INSERT_BASELINE, INSERT_FIRST_EVENT)
        await self._transaction.execute(LAPSE, run=run, measure=measure)

    async def resolve(self, run: str, rows: Sequence[ForecastException], act: Act = "resolve") -> None:
        """A cell that says what it said last gets no new event; one that `add` has not seen is left out."""
        await self._record(run, rows, act, INSERT_EVENT)

    async def _record(
        self, run: str, rows: Sequence[ForecastException], act: Act, *statements: LiteralString
    ) -> None:
        key = await self._transaction.scalar("SELECT id FROM run WHERE public_id = %(run)s", run=run)
        if key is None:
            raise NotFound(f"no run {run!r}")
        for agreement in sorted({r.agreement for r in rows}):
            values: Row = {"run": key, "agreement": await self._transaction.agreement_key(agreement), "act": act}
            await self._apply(values, [r for r in rows if r.agreement == agreement], statements)

    async def _apply(
        self, values: Row, rows: Sequence[ForecastException], statements: Sequence[LiteralString]
    ) -> None:
        pairs = pl.DataFrame(
            [(r.gtin, r.gln) for r in rows], schema={"gtin": pl.String, "gln": pl.String}, orient="row")
        places = await numbering.item_locations(self._transaction, values["agreement"], pairs)
        numbered = pairs.join(places, on=["gtin", "gln"], how="left", maintain_order="left")["item_location"].to_list()
        async with self._transaction.incoming(SHAPE, TYPES, map(_incoming, count(), rows, numbered)):
            for statement in statements:
                await self._transaction.execute(statement, **values)

    async def step(self, exception: ForecastException, step: ExceptionStep) -> ForecastException:
        """Number `revision` + 1 of its events; who comes second with the same number gets a Conflict."""
        values = exception.model_dump(include={"state", "settled", "rule", "owner", "offered", "offered_by", "due"})
        comment = None if step.comment is None else storable.text(step.comment)
        try:
            added = await self._transaction.execute(
                STEP, **values, id=exception.id, number=exception.revision + 1, act=step.act, actor=step.actor,
                reason=step.reason, comment=comment)
        except errors.UniqueViolation as taken:
            raise Conflict("somebody else has just changed this exception: look at it again") from taken
        if not added:
            raise NotFound(f"no exception {exception.id!r}")
        return exception.model_copy(update={"revision": exception.revision + 1})

    async def get(self, exception: str) -> ForecastException:
        row = await self._transaction.row(ONE, id=exception)
        if row is None:
            raise NotFound(f"no exception {exception!r}")
        return _exception(row)

    async def newer(self, exception: str) -> bool:
        """Whether a later planning run of its agreement has looked at the same weeks again."""
        return bool(await self._transaction.scalar(NEWER, id=exception))

    async def history(self, exception: str) -> list[ExceptionStep]:
        rows = await self._transaction.rows(HISTORY, id=exception)
        return [ExceptionStep.model_validate(row) for row in rows]

    async def list(
        self, *, agreement: str | None = None, state: str | None = None, run: str | None = None, limit: int = 50,
        after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[ForecastException]:
        rows = await LISTED.rows(
            self._transaction, "SELECT " + FIELDS, where=where, order=order, limit=limit + 1, after=after,
            always="(%(state)s::text IS NULL OR v.state = %(state)s)", agreement=agreement, state=state, run=run)
        return page(rows, limit, _exception)

    async def known(
        self, agreement: str, at: datetime, limit: int = 200, state: str | None = None
    ) -> Sequence[ForecastException]:
        rows = await self._transaction.rows(KNOWN, agreement=agreement, at=at, limit=limit, state=state)
        return [_exception(row) for row in rows]

    async def of_run(self, run: str, measure: View = "sales_forecast") -> Sequence[ForecastException]:
        return [_exception(row) for row in await self._transaction.rows(OF_RUN, run=run, measure=measure)]

    async def signed(self, agreement: str, measure: View, since: date) -> Sequence[ForecastException]:
        rows = await self._transaction.rows(SIGNED, agreement=agreement, measure=measure, since=since)
        return [_exception(row) for row in rows]


SHAPE: LiteralString = """
    ordinal int, public_id text, level text, measure text, item_location_id int, period date, lag int, left_party text,
    right_party text, left_quantity float8, right_quantity float8, percent float8, value_at_stake float8,
    baseline float8, state text, settled float8, rule text, owner text, due date"""
TYPES = ["int4", "text", "text", "text", "int4", "date", "int4", "text", "text", "float8", "float8", "float8", "float8",
         "float8", "text", "float8", "text", "text", "date"]

INSERT: LiteralString = """
    INSERT INTO exception (public_id, run_id, agreement_id, item_location_id, period, lag, left_party, right_party,
      left_quantity, right_quantity, percent, value_at_stake, level, measure)
    SELECT public_id, %(run)s, %(agreement)s, item_location_id, period, lag, left_party, right_party, left_quantity,
      right_quantity, percent, value_at_stake, level, measure FROM incoming ORDER BY ordinal
    ON CONFLICT (run_id, item_location_id, period, measure) DO NOTHING"""

INSERT_BASELINE: LiteralString = """
    INSERT INTO exception_baseline (exception_id, agreement_id, quantity)
    SELECT e.id, e.agreement_id, i.baseline FROM incoming i JOIN exception e USING (item_location_id, period, measure)
    WHERE e.run_id = %(run)s AND i.baseline IS NOT NULL ON CONFLICT (exception_id) DO NOTHING"""

LAST: LiteralString = "SELECT * FROM exception_event WHERE exception_id = e.id ORDER BY number DESC LIMIT 1"

INSERT_FIRST_EVENT: LiteralString = """
    INSERT INTO exception_event (exception_id, agreement_id, number, act, actor, state, settled, rule, owner, offered,
      offered_by, due)
    SELECT e.id, e.agreement_id, 1, CASE WHEN b.state IS NULL THEN %(act)s ELSE 'carry' END, 'hub',
      coalesce(b.state, i.state), coalesce(b.settled, i.settled), coalesce(b.rule, i.rule), b.owner, b.offered,
      b.offered_by, coalesce(b.due, i.due)
    FROM incoming i JOIN exception e USING (item_location_id, period, measure)
    LEFT JOIN LATERAL (
      SELECT p.id, p.left_quantity, p.right_quantity FROM exception p
      WHERE p.agreement_id = e.agreement_id AND p.item_location_id = e.item_location_id AND p.period = e.period
        AND p.measure = e.measure AND p.id < e.id ORDER BY p.id DESC LIMIT 1) AS before
      ON round(before.left_quantity * 1000) = round(e.left_quantity * 1000)
        AND round(before.right_quantity * 1000) = round(e.right_quantity * 1000)
    LEFT JOIN LATERAL (
      SELECT * FROM exception_event WHERE exception_id = before.id ORDER BY number DESC LIMIT 1) AS b
      ON b.state <> 'resolved' OR b.rule = 'signed'
    WHERE e.run_id = %(run)s AND NOT EXISTS (SELECT 1 FROM exception_event WHERE exception_id = e.id) ORDER BY e.id"""
"""A negotiation goes on in the next run, and what both signed stays signed, as long as neither forecast has moved."""

LAPSE: LiteralString = """
    INSERT INTO exception_event (exception_id, agreement_id, number, act, actor, state, settled, rule, owner, offered,
      offered_by, due)
    SELECT e.id, e.agreement_id, v.number + 1, 'resolve', 'hub', 'resolved', NULL, 'no_longer', v.owner, v.offered,
      v.offered_by, v.due
    FROM exception e JOIN run r ON r.id = e.run_id JOIN run now ON now.public_id = %(run)s
    JOIN LATERAL (""" + LAST + """) AS v ON true
    WHERE r.agreement_id = now.agreement_id AND v.state <> 'resolved' AND e.measure = %(measure)s
      AND r.id = (SELECT max(p.id) FROM run p JOIN run_step s ON s.run_id = p.id AND s.step = 'compare'
                  WHERE p.agreement_id = now.agreement_id AND p.id < now.id)
      AND NOT EXISTS (SELECT 1 FROM exception x WHERE x.run_id = now.id AND x.item_location_id = e.item_location_id
        AND x.period = e.period AND x.measure = e.measure)"""  # noqa: S608
"""What the run before had found and this one has not: the two sides agree by now, or the week is past."""

INSERT_EVENT: LiteralString = """
    INSERT INTO exception_event (exception_id, agreement_id, number, act, actor, state, settled, rule, owner, offered,
      offered_by, due)
    SELECT e.id, e.agreement_id, v.number + 1, %(act)s, 'hub', i.state, i.settled, i.rule, coalesce(i.owner, v.owner),
      v.offered, v.offered_by, v.due
    FROM incoming i JOIN exception e USING (item_location_id, period, measure)
    JOIN LATERAL (""" + LAST + """) AS v ON true
    WHERE e.run_id = %(run)s AND (i.state, i.settled, i.rule) IS DISTINCT FROM (v.state, v.settled, v.rule)
    ORDER BY e.id"""  # noqa: S608

STEP: LiteralString = """
    INSERT INTO exception_event (exception_id, agreement_id, number, act, actor, state, settled, rule, owner, offered,
      offered_by, due, reason, comment)
    SELECT e.id, e.agreement_id, %(number)s, %(act)s, %(actor)s, %(state)s, %(settled)s, %(rule)s, %(owner)s,
      %(offered)s, %(offered_by)s, %(due)s, %(reason)s, %(comment)s FROM exception e WHERE e.public_id = %(id)s"""

NEWER: LiteralString = """
    SELECT EXISTS (SELECT 1 FROM run r JOIN run_step s ON s.run_id = r.id AND s.step = 'compare'
                   WHERE r.agreement_id = e.agreement_id AND r.id > e.run_id)
    FROM exception e WHERE e.public_id = %(id)s"""

HISTORY: LiteralString = """
    SELECT v.act, v.actor, v.state, coalesce(v.settled, v.offered) AS quantity,
      coalesce(v.reason, CASE WHEN v.act = 'resolve' THEN v.rule END) AS reason, v.comment, v.known_at AS at
    FROM exception_event v JOIN exception e ON e.id = v.exception_id WHERE e.public_id = %(id)s ORDER BY v.number"""

FIELDS: LiteralString = """
    e.public_id, a.name AS agreement, l.gtin, l.gln, e.period, e.lag, e.left_party, e.right_party, e.left_quantity,
    e.right_quantity, b.quantity AS baseline, e.percent, e.value_at_stake, e.level, e.measure, v.state, v.settled,
    v.rule, v.owner, v.offered, v.offered_by, v.due, v.number"""
FROM: LiteralString = """
    FROM exception e JOIN agreement a ON a.id = e.agreement_id
    JOIN item_location l ON l.id = e.item_location_id LEFT JOIN exception_baseline b ON b.exception_id = e.id
      AND (nullif(current_setting('hub.partner', true), '') IS NULL OR b.agreement_id IN (
        SELECT agreement_id FROM hub_feeds() WHERE measure = 103))
    JOIN LATERAL (""" + LAST + ") AS v ON true "  # noqa: S608  (our own text)

ONE: LiteralString = "SELECT " + FIELDS + FROM + "WHERE e.public_id = %(id)s"  # noqa: S608
OF_RUN: LiteralString = (
    "SELECT " + FIELDS + FROM + "JOIN run r ON r.id = e.run_id WHERE r.public_id = %(run)s AND e.measure = %(measure)s "  # noqa: S608
    "ORDER BY e.id")

SIGNED: LiteralString = (
    "SELECT " + FIELDS + FROM + "WHERE a.name = %(agreement)s AND e.measure = %(measure)s "  # noqa: S608
    "AND e.period >= %(since)s AND v.rule = 'signed' ORDER BY e.id")

KNOWN: LiteralString = "SELECT " + FIELDS + """
    FROM exception e JOIN agreement a ON a.id = e.agreement_id
    JOIN item_location l ON l.id = e.item_location_id LEFT JOIN exception_baseline b ON b.exception_id = e.id
    JOIN LATERAL (SELECT * FROM exception_event WHERE exception_id = e.id AND known_at <= %(at)s
                  ORDER BY number DESC LIMIT 1) AS v ON true
    WHERE a.name = %(agreement)s AND e.run_id = (
      SELECT x.run_id FROM exception x WHERE x.agreement_id = a.id AND x.known_at <= %(at)s ORDER BY x.id DESC LIMIT 1)
      AND (%(state)s::text IS NULL OR v.state = %(state)s)
    ORDER BY e.value_at_stake DESC, e.id LIMIT %(limit)s"""  # noqa: S608

SHOWN: LiteralString = """ JOIN (
      SELECT DISTINCT ON (r.agreement_id) r.id FROM run r JOIN agreement a ON a.id = r.agreement_id
      WHERE (%(run)s::text IS NULL OR r.public_id = %(run)s) AND (%(agreement)s::text IS NULL OR a.name = %(agreement)s)
        AND EXISTS (SELECT 1 FROM exception x WHERE x.run_id = r.id)
      ORDER BY r.agreement_id, r.id DESC) AS shown ON shown.id = e.run_id """
LISTED = Listing(FROM + SHOWN, {
    "agreement": text("a.name"), "state": text("v.state"), "measure": text("e.measure"),
    "gtin": text("l.gtin"), "gln": text("l.gln"), "week": day("e.period"), "lag_weeks": number("e.lag"),
    "buyer": text("e.left_party"),
    "seller": text("e.right_party"), "buyer_quantity": number("e.left_quantity"),
    "seller_quantity": number("e.right_quantity"), "difference_percent": number("e.percent"),
    "value_at_stake": number("e.value_at_stake"), "owner": text("v.owner"), "offered_by": text("v.offered_by"),
    "due_date": day("v.due"), "settlement_rule": text("v.rule"),
}, public=text("e.public_id"), key=whole("e.id"), newest_first=False,
   order=(Sort("value_at_stake", descending=True),))


def _incoming(ordinal: int, row: ForecastException, item_location: int) -> tuple[object, ...]:
    return (ordinal, new_id("exc"), row.level, row.measure, item_location, row.period, row.lag, row.left_party,
            row.right_party, row.left, row.right, row.percent, row.value_at_stake, row.baseline, row.state,
            row.settled, row.rule, row.owner, row.due)


def _exception(row: Row) -> ForecastException:
    return ForecastException(
        id=row["public_id"], agreement=row["agreement"], gtin=row["gtin"], gln=row["gln"], period=row["period"],
        lag=row["lag"], left_party=row["left_party"], right_party=row["right_party"], left=row["left_quantity"],
        right=row["right_quantity"], baseline=row["baseline"], percent=row["percent"],
        value_at_stake=row["value_at_stake"], level=row["level"], measure=row["measure"],
        state=row["state"], settled=row["settled"], rule=row["rule"],
        owner=row["owner"], offered=row["offered"], offered_by=row["offered_by"], due=row["due"],
        revision=row["number"])
