"""Scorecards: what each planning cycle found out about the ones before it, as sums. A reader sees the rows of the
forecasts that it may see, judged by demand that it may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from hub.errors import NotFound
from hub.model.performance import Accuracy, Commitment, MetricException, Scorecard, ValueAdded
from hub.model.query import Condition, Sort
from hub.ports import Page
from hub.store import measures
from hub.store.identity import new_id
from hub.store.listing import Listing, day, measured, text, whole
from hub.store.transaction import Row, Transaction, page


class StoredScorecards:
    """`hub.ports.Scorecards`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, card: Scorecard) -> None:
        """Raises NotFound for an unknown run."""
        head: Row = {"agreement": await self._transaction.agreement_key(card.agreement),
                     "observed": measures.number(card.observed)}
        run = await self._transaction.scalar("SELECT id FROM run WHERE public_id = %(run)s", run=card.run)
        if run is None:
            raise NotFound(f"no run {card.run!r}")
        key = await self._transaction.scalar(INSERT, run=run, first=card.first_week, last=card.last_week, **head)
        if key is None:
            return
        head["scorecard"] = key
        await self._transaction.many(INSERT_ACCURACY, [
            row.model_dump() | await self._author(row.author, row.measure) | head for row in card.accuracy])
        await self._transaction.many(INSERT_VALUE_ADDED, [
            row.model_dump() | await self._author(row.author, row.measure) | head | {
                "against_measure": measures.NUMBER.get(row.against)} for row in card.value_added])
        await self._transaction.many(INSERT_COMMITMENT, [row.model_dump() | head for row in card.commitments])
        await self._transaction.many(INSERT_EXCEPTION, [
            row.model_dump() | await self._author(row.author, row.measure) | head | {"public_id": new_id("mex")}
            for row in card.exceptions])

    async def _author(self, name: str, measure: str) -> Row:
        partner = None if name in ("hub", "naive") else await self._transaction.partner_key(name)
        return {"author_id": partner, "measure": measures.number(measure)}

    async def get(self, run: str) -> Scorecard:
        rows = await self._transaction.rows(SELECT + SOURCE + "WHERE r.public_id = %(run)s", run=run)
        if not rows:
            raise NotFound(f"no scorecard of run {run!r}")
        return (await self._whole(rows))[0]

    async def list(
        self, *, agreement: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Scorecard]:
        heads = await LISTED.rows(
            self._transaction, SELECT, where=where, order=order, limit=limit + 1, after=after,
            always="%(agreement)s::text IS NULL OR a.name = %(agreement)s", agreement=agreement)
        shown = page(heads, limit, lambda head: head)
        return Page(tuple(await self._whole(shown.rows)), shown.next_key)

    async def exceptions(self, agreement: str, at: datetime | None = None) -> Sequence[MetricException]:
        card = await self._transaction.scalar(NEWEST, agreement=agreement, at=at)
        rows = await self._transaction.rows(EXCEPTIONS, cards=[card])
        return [MetricException.model_validate(_worded(row)) for row in rows]

    async def _whole(self, heads: Sequence[Row]) -> Sequence[Scorecard]:
        keys = [head["id"] for head in heads]
        accuracy = await self._transaction.rows(ACCURACY, cards=keys)
        added = await self._transaction.rows(VALUE_ADDED, cards=keys)
        commitments = await self._transaction.rows(COMMITMENT, cards=keys)
        worse = await self._transaction.rows(EXCEPTIONS, cards=keys)
        return [Scorecard(
            run=head["public_id"], agreement=head["agreement"], as_of=head["as_of"],
            observed=measures.WORD[head["observed"]], first_week=head["first_week"], last_week=head["last_week"],
            accuracy=tuple(Accuracy.model_validate(_worded(row)) for row in accuracy if row["card"] == head["id"]),
            value_added=tuple(ValueAdded.model_validate(_worded(row)) for row in added if row["card"] == head["id"]),
            commitments=tuple(Commitment.model_validate(_worded(row)) for row in commitments
                              if row["card"] == head["id"]),
            exceptions=tuple(MetricException.model_validate(_worded(row)) for row in worse
                             if row["card"] == head["id"])) for head in heads]


def _worded(row: Row) -> Row:
    said = {name: value for name, value in row.items() if name != "card"}
    return said | {"measure": measures.WORD[row["measure"]]} if "measure" in row else said


INSERT: LiteralString = """
    INSERT INTO scorecard (run_id, agreement_id, observed, first_week, last_week)
    VALUES (%(run)s, %(agreement)s, %(observed)s, %(first)s, %(last)s) ON CONFLICT (run_id) DO NOTHING RETURNING id"""
INSERT_ACCURACY: LiteralString = """
    INSERT INTO accuracy (scorecard_id, agreement_id, observed, author, author_id, measure, lag, grouping, cells, error,
      absolute, actual, volume, scaled, scaled_cells)
    VALUES (%(scorecard)s, %(agreement)s, %(observed)s, %(author)s, %(author_id)s, %(measure)s, %(lag)s, %(group)s,
      %(cells)s, %(error)s, %(absolute)s, %(actual)s, %(volume)s, %(scaled)s, %(scaled_cells)s)"""
INSERT_VALUE_ADDED: LiteralString = """
    INSERT INTO value_added (scorecard_id, agreement_id, observed, author, author_id, measure, against, against_measure,
      edit, cells, before, after, volume)
    VALUES (%(scorecard)s, %(agreement)s, %(observed)s, %(author)s, %(author_id)s, %(measure)s, %(against)s,
      %(against_measure)s, %(edit)s, %(cells)s, %(before)s, %(after)s, %(volume)s)"""
INSERT_COMMITMENT: LiteralString = """
    INSERT INTO commitment (scorecard_id, agreement_id, author, lines, ordered, promised, committed, delivered)
    VALUES (%(scorecard)s, %(agreement)s, %(author)s, %(lines)s, %(ordered)s, %(promised)s, %(committed)s,
      %(delivered)s)"""
INSERT_EXCEPTION: LiteralString = """
    INSERT INTO metric_exception (public_id, scorecard_id, agreement_id, observed, kind, author, author_id, measure,
      grouping, from_week, to_week, found, allowed, value_at_stake, cells, part, whole)
    VALUES (%(public_id)s, %(scorecard)s, %(agreement)s, %(observed)s, %(kind)s, %(author)s, %(author_id)s, %(measure)s,
      %(group)s, %(from_week)s, %(to_week)s, %(found)s, %(allowed)s, %(value_at_stake)s, %(cells)s, %(part)s,
      %(whole)s)"""
SELECT: LiteralString = "SELECT c.id, r.public_id, a.name AS agreement, r.as_of, c.observed, c.first_week, c.last_week "
SOURCE: LiteralString = """
    FROM scorecard c JOIN run r ON r.id = c.run_id JOIN agreement a ON a.id = c.agreement_id """
LISTED = Listing(SOURCE, {
    "agreement": text("a.name"), "as_of_date": day("r.as_of"), "first_week": day("c.first_week"),
    "last_week": day("c.last_week"), "observed": measured("c.observed"),
}, public=text("r.public_id"), key=whole("c.id"))
ACCURACY: LiteralString = """
    SELECT scorecard_id AS card, author, measure, lag, grouping AS "group", cells, error, absolute, actual, volume,
      scaled, scaled_cells
    FROM accuracy WHERE scorecard_id = ANY (%(cards)s) ORDER BY id"""
VALUE_ADDED: LiteralString = """
    SELECT scorecard_id AS card, author, measure, against, edit, cells, before, after, volume
    FROM value_added WHERE scorecard_id = ANY (%(cards)s) ORDER BY id"""
COMMITMENT: LiteralString = """
    SELECT scorecard_id AS card, author, lines, ordered, promised, committed, delivered
    FROM commitment WHERE scorecard_id = ANY (%(cards)s) ORDER BY id"""
NEWEST: LiteralString = """
    SELECT c.id FROM scorecard c JOIN agreement a ON a.id = c.agreement_id
    WHERE a.name = %(agreement)s AND (%(at)s::timestamptz IS NULL OR c.known_at <= %(at)s)
    ORDER BY c.id DESC LIMIT 1"""
EXCEPTIONS: LiteralString = """
    SELECT scorecard_id AS card, kind, author, measure, grouping AS "group", from_week, to_week, found, allowed,
      value_at_stake, cells, part, whole
    FROM metric_exception WHERE scorecard_id = ANY (%(cards)s) ORDER BY id"""
