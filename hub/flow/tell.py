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
from hub.model.agreement import Agreement, Role
from hub.model.exception import View
from hub.model.exchange import Document
from hub.model.forecast import ForecastKind
from hub.model.party import Party


async def tell_members(
    dispatch: Dispatch, agreement: Agreement, documents: Mapping[str, Document], cause: str | None = None
) -> tuple[int, list[Finding]]:
    """Send each member the first of `documents` (kind -> document) that its profile has a table for; how many were
    sent, and what kept others from it."""
    sent = 0
    findings: list[Finding] = []
    for member in agreement.members:
        receives = dispatch.context.profiles[member.partner].receives
        kind = next((kind for kind in documents if kind in receives), None)
        if kind is not None:
            done, found = await dispatch.send(
                kind, documents[kind], sender=None, receiver=member.partner, cause=cause)
            sent += done is not None
            findings += [] if done else found
    return sent, findings


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
