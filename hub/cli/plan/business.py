"""`hub plan business`: the joint business plan of two partners, and how it stands."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.cli.plan.group import Json, ask, plan, the_agreement
from hub.cli.terminal import listing, out
from hub.errors import NotFound
from hub.flow.business import tracked
from hub.model.business_plan import BusinessPlan
from hub.performance.joint_plan import Standing


@plan.command("business")
def business_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="as on this day; today")] = None,
    as_json: Json = False,
) -> None:
    """The joint business plan: targets against what has come, events, item-site policies.

    It is kept in business/AGREEMENT.toml of one partner's directory and enters with `hub partner apply`.

    Example: [bold]hub plan business retail --json[/]
    """
    day = as_of.date() if as_of else datetime.now(UTC).date()
    found, stands = ask(_business, agreement, day)
    listing("Targets", [line(one) for one in stands], as_json)
    if as_json:
        return
    listing("Events", [
        {"event": e.name, "kind": e.kind, "from": str(e.start), "to": str(e.end), "items": len(e.items) or "all",
         "places": len(e.locations) or "all", "lift %": None if e.lift is None else f"{e.lift:f}"}
        for e in found.events], False)
    if found.policies:
        out.print(f"{len(found.policies)} item-site policies; see `hub agreement tell` to send them.")


async def _business(hub: Hub, name: str, day: date) -> tuple[BusinessPlan, list[Standing]]:
    async with hub.units.worker() as unit:
        agreement = await the_agreement(unit, name)
        found = await unit.business_plans.get(name)
        if found is None:
            raise NotFound(f"agreement {name!r} has no joint business plan: write business/{name}.toml and apply it")
        return found, await tracked(unit, agreement, found, day)


def line(one: Standing) -> dict[str, Any]:
    """One target as it stands; amounts in base units or the agreement's currency, rates in percent or per year."""
    target = one.target
    return {
        "measure": target.measure, "group": target.group or "all", "from": str(target.start), "to": str(target.end),
        "target": float(target.value), "by now": None if math.isnan(one.expected) else round(one.expected, 2),
        "actual": None if math.isnan(one.actual) else round(one.actual, 2), "stands": one.state}
