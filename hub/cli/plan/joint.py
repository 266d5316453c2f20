"""The joint forecast of one item at one place, gathered once, for a terminal, a page or a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from hub.app import Hub
from hub.cli.plan.group import the_agreement
from hub.errors import NotFound
from hub.flow.first_look import look_at
from hub.model.agreement import Agreement, Member
from hub.model.exception import ForecastException
from hub.model.item import Item, Location
from hub.model.performance import MetricException
from hub.model.plan import PlanMeasure, Reason, Series
from hub.planning.first_look import Row
from hub.planning.levels import view_of
from hub.ports import CatalogueView, Unit

PAST = 15
"""Weeks of history that are shown before the future."""
SHOWN = 200
Weeks = dict[date, float]


@dataclass(frozen=True, slots=True)
class Joint:
    """What both sides, history and the hub say of `item` at `place`, by week, base units. `views` has the keys buyer,
    seller, baseline, consensus, order, stock; `error` is the standard deviation of a week's baseline. `here` are the
    exceptions of this item and place, `elsewhere` the dearest of the agreement. `made` says why the baseline is what it
    is, `agreed` why the consensus is, `projected` what the stock begins with. `orders` are the exceptions about orders
    of this item and place, `metrics` those of the agreement's last scorecard. `first` is what the scenario of the
    agreement has a planner look at first; empty in what a partner is shown."""

    agreement: Agreement
    catalogue: CatalogueView
    item: Item
    place: Location
    views: dict[str, Weeks]
    history: Weeks
    error: float
    here: tuple[ForecastException, ...]
    elsewhere: tuple[ForecastException, ...]
    made: Reason | None = None
    agreed: Reason | None = None
    orders: tuple[ForecastException, ...] = ()
    metrics: tuple[MetricException, ...] = ()
    projected: Reason | None = None
    first: tuple[Row, ...] = ()

    @property
    def pressing(self) -> bool:
        """Whether anything of the first look is in dispute: then it is shown above the single item."""
        return any(row["at stake"] for row in self.first)

    @property
    def weeks(self) -> list[date]:
        """Of the future, in order."""
        return sorted({week for view in self.views.values() for week in view})


async def gather(
    hub: Hub, name: str, item: str | None, place: str | None, as_of: datetime | None = None, partner: str | None = None
) -> Joint:
    """Of the item and place most in dispute where they are left out; as it was known at `as_of`, and as `partner` may
    see it, where these are given. Raises NotFound."""
    async with hub.units.worker() if partner is None else hub.units.door(partner) as unit:
        agreement = await _shown_agreement(unit, name)
        worst = (await unit.exceptions.list(agreement=name, limit=SHOWN)).rows if as_of is None else tuple(
            await unit.exceptions.known(name, as_of, SHOWN))
        measure = view_of(agreement)
        orders, worst = (tuple(e for e in worst if (e.measure == measure) == own) for own in (False, True))
        catalogue = await unit.catalogue.snapshot()
        gtin = (item or (worst[0].gtin if worst else next(iter(agreement.items or catalogue.items), ""))).zfill(14)
        gln = place or (worst[0].gln if worst else next(iter(agreement.locations or catalogue.locations), ""))
        if gtin not in catalogue.items or gln not in catalogue.locations:
            raise NotFound(f"there is no item {gtin!r} at a place {gln!r}")
        wanted: list[tuple[str, str, PlanMeasure]] = [
            ("buyer", agreement.partner("buyer"), measure), ("seller", agreement.partner("seller"), measure),
            ("baseline", "hub", "baseline"), ("consensus", "hub", "consensus"), ("order", "hub", "order_forecast"),
            ("stock", "hub", "on_hand_projection"), ("error", "hub", "forecast_error"),
        ]
        found = {title: await unit.plans.latest(name, author, what, as_of=as_of)
                 for title, author, what in wanted}
        why = {title: await unit.plans.reason(version[0].id, gtin, gln) if (version := found[title]) else None
               for title in ("baseline", "consensus", "stock")}
        views = {title: of(version[1], gtin, gln) for title, version in found.items() if version}
        error = next(iter(views.pop("error", {}).values()), float("nan"))
        return Joint(
            agreement, catalogue, catalogue.items[gtin], catalogue.locations[gln], views,
            await _history(
                unit, agreement, gtin, gln, min((min(v) for v in views.values() if v), default=None), as_of), error,
            tuple(e for e in worst if (e.gtin, e.gln) == (gtin, gln)),
            tuple(e for e in worst if (e.gtin, e.gln) != (gtin, gln)), why["baseline"], why["consensus"],
            tuple(e for e in orders if (e.gtin, e.gln) == (gtin, gln)),
            tuple(await unit.scorecards.exceptions(name, as_of)), why["stock"],
            tuple(await look_at(unit, agreement, as_of)) if partner is None else ())


async def _shown_agreement(unit: Unit, name: str) -> Agreement:
    """To who is no member, between whom it is and what it grants him. Raises NotFound."""
    granted = next((one for one in await unit.partners.granted() if one.agreement == name), None)
    if granted is None:
        return await the_agreement(unit, name)
    sides = (Member(partner=granted.buyer, role="buyer", sees=()),
             Member(partner=granted.seller, role="seller", sees=()))
    return Agreement(
        name=name, members=sides, valid_from=granted.grants[0].valid_from or date.min, visibility=granted.grants,
        items=tuple(gtin for one in granted.grants for gtin in one.items),
        locations=tuple(gln for one in granted.grants for gln in one.locations))


def limits(joint: Joint, level: int) -> dict[date, tuple[float, float]]:
    """The lower and upper limit of the baseline's weeks that should hold `level` percent of what comes."""
    weeks = sorted(joint.views.get("baseline", {}))
    if joint.made is None or f"lower_{level}" not in joint.made.parts:
        return {}
    return dict(zip(weeks, zip(*(joint.made.parts[f"{side}_{level}"] for side in ("lower", "upper")), strict=True),
                    strict=False))


def reasons(joint: Joint) -> list[tuple[str, str]]:
    """Why the numbers are what they are, as pairs of a heading and a sentence: the models and how good they were where
    they could not look, what promotions add, who decided the weeks, and the weights of both sides."""
    said: list[tuple[str, str]] = []
    if joint.made is not None:
        scores = joint.made.whole.get("scores", {})
        used = [f"{name} (missed {100 * scores[name]:.0f} % before)" if name in scores else name
                for name in joint.made.made_by.split("+")]
        said.append(("history says", f"mean of {', '.join(used)}" if len(used) > 1 else used[0].replace("_", " ")))
        added = joint.made.parts.get("promotion", ())
        if any(added):
            said.append(("promotions add", ", ".join(f"{value:,.0f} in week {week}" for week, value in
                                                     enumerate(added, 1) if value)))
    if joint.agreed is not None:
        said += _decided(joint.agreed)
    (late, *_) = joint.projected.parts.get("late", (0.0,)) if joint.projected is not None else (0.0,)
    if late:
        said.append(("late", f"{late:,.0f} ordered should have come by now, and no receipt has; expected any day"))
    return said


def _decided(agreed: Reason) -> list[tuple[str, str]]:
    names, weeks = agreed.whole.get("rules", []), agreed.parts.get("rule", ())
    by_rule: dict[str, list[int]] = {}
    for week, rule in enumerate(weeks, 1):
        name = "no dispute" if names[int(rule)] == "agreed" else names[int(rule)].replace("_", " ")
        by_rule.setdefault(name, []).append(week)
    said = [("agreed by", "; ".join(
        f"{rule} in week{'s' * (len(found) > 1)} {_stretches(found)}" for rule, found in by_rule.items()))]
    for row in agreed.whole.get("weights", []):
        if row["lag"] in (1, 4, 8) and not row["promoted"]:
            shares = ", ".join(_weight(row, party) for party in ("buyer", "seller", "baseline"))
            said.append((f"weights {row['lag']} ahead", f"{shares}; from {row['cells']:,} weeks known"))
    return said


def _stretches(weeks: Sequence[int]) -> str:
    """Ascending week numbers in a few words: `1, 5 to 13`."""
    runs: list[list[int]] = []
    for week in weeks:
        if runs and week == runs[-1][-1] + 1:
            runs[-1].append(week)
        else:
            runs.append([week])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _weight(row: Mapping[str, Any], party: str) -> str:
    """What a party counts, how much of it for the level that its weeks share, and its bias factor; what is left to the
    plain mean is in it."""
    trust, parties = row.get("trust", 1.0), sum(name.startswith("weight.") for name in row)
    cells, level = trust * row[f"weight.{party}"] + (1 - trust) / parties, trust * row.get(f"level.{party}", 0.0)
    for_level = f" ({level:.0%} for its level)" if round(level, 2) else ""
    return f"{party} {cells + level:.0%}{for_level} × {1 + trust * (row[f'bias.{party}'] - 1):.2f}"


async def _history(
    unit: Unit, agreement: Agreement, gtin: str, gln: str, first: date | None, as_of: datetime | None
) -> Weeks:
    if agreement.demand == "orders" or first is None:
        return {}
    rows = await unit.observations.history(
        agreement.name, agreement.demand, first - timedelta(weeks=PAST), first - timedelta(days=1), as_of)
    mine = rows.filter(gtin=gtin, gln=gln).group_by("period").agg(pl.col("quantity").sum())
    return dict(sorted(zip(mine["period"].to_list(), mine["quantity"].to_list(), strict=True)))


def of(series: Series, gtin: str, gln: str) -> Weeks:
    """The known weeks of one item at one place."""
    if (gtin, gln) not in series.keys:
        return {}
    values = series.values[series.keys.index((gtin, gln))]
    return {
        series.first_week + timedelta(weeks=week): float(value)
        for week, value in enumerate(values) if not np.isnan(value)
    }
