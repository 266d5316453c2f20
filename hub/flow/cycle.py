"""A planning cycle: from what was observed and what both sides expect to orders in the seller's mailbox.

`STEPS` is the order. Each step is one transaction that also records itself on the run's row, so a cycle that was killed
goes on where it stopped; nothing waits in memory. What a step needs from an earlier one it reads from the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from hub.errors import NotFound, Reject
from hub.flow import recompare
from hub.flow.assess import assess
from hub.flow.compare_orders import compare_orders, signed_orders
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.late import late_orders, late_quantities
from hub.flow.metric_notice import new_metrics, tell_metrics
from hub.flow.notice import NOTICES, new_since, tell_exceptions
from hub.flow.planned import HUB, Cycle, Detail, Watcher, history_shard, shard_and_baseline
from hub.flow.release import orders
from hub.flow.tell import anyone_hears
from hub.flow.told_plan import tell_views
from hub.fulfilment import lifecycle
from hub.killpoint import reached
from hub.model.agreement import Agreement
from hub.model.event import HubEvent
from hub.model.plan import Reasons
from hub.planning import arrow, cycle_math
from hub.planning.calendar import first_future
from hub.planning.consensus import RULES, Settlement, resolved
from hub.planning.cycle_math import PARTIES, ShardInput, split
from hub.planning.exceptions import as_exceptions, fingerprint
from hub.planning.history import align, believed
from hub.planning.replenish import why_projected, why_proposed
from hub.planning.settling import UNSETTLED, left_to_the_rule, signed, to_escalate
from hub.planning.tasks import leads
from hub.planning.weights import equal
from hub.ports import Clock, Executor, Format, MetricRow, Run, Unit, Units

SHARD = 4096
"""Item-locations in one unit of planning work; families are kept whole."""
HEARD = "heard"
"""Where a run's detail keeps the digest of what it planned from."""
STOPPED = ("cancelled", "failed")
"""A run that is one of these goes on when it is run again."""
Step = Callable[[Cycle], Awaitable[Detail]]


async def run(
    units: Units, formats: Mapping[str, Format], executor: Executor, agreement: str, as_of: date, *, clock: Clock,
    hub_gln: str, watcher: Watcher | None = None, again: bool = True, offers: bool = False,
) -> Run:
    """Run, or resume, the cycle of `agreement` on `as_of`. After a finished one another one is run where something has
    come in since, unless `again` is False; else it is returned as it is. `offers` as in `Cycle`.

    Raises NotFound for an unknown agreement and Reject for one that is not in force or of which nothing is known yet;
    such a cycle has not begun, and may be run again on the same day.
    """
    async with units.worker() as unit:
        row = await _opened(unit, agreement, as_of) if again else await unit.runs.open(agreement, as_of)
        if row.state in STOPPED:
            await unit.runs.advance(row.id, row.step or "", {}, "running")
    names = [step.__name__ for step in STEPS]
    for step in STEPS[names.index(row.step) + 1 if row.step else 0:]:
        async with units.worker() as unit:
            row = await unit.runs.open(agreement, as_of)
            if row.state == "cancelled":
                raise Reject(f"the cycle of {agreement!r} was cancelled before {step.__name__}: run it again to go on",
                             reason="CANCELLED")
            context = await Context.load(unit, hub_gln, as_of)
            plan = _agreement(context, agreement, as_of)
            dispatch = Dispatch(unit, context, formats, clock.now())
            first = first_future(as_of, plan.week_start)
            cycle = Cycle(row.id, plan, as_of, first, dispatch, executor, row.detail, watcher, row.number,
                          offers)
            cycle.tell(step.__name__, 0, 1)
            detail = await step(cycle)
            reached("cycle.worked")
            last = step is STEPS[-1]
            await unit.plans.hold(agreement)
            stopped = (await unit.runs.open(agreement, as_of)).state == "cancelled"
            await unit.runs.advance(
                row.id, step.__name__, detail, "finished" if last else "cancelled" if stopped else "running")
            if last:
                members = tuple(m.partner for m in plan.members)
                await unit.events.publish([HubEvent(type="plan.finished", subject=row.id, partners=members)])
        reached("cycle.committed")
        cycle.tell(step.__name__, 1, 1)
    async with units.worker() as unit:
        return next(r for r in await unit.runs.list(agreement) if r.id == row.id)


async def _opened(unit: Unit, agreement: str, as_of: date) -> Run:
    """The newest run of the day; another one when that is finished and something has come in since it began."""
    row = await unit.runs.open(agreement, as_of)
    if row.state == "finished" and row.detail.get(HEARD) not in (None, await unit.runs.heard(agreement)):
        return await unit.runs.again(agreement, as_of)
    return row


async def cancel(units: Units, agreement: str, as_of: date, *, by: str | None = None) -> Run:
    """Stop the cycle of `agreement` on `as_of` after the step that is under way; running it again goes on from there.
    `by` is who the audit trail shall name. Raises NotFound when there is none, Reject when it is finished."""
    async with units.worker() as unit:
        await unit.plans.hold(agreement)
        found = next((run for run in await unit.runs.list(agreement, limit=500) if run.as_of == as_of), None)
        if found is None:
            raise NotFound(f"agreement {agreement!r} has no cycle of {as_of}", reason="NO_CYCLE")
        if found.state == "finished":
            raise Reject(f"the cycle of {agreement!r} on {as_of} is finished: nothing is left to cancel",
                         reason="FINISHED")
        await unit.runs.advance(found.id, found.step or "", {}, "cancelled")
        if by is not None:
            await unit.audit.record(by, "cycle.cancel", found.id, {"agreement": agreement, "as_of": str(as_of)})
        return next(run for run in await unit.runs.list(agreement, limit=500) if run.id == found.id)


async def begin(unit: Unit, agreement: str, as_of: date, by: str) -> Run:
    """Have the cycle of `agreement` on `as_of` run by a worker; a finished one is returned, unless something has come
    in since.

    Raises NotFound for an unknown agreement and Reject for one that is not in force.
    """
    found = next((one for one in await unit.partners.agreements() if one.name == agreement), None)
    if found is None:
        raise NotFound(f"there is no agreement {agreement!r}", reason="UNKNOWN_AGREEMENT")
    if not found.in_force(as_of):
        raise Reject(f"agreement {agreement!r} is not in force on {as_of}", reason="NOT_IN_FORCE")
    run = await _opened(unit, agreement, as_of)
    if run.state == "finished":
        return run
    if run.state in STOPPED:
        await unit.runs.advance(run.id, run.step or "", {}, "running")
    await unit.audit.record(by, "cycle.run", run.id, {"agreement": agreement, "as_of": str(as_of)})
    await unit.queue.defer("plan", lock="plan", agreement=agreement, as_of=as_of.isoformat())
    return run


def reasons_of(settled: Settlement, shard: ShardInput) -> Reasons:
    """Of every line the rule that made most of its weeks, of every week its own; the weights and the gate where they
    count."""
    most = [np.bincount(row, minlength=len(RULES)).argmax() for row in settled.rule.astype(np.int64)]
    whole: Detail = {"rules": list(RULES)}
    if shard.agreement.settlement == "weighted":
        weights = shard.weights or equal(PARTIES)
        whole |= {"weights": weights.rows(), "gate": {"gain": shard.gate.gain, "cells": shard.gate.cells}}
    return Reasons(tuple(RULES[number] for number in most), {"rule": settled.rule.astype(np.float64)}, whole)


def _agreement(context: Context, name: str, as_of: date) -> Agreement:
    found = next((a for a in context.agreements if a.name == name), None)
    if found is None:
        raise NotFound(f"there is no agreement {name!r}", reason="UNKNOWN_AGREEMENT")
    if not found.in_force(as_of):
        raise Reject(f"agreement {name!r} is not in force on {as_of}", reason="NOT_IN_FORCE")
    if not context.is_live(found):
        raise Reject(f"agreement {name!r}, or one of its partners, is not live yet: what is known of it are tests",
                     reason="NOT_LIVE")
    return found


async def baseline(cycle: Cycle) -> Detail:
    """What history alone expects; for dependent demand, what the agreements downstream are forecast to order."""
    heard = await cycle.unit.runs.heard(cycle.agreement.name)
    shard, unpacked = await history_shard(cycle)
    if not shard.keys:
        raise Reject(
            f"nothing is known yet of what agreement {cycle.agreement.name!r} plans: push activity or forecasts first",
            reason="NOTHING_KNOWN",
        )
    history, odd = believed(shard.history)
    pieces = split(replace(shard, history=history), SHARD)
    made = await cycle.executor.map(
        arrow.baseline, [arrow.packed(piece) for piece in pieces],
        lambda done: cycle.tell("baseline", done, len(pieces)))
    keys, result = arrow.gathered(made)
    await cycle.keep("baseline", keys, result.outlook.forecast, result.reasons())
    await cycle.keep("forecast_error", keys, result.outlook.sigma[:, None])
    return {"series": len(keys), "pools": dict(Counter(result.pool)), "without_pack": list(unpacked), "history": odd,
            HEARD: heard}


async def compare(cycle: Cycle) -> Detail:
    """Both sides' views against each other: where they differ by more than was agreed is an exception. From here on the
    cycle plans from these versions, whatever comes in later."""
    await cycle.unit.plans.hold(cycle.agreement.name)
    views = await cycle.views()
    cycle = replace(cycle, said={**cycle.said, "views": views})
    shard, usual = await shard_and_baseline(cycle)
    both = ~(np.isnan(shard.buyer) | np.isnan(shard.seller))
    before = await recompare.before(cycle.unit, cycle.run, cycle.agreement, shard)
    _, ranked, judged = cycle_math.compare(shard, usual, before)
    due = cycle.as_of + timedelta(days=cycle.agreement.settle_days)
    found = as_exceptions(ranked, cycle.agreement.name, *await _parties(cycle), cycle.view)
    rows = [row.model_copy(update={"due": due}) for row in found]
    await cycle.unit.plans.hold(cycle.agreement.name)
    await cycle.unit.exceptions.add(cycle.run, rows, cycle.view)
    return {
        "views": views, "exceptions": len(rows), "compared": int(both.sum()), "judged": int((judged & both).sum()),
        "fingerprint": fingerprint(ranked, cycle.agreement.decimals), recompare.DONE: recompare.compared(shard),
        "value_at_stake": round(sum(row.value_at_stake for row in rows), 2),
    }


async def reconcile(cycle: Cycle) -> Detail:
    """One number per item, place and week: what both sides signed, else by the agreement's rule. Exceptions that the
    two sides may still settle between them stay open; for these the rule's number stands in."""
    shard, usual = await shard_and_baseline(cycle)
    found, *_ = cycle_math.compare(shard, usual)
    await cycle.unit.plans.hold(cycle.agreement.name)
    rows = await cycle.unit.exceptions.of_run(cycle.run, cycle.view)
    agreed = signed(rows, shard.keys, cycle.first, usual.shape[1])
    settled = cycle_math.reconcile(shard, usual, found, agreed)
    late = left_to_the_rule(rows, cycle.agreement, cycle.as_of)
    if cycle.agreement.settle_days:
        expired = [row.model_copy(update={"state": "expired"}) for row in late]
        await cycle.unit.exceptions.resolve(cycle.run, expired, "expire")
    await cycle.unit.exceptions.resolve(cycle.run, resolved(late, settled))
    await cycle.unit.exceptions.resolve(cycle.run, to_escalate(rows, cycle.agreement, cycle.as_of), "escalate")
    agreed_on = await cycle.keep("consensus", shard.keys, settled.consensus.values, reasons_of(settled, shard))
    decided = Counter(RULES[code] for code in settled.rule.ravel().tolist())
    waiting = sum(row.state in UNSETTLED for row in rows) - len(late)
    views = {**cycle.said["views"], "consensus": agreed_on}
    return {"views": views, "rule": cycle.agreement.settlement, "decided": dict(decided), "to_settle": waiting}


async def notify(cycle: Cycle) -> Detail:
    """The members are told of what is in dispute now and was not in the run before, and of performance that is worse
    than agreed and was not the last time, each in its own dialect."""
    if not anyone_hears(cycle.agreement, cycle.context, *NOTICES):
        return {"notices": 0}
    rows = await cycle.unit.exceptions.of_run(cycle.run, cycle.view)
    last = await recompare.run_before(cycle.unit, cycle.run, cycle.agreement.name)
    new = new_since(rows, await cycle.unit.exceptions.of_run(last.id, cycle.view) if last else [])
    sent, findings = await tell_exceptions(cycle.dispatch, cycle.agreement, cycle.run, new)
    worse = await _new_metrics(cycle)
    more, found = await tell_metrics(cycle.dispatch, cycle.agreement, cycle.run, worse)
    return {"new_exceptions": len(new), "new_metric_exceptions": len(worse), "notices": sent + more,
            "not_notified": [f.message for f in (*findings, *found)]}


async def _new_metrics(cycle: Cycle) -> list[MetricRow]:
    """What this cycle's scorecard found and the one before had not."""
    found = await cycle.unit.metric_exceptions.of_run(cycle.run)
    if not found:
        return []
    cards = (await cycle.unit.scorecards.list(agreement=cycle.agreement.name, limit=2)).rows
    return new_metrics(found, [one for card in cards if card.run != cycle.run for one in card.exceptions])


async def order(cycle: Cycle) -> Detail:
    """What the buyer will have to order, week by week: stock and open orders netted, safety stock kept; what both sides
    have signed of it stands. Then both sides' own order forecasts are compared."""
    if "order_forecasting" not in leads(cycle.agreement):
        return {"ordered_now": 0.0, "ordered_ahead": 0.0}
    shard, _ = await shard_and_baseline(cycle)
    demand, error = await cycle.recall(HUB, "consensus"), await cycle.recall(HUB, "forecast_error")
    if demand is None or error is None:
        return {"ordered_now": 0.0, "ordered_ahead": 0.0}
    agreed = align(demand, shard.keys, cycle.first, cycle.agreement.horizon_weeks).values
    fixed = await signed_orders(cycle, shard)
    plan = cycle_math.order(shard, agreed, align(error, shard.keys, cycle.first, 1).values[:, 0], fixed.values)
    await cycle.keep("order_forecast", shard.keys, plan.placed)
    await cycle.keep("proposed_order", shard.keys, plan.proposed()[:, None],
                     why_proposed(shard.stock, cycle.agreement.replenishment))
    late = await late_quantities(cycle, shard.keys)
    await cycle.keep("on_hand_projection", shard.keys, plan.on_hand, why_projected(plan, shard.stock, late))
    await cycle.keep("safety_stock", shard.keys, plan.safety[:, None])
    compared = await compare_orders(cycle, shard)
    return {"ordered_now": float(plan.proposed().sum()), "ordered_ahead": float(plan.placed.sum()), **compared,
            **await late_orders(cycle)}


async def _parties(cycle: Cycle) -> tuple[str, str]:
    """Whose views are compared. Of dependent demand the seller seldom has one: there the buyer's order forecast is held
    against what its customers' orders add up to."""
    seller = cycle.agreement.partner("seller")
    lone = cycle.agreement.demand == "orders" and await cycle.recall(seller, cycle.view) is None
    return cycle.agreement.partner("buyer"), HUB if lone else seller


async def tell(cycle: Cycle) -> Detail:
    """The members are sent the views that the agreement tells: what was agreed of sales, and the order forecast."""
    sent, findings = await tell_views(cycle)
    return {"told": sent, "not_told": [f.message for f in findings]}


async def release(cycle: Cycle) -> Detail:
    """This week's proposed orders become orders: in the books, and in the seller's mailbox in the seller's dialect;
    unless the buyer releases them itself, or orders are no task of this collaboration."""
    found = await cycle.unit.plans.latest(cycle.agreement.name, HUB, "proposed_order")
    by_hand = cycle.agreement.replenishment.release == "buyer" or "order_generation" not in leads(cycle.agreement)
    if found is None or by_hand:
        return {"orders": [], "not_sent": []}
    version, proposed = found
    buyer, seller = cycle.agreement.partner("buyer"), cycle.agreement.partner("seller")
    numbers, refused, events = [], [], []
    for placed_order in orders(cycle.agreement, proposed, cycle.as_of, cycle.context, cycle.number):
        placed = await cycle.unit.orders.place(placed_order, buyer, seller, None)
        if placed is None:
            continue
        place = placed_order.ship_to.id if placed_order.ship_to else None
        await cycle.unit.replenishment.released(version.id, [
            (gtin, gln, float(proposed.values[row, 0])) for row, (gtin, gln) in enumerate(proposed.keys)
            if gln == place and np.nan_to_num(proposed.values[row, 0]) > 0], placed, HUB)
        sent, findings = await cycle.dispatch.send("order", placed_order, sender=buyer, receiver=seller)
        refused += [f.message for f in findings if not sent]
        if sent:
            await cycle.unit.orders.move(placed, lifecycle.advance("received", "send"))
        numbers.append(placed_order.number)
        events.append(HubEvent(type="order.released", subject=placed, partners=(buyer, seller), data={"message": sent}))
    await cycle.unit.events.publish(events)
    return {"orders": numbers, "not_sent": refused}


STEPS: tuple[Step, ...] = (baseline, assess, compare, reconcile, notify, order, tell, release)
