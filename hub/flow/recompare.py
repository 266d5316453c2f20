"""What the planning run before compared, found again: so that only what has moved since is judged anew."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from hub.model.agreement import Agreement, Role, Threshold
from hub.model.exception import ForecastException
from hub.model.plan import Series
from hub.planning.calendar import WEEK
from hub.planning.cycle_math import ShardInput
from hub.planning.exceptions import LEVELS, Criteria
from hub.planning.history import Keys, align
from hub.planning.levels import view_of
from hub.planning.net_change import Compared, Found
from hub.ports import Run, Unit

ROLES: tuple[Role, Role] = ("buyer", "seller")
DONE = "comparison"
"""Where a run's detail keeps what it compared."""


def compared(shard: ShardInput) -> dict[str, Any]:
    """How this run compares, as its detail remembers it beside its views: the weeks and the criteria."""
    criteria = shard.criteria()
    return {
        "first_week": shard.first_week.isoformat(), "weeks": shard.agreement.horizon_weeks,
        "decimals": criteria.decimals, "thresholds": [t.model_dump(mode="json") for t in criteria.thresholds],
        "sums": _sums(shard.keys, criteria),
    }


def _sums(keys: Keys, criteria: Criteria) -> str | None:
    """A digest of what is added up with what; None where nothing is."""
    if not criteria.groups:
        return None
    digest = hashlib.sha256(repr(keys).encode())
    for level, group in sorted(criteria.groups.items()):
        digest.update(level.encode() + group.tobytes())
    return digest.hexdigest()


async def run_before(unit: Unit, run: str, agreement: str) -> Run | None:
    """The newest other run of the agreement that has compared."""
    return next((r for r in await unit.runs.list(agreement) if r.id != run and DONE in r.detail), None)


async def before(unit: Unit, run: str, agreement: Agreement, shard: ShardInput) -> Compared | None:
    """What the newest other run compared and found, on the keys of `shard`; None when there is none, when one side had
    no view, or when other rows are added up by now."""
    last = await run_before(unit, run, agreement.name)
    if last is None or not {*ROLES} <= last.detail["views"].keys():
        return None
    then, keys, now = last.detail[DONE], shard.keys, shard.criteria()
    if then["sums"] != _sums(keys, now):
        return None
    first, weeks = date.fromisoformat(then["first_week"]), int(then["weeks"])
    buyer, seller = [
        align(await unit.plans.series(last.detail["views"][role]), keys, first, weeks, recut=True)
        for role in ROLES]
    thresholds = tuple(Threshold.model_validate(t) for t in then["thresholds"])
    criteria = Criteria(thresholds, then["decimals"], now.groups)
    return Compared(buyer, seller, criteria, found_on(await unit.exceptions.of_run(last.id, view_of(agreement)), buyer))


def found_on(rows: Sequence[ForecastException], series: Series) -> Found:
    """The exceptions as `disputed` marks them, on the keys and weeks of `series`."""
    found = np.zeros(series.values.shape, dtype=np.int8)
    row_of = {key: row for row, key in enumerate(series.keys)}
    for one in rows:
        row, week = row_of.get((one.gtin, one.gln)), (one.period - series.first_week).days // WEEK
        if row is not None and 0 <= week < series.weeks:
            found[row, week] = 1 + LEVELS.index(one.level)
    return found
