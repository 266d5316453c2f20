"""A side's new view of the future enters the books: fenced, as one new version. The one way in for every door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from hub.errors import Conflict, Finding, Forbidden, NotFound, Reject, Severity
from hub.flow.check import plain, shown
from hub.model.agreement import Agreement
from hub.model.event import HubEvent
from hub.model.plan import Commit, PlanMeasure, PlanVersion, Series
from hub.planning.calendar import WEEK, first_future
from hub.planning.exceptions import LARGEST
from hub.planning.fences import Held, hold
from hub.planning.history import align
from hub.planning.levels import view_of
from hub.ports import Clock, Unit, Units

HUB = "hub"
A_WEEK_OF_RUNS = 200
"""Newest plans among which the first one of the week is looked for."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The version that was made; how many numbers in it were not taken, and what is to be said about them."""

    version: int
    held: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """One number of a planner's: `quantity` base units for the week that begins on `period`, and why."""

    gtin: str
    gln: str
    period: date
    quantity: float
    reason: str | None = None
    comment: str | None = None


async def accept(
    unit: Unit, agreement: Agreement, author: str, measure: PlanMeasure, said: Series, *, source: str | None,
    today: date, commits: Sequence[Commit] = (),
) -> Accepted:
    """Append `said` as the newest view of `author`; what the fences do not let through keeps its last number.

    `commits` are weeks of it that its author has committed to; kept with the version as far as they were taken. Holds
    the agreement's plans until the transaction ends. Raises Reject for quantities beyond comparison.
    """
    await unit.plans.hold(agreement.name)
    fenced, held = await _fenced(unit, agreement, author, measure, said, today)
    version = PlanVersion(
        agreement=agreement.name, author=author, measure=measure, first_week=fenced.first_week, weeks=fenced.weeks,
        source=source)
    not_taken = {(one.gtin, one.gln, one.period) for one in held}
    taken = [one for one in commits if (one.gtin, one.gln, one.period) not in not_taken]
    made = await unit.plans.add(version, fenced, commits=taken)
    return Accepted(made, len(held), findings(held, agreement, author))


async def _fenced(
    unit: Unit, agreement: Agreement, author: str, measure: PlanMeasure, said: Series, today: date
) -> tuple[Series, tuple[Held, ...]]:
    """Held against what the first planning run of this week planned with, or else the last one before; before the first
    one ever nothing is held. Many small steps with a run after each do not add up within a week."""
    planned = await unit.plans.versions(agreement.name, author=HUB, measure="proposed_order", limit=A_WEEK_OF_RUNS)
    if not planned or not max(agreement.fences.frozen, agreement.fences.slushy):
        return said, ()
    first = first_future(today, agreement.week_start)
    basis = next((one for one in reversed(planned) if one.first_week == first), planned[0])
    standing = await unit.plans.latest(agreement.name, author, measure, before=basis.id)
    agreed = await unit.plans.latest(agreement.name, HUB, "consensus" if measure == view_of(agreement) else measure)
    return hold(said, standing and standing[1], agreed and agreed[1], agreement.fences, first)


def findings(held: Sequence[Held], agreement: Agreement, author: str) -> tuple[Finding, ...]:
    """What was not taken, in words for who sent it."""
    other = next(m.partner for m in agreement.members if m.partner != author)
    return shown([_finding(one, agreement, other) for one in held])


def _finding(one: Held, agreement: Agreement, other: str) -> Finding:
    said, kept, fences = plain(one.said), plain(one.kept), agreement.fences
    refused = f"{said} for item {one.gtin} at {one.gln} in the week of {one.period} was not taken: "
    signing = f"agree with {other} on the exception (both signatures lift the fence)"
    if one.fence == "frozen":
        return Finding(
            code="E-FROZEN-WEEK", severity=Severity.ERROR, value=said,
            message=f"{refused}the next {fences.frozen} week(s) of agreement {agreement.name} are frozen, {kept} "
                    "stands.",
            hint=f"Change later weeks only, or {signing}.")
    return Finding(
        code="E-BEYOND-TOLERANCE", severity=Severity.ERROR, value=said,
        message=f"{refused}agreement {agreement.name} lets the next {fences.slushy} week(s) move by "
                f"{fences.tolerance:f} %, {kept} stands.",
        hint=f"Send a quantity from {plain(one.low)} to {plain(one.high)}, or {signing}.")


async def revise(
    units: Units, agreement: str, author: str, measure: PlanMeasure, edits: Sequence[Edit], *, clock: Clock,
    seen: int | None = None,
) -> Accepted:
    """`commit` in a transaction of its own."""
    async with units.worker() as unit:
        return await commit(unit, agreement, author, measure, edits, today=clock.now().date(), seen=seen)


async def commit(
    unit: Unit, agreement: str, author: str, measure: PlanMeasure, edits: Sequence[Edit], *, today: date,
    seen: int | None = None, by: str | None = None,
) -> Accepted:
    """Change single numbers of `author`'s newest view. `seen` is the version that the author looked at, `by` who the
    audit trail shall name instead of him.

    Raises Conflict when that is not the newest any more, Forbidden for who is no party, NotFound for an unknown
    agreement, and Reject for one not in force, for an item, place or week that it does not cover, for a quantity that
    is none, for a reason that is none of its own, and (ALL_FENCED) when the fences let none of the edits through.
    """
    found = await _agreement(unit, agreement)
    require(found, author, edits, today)
    latest = await _newest(unit, agreement, author, measure, seen)
    view = latest[1] if latest else None
    said = with_edits(view, edits)
    done = await accept(
        unit, found, author, measure, said, source=None, today=today, commits=_commits(edits, view))
    if done.held == len(set(edits)):
        raise Reject(" ".join(f"{f.message} {f.hint}" for f in done.findings[:3]), reason="ALL_FENCED")
    await _told(unit, found, author, measure, done, by or author, {"measure": measure, "edits": len(edits)})
    return done


async def submit(
    unit: Unit, agreement: str, author: str, measure: PlanMeasure, said: Series, *, today: date,
    seen: int | None = None, by: str | None = None,
) -> Accepted:
    """Put `said` in the place of `author`'s newest view, fences and all; raises what `commit` raises."""
    found = await _agreement(unit, agreement)
    require_whole(found, author, said, today)
    await _newest(unit, agreement, author, measure, seen)
    done = await accept(unit, found, author, measure, said, source=None, today=today)
    await _told(unit, found, author, measure, done, by or author, {"measure": measure, "series": len(said.keys)})
    return done


async def _agreement(unit: Unit, name: str) -> Agreement:
    found = {a.name: a for a in await unit.partners.agreements()}.get(name)
    if found is None:
        raise NotFound(f"there is no agreement {name!r}", reason="UNKNOWN_AGREEMENT")
    return found


async def _newest(
    unit: Unit, agreement: str, author: str, measure: PlanMeasure, seen: int | None
) -> tuple[PlanVersion, Series] | None:
    """The author's newest view, which nobody replaces before this transaction ends. Raises Conflict."""
    await unit.plans.hold(agreement)
    latest = await unit.plans.latest(agreement, author, measure)
    if seen is not None and (latest is None or latest[0].id != seen):
        raise Conflict(f"{author} has a newer view than the one you changed: look at it again")
    return latest


def _commits(edits: Sequence[Edit], view: Series | None) -> list[Commit]:
    """The edits as they are remembered, each with what was said before."""
    rows = {} if view is None else {key: row for row, key in enumerate(view.keys)}

    def before(edit: Edit) -> float | None:
        row = rows.get((edit.gtin, edit.gln))
        if view is None or row is None:
            return None
        week = (edit.period - view.first_week).days // WEEK
        said = float(view.values[row, week]) if 0 <= week < view.weeks else np.nan
        return None if np.isnan(said) else said

    return [Commit(gtin=edit.gtin, gln=edit.gln, period=edit.period, quantity=edit.quantity, before=before(edit),
                   reason=edit.reason, comment=edit.comment) for edit in edits]


async def _told(
    unit: Unit, agreement: Agreement, author: str, measure: PlanMeasure, done: Accepted, by: str,
    detail: dict[str, object],
) -> None:
    """In the audit trail, and to both sides."""
    await unit.audit.record(by, "forecast.revised", agreement.name, detail)
    partners = tuple(m.partner for m in agreement.members)
    await unit.events.publish([HubEvent(
        type="forecast.revised", subject=f"{agreement.name}/{done.version}", partners=partners,
        data={"author": author, "measure": measure})])


def require(agreement: Agreement, author: str, edits: Sequence[Edit], today: date) -> None:
    """Raises Forbidden or Reject for what this author may not change, or nobody."""
    _may(agreement, author, today)
    if not edits:
        raise Reject("say which numbers to change", reason="NOTHING_TO_CHANGE")
    first, covered = first_future(today, agreement.week_start), _covering(agreement)
    for edit in edits:
        where = covered(edit.gtin, edit.gln)
        if not 0 <= edit.quantity <= LARGEST:
            raise Reject(f"{plain(edit.quantity)} for {where} is no forecast: send 0 or more base units",
                         reason="BAD_QUANTITY")
        if edit.reason and agreement.reasons and edit.reason not in agreement.reasons:
            raise Reject(f"{edit.reason!r} is no reason of this agreement: {', '.join(agreement.reasons)}",
                         reason="UNKNOWN_REASON")
        weeks, off = divmod((edit.period - first).days, WEEK)
        if off or not 0 <= weeks < agreement.horizon_weeks:
            raise _outside(agreement, edit.period, first)


def require_whole(agreement: Agreement, author: str, said: Series, today: date) -> None:
    """As `require`, for a whole view."""
    _may(agreement, author, today)
    covered = _covering(agreement)
    for gtin, gln in said.keys:
        covered(gtin, gln)
    if np.isinf(said.values).any() or np.nanmin(said.values, initial=0.0) < 0 or (
            np.nanmax(said.values, initial=0.0) > LARGEST):
        raise Reject("a forecast is 0 or more base units in each week, or says nothing of it", reason="BAD_QUANTITY")
    first = first_future(today, agreement.week_start)
    weeks, off = divmod((said.first_week - first).days, WEEK)
    if off or weeks < 0 or weeks + said.weeks > agreement.horizon_weeks:
        raise _outside(agreement, said.first_week, first)


def _may(agreement: Agreement, author: str, today: date) -> None:
    if author not in {m.partner for m in agreement.members}:
        raise Forbidden(f"{author} is no party to agreement {agreement.name!r}", reason="NOT_A_PARTY")
    if not agreement.in_force(today):
        raise Reject(f"agreement {agreement.name!r} is not in force on {today}", reason="NOT_IN_FORCE")


def _covering(agreement: Agreement) -> Callable[[str, str], str]:
    """Says an item-location in words, and raises Reject for one that is not in the agreement."""
    items, places = frozenset(agreement.items), frozenset(agreement.locations)

    def covered(gtin: str, gln: str) -> str:
        where = f"item {gtin} at {gln}"
        if (items and gtin not in items) or (places and gln not in places):
            raise Reject(f"agreement {agreement.name!r} does not cover {where}", reason="OUTSIDE_AGREEMENT")
        return where

    return covered


def _outside(agreement: Agreement, said: date, first: date) -> Reject:
    return Reject(
        f"{said} begins no week of the plan, or the series reaches beyond it: its {agreement.horizon_weeks} weeks "
        f"begin on {first} and every seven days after", reason="OUTSIDE_HORIZON")


def with_edits(view: Series | None, edits: Sequence[Edit]) -> Series:
    """The view with these numbers in their cells, on as many items and weeks as that takes."""
    days = [edit.period for edit in edits]
    wanted = tuple(dict.fromkeys((edit.gtin, edit.gln) for edit in edits))
    view = view or Series((), min(days), np.empty((0, 0)))
    keys = (*view.keys, *(key for key in wanted if key not in set(view.keys)))
    first = min(view.first_week, *days)
    ends = max(view.first_week + timedelta(weeks=view.weeks), max(days) + timedelta(weeks=1))
    grown = align(view, keys, first, (ends - first).days // WEEK)
    values, rows = grown.values.copy(), {key: row for row, key in enumerate(keys)}
    for edit in edits:
        values[rows[edit.gtin, edit.gln], (edit.period - first).days // WEEK] = edit.quantity
    return replace(grown, values=values)
