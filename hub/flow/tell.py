"""What the process tells the partners, each in its own dialect.

A member is told what its profile has a table for in [receives]: `exception_criteria` and `location_profile` when an
agreement is made, `exception_notice` (or else `text_message`) when a planning run finds new exceptions,
`forecast_revision` when both have signed a number. Who has no table is not told; it reads over gRPC.
"""

from __future__ import annotations

from collections.abc import Mapping

from hub.errors import Finding
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.model.agreement import Agreement, Member, Role
from hub.model.exception import View
from hub.model.exchange import Document
from hub.model.forecast import ForecastKind
from hub.model.party import Party
from hub.model.plan import PlanMeasure


async def tell_members(
    dispatch: Dispatch, agreement: Agreement, documents: Mapping[str, Document], cause: str | None = None,
    measure: PlanMeasure | None = None,
) -> tuple[int, list[Finding]]:
    """Send each member the first of `documents` (kind -> document) that its profile has a table for; how many were
    sent, and what kept others from it. Only members who see `measure`, where one is given."""
    sent = 0
    findings: list[Finding] = []
    for member in agreement.members:
        if measure is None or measure in member.sees:
            done, found = await tell_member(dispatch, member, documents, cause)
            sent, findings = sent + done, findings + found
    return sent, findings


async def tell_member(
    dispatch: Dispatch, member: Member, documents: Mapping[str, Document], cause: str | None = None
) -> tuple[int, list[Finding]]:
    """Send it the first of `documents` that its profile has a table for: 1 if that was done, and what kept it off."""
    receives = dispatch.context.profiles[member.partner].receives
    kind = next((kind for kind in documents if kind in receives), None)
    if kind is None:
        return 0, []
    done, found = await dispatch.send(kind, documents[kind], sender=None, receiver=member.partner, cause=cause)
    return (1, []) if done else (0, list(found))


def anyone_hears(agreement: Agreement, context: Context, *kinds: str) -> bool:
    """Whether a member has a table for one of these documents."""
    return any(kind in context.profiles[m.partner].receives for m in agreement.members for kind in kinds)


def sides(agreement: Agreement, context: Context) -> dict[str, Party]:
    """Buyer and seller as documents name them."""
    roles: tuple[Role, Role] = ("buyer", "seller")
    profiles = {role: context.profiles[agreement.partner(role)] for role in roles}
    return {role: Party(id=p.gln, scheme="gln", name=p.title) for role, p in profiles.items()}


def named(gtin: str, agreement: Agreement, context: Context) -> dict[str, str | None]:
    """An item as both sides call it."""
    known = context.catalogue.items.get(gtin)
    return {
        "gtin": gtin, "description": known.name if known else None,
        "buyer_item": context.code(agreement.partner("buyer"), "buyer", gtin),
        "seller_item": context.code(agreement.partner("seller"), "seller", gtin)}


def base_unit(gtin: str, context: Context) -> str:
    """The unit in which the item is planned."""
    known = context.catalogue.items.get(gtin)
    return known.base_unit if known else "each"


def forecast_kind(measure: View) -> ForecastKind:
    """What is spoken of: sales, or orders."""
    return "order" if measure == "order_forecast" else "sales"
