"""A question to the plan: everything is read at one moment by a transaction that cannot write, planned as it is and as
it would be, and forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hub.errors import NotFound, Reject
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.planned import Cycle, Detail, history_shard
from hub.planning.calendar import first_future
from hub.planning.cycle_math import ShardResult, plan_shard, split
from hub.planning.what_if import Question, asked
from hub.ports import Clock, Executor, Units

SHARD = 4096


@dataclass(frozen=True, slots=True)
class Outcome:
    """The plan as it is and as it would be, shard by shard on the same item-locations."""

    before: list[ShardResult]
    after: list[ShardResult]


async def what_if(
    units: Units, executor: Executor, agreement: str, as_of: date, question: Question, *, clock: Clock, hub_gln: str,
    offers: bool = False,
) -> Outcome:
    """Raises NotFound for an unknown agreement and Reject when nothing is known, or the question makes no sense."""
    async with units.reader() as unit:
        context = await Context.load(unit, hub_gln, as_of)
        plan = next((a for a in context.agreements if a.name == agreement), None)
        if plan is None:
            raise NotFound(f"there is no agreement {agreement!r}", reason="UNKNOWN_AGREEMENT")
        runs = [run for run in await unit.runs.list(agreement, limit=20) if run.as_of <= as_of]
        learnt: Detail = {name: runs[0].detail[name] for name in ("weights", "gate") if runs and name in runs[0].detail}
        cycle = Cycle("", plan, as_of, first_future(as_of, plan.week_start), Dispatch(unit, context, {}, clock.now()),
                      executor, learnt, offers=offers)
        shard, _ = await history_shard(cycle)
    if not shard.keys:
        raise Reject(f"nothing is known yet of what agreement {agreement!r} plans", reason="NOTHING_KNOWN")
    changed = asked(shard, question)
    pieces = [*split(shard, SHARD), *split(changed, SHARD)]
    made = await executor.map(plan_shard, pieces)
    return Outcome(made[: len(made) // 2], made[len(made) // 2 :])
