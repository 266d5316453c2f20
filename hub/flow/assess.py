"""What earlier cycles were worth, now that more is known of what came: the step that fills the scorecard and teaches
the weights of the consensus and the gate. Only errors that are known by the planning day teach anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from hub.flow.metric_exceptions import with_exceptions
from hub.flow.planned import Cycle, Detail
from hub.model.event import HubEvent
from hub.model.performance import Commitment, Scorecard
from hub.model.plan import Series, Vector
from hub.performance.metric_exceptions import metric_fingerprint
from hub.performance.score import BASELINE, CONSENSUS, NAIVE, Came, Said, accuracy, value_added
from hub.planning.calendar import WEEK, first_future
from hub.planning.cycle_math import PARTIES
from hub.planning.history import Keys, align, matrix
from hub.planning.promotions import calendar_shares
from hub.planning.weights import learn, learn_gate, views
from hub.ports import Run

REMEMBERED = 13
"""Latest cycles that teach."""
SAMPLE = 4096
"""At most so many item-locations teach the weights; the scorecard counts all."""
USUAL = 26
"""Weeks before that say how much a series moves from one to the next."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A cycle before this one: the first week it planned, and what each of `PARTIES` and the consensus said then."""

    first: date
    views: Mapping[str, Vector]


async def assess(cycle: Cycle) -> Detail:
    """Score the weeks that became known since the last scorecard, and learn from all that is known."""
    runs = await _runs(cycle)
    if not runs or cycle.agreement.demand == "orders":
        return {}
    keys, earlier = await _earlier(cycle, runs)
    begins = min(one.first for one in earlier) - timedelta(weeks=USUAL)
    came = await _came(cycle, keys, begins)
    shares = calendar_shares(await cycle.events(), keys, begins, came.weeks + cycle.agreement.horizon_weeks)
    learnt = _learnt(cycle, earlier, came, shares)
    card = await _card(cycle, keys, earlier, came)
    if card is None:
        return learnt | {"assessed": 0}
    await cycle.unit.scorecards.add(card)
    members = tuple(member.partner for member in cycle.agreement.members)
    await cycle.unit.events.publish([
        HubEvent(type="metric_exception.found", subject=row.id, partners=members)
        for row in await cycle.unit.metric_exceptions.of_run(cycle.run)])
    return learnt | {
        "assessed": (card.last_week - card.first_week).days // WEEK + 1, "metric_exceptions": len(card.exceptions),
        "metric_fingerprint": metric_fingerprint(card.exceptions, cycle.agreement)}


async def _runs(cycle: Cycle) -> list[Run]:
    """The newest cycle of each earlier week, oldest first."""
    found = [run for run in await cycle.unit.runs.list(cycle.agreement.name, limit=4 * REMEMBERED)
             if run.as_of < cycle.as_of and "views" in run.detail]
    by_week = {_first(cycle, run): run for run in sorted(found, key=lambda run: run.as_of)}
    return [by_week[week] for week in sorted(by_week) if week < cycle.first][-REMEMBERED:]


def _first(cycle: Cycle, run: Run) -> date:
    return first_future(run.as_of, cycle.agreement.week_start)


async def _earlier(cycle: Cycle, runs: list[Run]) -> tuple[Keys, list[Earlier]]:
    keys: Keys = ()
    found = []
    for run in reversed(runs):
        said = {name: await cycle.unit.plans.series(version) for name, version in run.detail["views"].items()}
        keys = keys or next((series.keys for series in said.values()), ())
        first, weeks = _first(cycle, run), cycle.agreement.horizon_weeks
        found.append(Earlier(first, {
            name: align(series, keys, first, weeks, recut=True).values for name, series in said.items()}))
    return keys, found[::-1]


async def _came(cycle: Cycle, keys: Keys, begins: date) -> Series:
    """What was sold, by week from `begins` until the planning day."""
    return matrix(await cycle.demand(begins), begins, (cycle.first - begins).days // WEEK, keys)


def _learnt(cycle: Cycle, earlier: list[Earlier], came: Series, shares: Vector) -> Detail:
    """Weights of the parties and the gate, as plain values for the run's row; {} where not all parties ever spoke."""
    rows = np.arange(0, len(came.keys), max(1, -(-len(came.keys) // SAMPLE)))
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    for one in earlier:
        if not {*PARTIES} <= one.views.keys():
            continue
        at, weeks = (one.first - came.first_week).days // WEEK, cycle.agreement.horizon_weeks
        actual, share = _ahead(came.values[rows], at, weeks), shares[rows, at : at + weeks]
        said = np.stack([one.views[party][rows] for party in PARTIES], axis=-1).reshape(-1, len(PARTIES))
        agreed = one.views.get("consensus", np.full((len(came.keys), weeks), np.nan))[rows]
        told = len(parts) * len(came.keys) + rows
        parts.append((said, actual.ravel(), np.tile(np.arange(1, weeks + 1), len(rows)), np.repeat(told, weeks),
                      (share > 0).ravel(), agreed.ravel()))
    if not parts:
        return {}
    said, actual, lag, told, promoted, agreed = (np.concatenate(column) for column in zip(*parts, strict=True))
    cells = views(said, lag.astype(np.int64), promoted.astype(np.bool_), told.astype(np.int64))
    weights = learn(PARTIES, cells, actual)
    gate = learn_gate(said[:, PARTIES.index("baseline")], agreed, actual)
    return {"weights": weights.rows(), "gate": {"middle": gate.middle, "gain": gate.gain, "cells": gate.cells}}


def _ahead(values: Vector, at: int, weeks: int) -> Vector:
    """(n, weeks) the columns from `at` on; NaN where there are none yet."""
    return np.pad(values[:, at : at + weeks], ((0, 0), (0, max(at + weeks - values.shape[1], 0))),
                  constant_values=np.nan)


async def _card(cycle: Cycle, keys: Keys, earlier: list[Earlier], came: Series) -> Scorecard | None:
    before = (await cycle.unit.scorecards.list(agreement=cycle.agreement.name, limit=1)).rows
    since = before[0].last_week + timedelta(weeks=1) if before else earlier[0].first
    known = [week for week in range(came.weeks)
             if came.first_week + timedelta(weeks=week) >= since and not np.isnan(came.values[:, week]).all()]
    if not known:
        return None
    first, last = (came.first_week + timedelta(weeks=week) for week in (known[0], known[-1]))
    year_ago = timedelta(weeks=52)
    old = matrix(await cycle.demand(first - year_ago, last - year_ago + timedelta(days=WEEK - 1)), first - year_ago,
                 known[-1] - known[0] + 1, keys)
    said = {"buyer": _party(cycle, "buyer"), "seller": _party(cycle, "seller"), "baseline": BASELINE,
            "consensus": CONSENSUS}
    weeks = [_week(one, came, week, old.values[:, week - known[0]], said) for week in known for one in earlier
             if 0 <= _back(one, came, week) < cycle.agreement.horizon_weeks]
    items = cycle.context.catalogue.items
    groups = [(items[gtin].group if gtin in items else None) or "" for gtin, _ in keys]
    card = Scorecard(
        run=cycle.run, agreement=cycle.agreement.name, as_of=cycle.as_of, first_week=first, last_week=last,
        observed="withdrawn" if cycle.agreement.demand == "withdrawn" else "sold",
        accuracy=accuracy(weeks, groups), value_added=value_added(weeks, (said["buyer"], said["seller"])),
        commitments=await _commitments(cycle, first, last + timedelta(days=WEEK - 1)))
    return await with_exceptions(cycle, card, keys, groups, came.values[:, known[0] : known[-1] + 1])


def _party(cycle: Cycle, role: str) -> Said:
    return cycle.agreement.partner("buyer" if role == "buyer" else "seller"), cycle.view


def _back(one: Earlier, came: Series, week: int) -> int:
    """Weeks between the first week that a cycle planned and the one that came."""
    return week - (one.first - came.first_week).days // WEEK


def _week(one: Earlier, came: Series, week: int, year_ago: Vector, said: Mapping[str, Said]) -> Came:
    back = _back(one, came, week)
    steps = np.abs(np.diff(came.values[:, max(0, week - back - USUAL) : week - back], axis=1))
    count = (~np.isnan(steps)).sum(axis=1)
    usual = np.where(count > 0, np.nansum(steps, axis=1) / np.maximum(count, 1), np.nan)
    told = {said[name]: view[:, back] for name, view in one.views.items() if name in said}
    return Came(back + 1, came.values[:, week], usual, told | {NAIVE: year_ago})


async def _commitments(cycle: Cycle, first: date, last: date) -> tuple[Commitment, ...]:
    """What the seller promised of the orders due in those weeks, and kept; lines nobody told the arrival of count for
    the promise alone."""
    lines = await cycle.unit.orders.promises(cycle.agreement.name, first, last)
    if lines.is_empty():
        return ()
    told = lines.filter(pl.col("received").is_not_null())
    promised = float(told["promised"].sum())
    return (Commitment(
        author=cycle.agreement.partner("seller"), lines=lines.height, ordered=float(lines["ordered"].sum()),
        promised=promised, committed=float(lines.select(pl.min_horizontal("promised", "ordered").sum()).item()),
        delivered=float(told.select(pl.min_horizontal("received", "promised").sum()).item())),)
