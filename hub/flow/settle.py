"""Partners settle an exception between them: each act is one transaction, and what both sign is a new consensus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from hub.errors import Conflict, Forbidden, NotFound, Reject
from hub.model.agreement import Agreement
from hub.model.event import HubEvent
from hub.model.exception import ExceptionStep, ForecastException, View
from hub.model.plan import PlanMeasure, PlanVersion
from hub.planning.levels import view_of
from hub.planning.settling import Move, after, with_cells
from hub.ports import Clock, Unit, Units

HUB = "hub"


async def move(
    units: Units, exceptions: Sequence[str], act: Move, *, clock: Clock, revision: int | None = None
) -> list[ForecastException]:
    """Do `act` to each of `exceptions`, all or none; returns them as they are afterwards.

    `revision`, where given, is the one that the actor has seen. Raises Conflict when it is not the newest,
    Forbidden for who is no party to the agreement, NotFound, and Reject with what the act lacks.
    """
    async with units.worker() as unit:
        return await within(unit, exceptions, act, now=clock.now(), revision=revision)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One move of many: what to do to `exception`, and the revision that the actor has seen."""

    exception: str
    act: Move
    revision: int | None = None


async def move_all(units: Units, wanted: Sequence[Wanted], *, clock: Clock) -> list[ForecastException]:
    """All of these moves, each of its own kind, or none; as `move` else."""
    async with units.worker() as unit:
        return await _all(unit, wanted, clock.now(), None)


async def within(
    unit: Unit, exceptions: Sequence[str], act: Move, *, now: datetime, revision: int | None = None,
    by: str | None = None,
) -> list[ForecastException]:
    """`move` in a transaction that is open already; `by` is who the audit trail shall name instead of the partner."""
    return await _all(unit, [Wanted(name, act, revision) for name in exceptions], now, by)


async def _all(unit: Unit, wanted: Sequence[Wanted], now: datetime, by: str | None) -> list[ForecastException]:
    """Whatever is signed of one agreement and measure becomes one version, however many exceptions it settles."""
    found = {one.exception: await unit.exceptions.get(one.exception) for one in wanted}
    agreements = {a.name: a for a in await unit.partners.agreements()}
    for name in sorted({e.agreement for e in found.values()}):
        await unit.plans.hold(name)
    done = {one.exception: await _one(
        unit, agreements[found[one.exception].agreement], found[one.exception], one.act, now, one.revision)
        for one in wanted}
    signed = [e for e in done.values() if e.state == "agreed"]
    for name, measure in sorted({(e.agreement, e.measure) for e in signed}):
        agreed = [e for e in signed if (e.agreement, e.measure) == (name, measure)]
        await _sign(unit, agreed, settled_in(agreements[name], measure))
    for exception in signed:
        closed = exception.model_copy(update={"state": "resolved"})
        why = Move("resolve", HUB, reason=await _why(unit, agreements[exception.agreement], exception))
        done[exception.id or ""] = await unit.exceptions.step(closed, _step(HUB, "resolve", closed, now, why))
    for act in dict.fromkeys(one.act for one in wanted):
        moved = [one.exception for one in wanted if one.act == act]
        await unit.audit.record(by or act.actor, f"exception.{act.act}", ",".join(moved), _said(act))
        await unit.events.publish([_event(done[name], agreements[done[name].agreement], act) for name in moved])
    return [done[one.exception] for one in wanted]


async def _one(
    unit: Unit, agreement: Agreement, exception: ForecastException, act: Move, now: datetime, revision: int | None
) -> ForecastException:
    if act.actor not in {m.partner for m in agreement.members}:
        raise Forbidden(f"{act.actor} is no party to agreement {agreement.name!r}", reason="NOT_A_PARTY")
    if revision not in (None, exception.revision):
        raise Conflict("somebody else has changed this exception since you looked at it: look at it again")
    if await unit.exceptions.newer(exception.id or ""):
        raise Reject("a later planning run has compared again: take the exception of that run", reason="SUPERSEDED")
    if act.reason and agreement.reasons and act.reason not in agreement.reasons:
        raise Reject(f"{act.reason!r} is no reason of this agreement: {', '.join(agreement.reasons)}",
                     reason="UNKNOWN_REASON")
    reached = after(exception, act)
    return await unit.exceptions.step(reached, _step(act.actor, act.act, reached, now, act))


async def _why(unit: Unit, agreement: Agreement, exception: ForecastException) -> str | None:
    """The reason code of what both signed: the last one that either side gave. Raises Reject where the agreement has
    reason codes and nobody gave one."""
    given = [step.reason for step in await unit.exceptions.history(exception.id or "") if step.reason]
    if agreement.reasons and not given:
        raise Reject(f"say why with one of the agreement's reasons: {', '.join(agreement.reasons)}",
                     reason="REASON_MISSING")
    return given[-1] if given else None


def settled_in(agreement: Agreement, measure: View) -> PlanMeasure:
    """Where what is settled about `measure` stands: in the consensus, or beside it in the hub's order forecast."""
    return "consensus" if measure == view_of(agreement) else measure


async def _sign(unit: Unit, agreed: list[ForecastException], stands: PlanMeasure) -> None:
    """What both sides signed becomes the newest consensus, or order forecast, of their agreement."""
    name = agreed[0].agreement
    latest = await unit.plans.latest(name, HUB, stands)
    if latest is None:
        raise NotFound(f"agreement {name!r} has no consensus yet: run the planning cycle first", reason="NO_PLAN")
    series = with_cells(latest[1], agreed)
    version = await unit.plans.add(
        PlanVersion(agreement=name, author=HUB, measure=stands, first_week=series.first_week, weeks=series.weeks,
                    source=agreed[0].id), series)
    await unit.queue.defer(
        "tell_revision", lock=f"tell:{name}", version=str(version), exceptions=" ".join(e.id or "" for e in agreed))


def _step(
    actor: str, act: str, reached: ForecastException, now: datetime, said: Move | None = None
) -> ExceptionStep:
    quantity = reached.settled if reached.settled is not None else reached.offered
    return ExceptionStep.model_validate({
        "act": act, "actor": actor, "state": reached.state, "quantity": quantity, "at": now,
        "reason": said.reason if said else None, "comment": said.comment if said else None,
    })


def _said(act: Move) -> dict[str, object]:
    return {name: value for name, value in asdict(act).items() if value is not None and name not in ("act", "actor")}


def _event(exception: ForecastException, agreement: Agreement, act: Move) -> HubEvent:
    return HubEvent(
        type=f"exception.{exception.state}", subject=exception.id or "", data={"act": act.act, "by": act.actor},
        partners=tuple(m.partner for m in agreement.members))
