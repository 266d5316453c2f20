"""Service Replenishment: stock projected week by week, and orders proposed with their reason."""

from __future__ import annotations

import math
from typing import Any

from hub.flow.proposals import Wanted, release_proposals
from hub.model.plan import PlanMeasure
from hub.ports import Clock, Page, Replenished, Unit, Units
from hub.rpc import convert_replenishment as convert
from hub.rpc.deeds import once
from hub.rpc.errors import Invalid
from hub.rpc.filters import Fields
from hub.rpc.identity import Context, caller, who
from hub.rpc.listings import ORDER_PROPOSALS, PROJECTIONS
from hub.rpc.names import id_of, name, wanted_id
from hub.rpc.pages import PageTokens
from hub.rpc.pb.v1 import replenishment_pb2 as pb
from hub.rpc.pb.v1.replenishment_pb2_grpc import ReplenishmentServicer

MOST_RELEASED = 200
ETAGS = ("proposed", "released", "superseded")
"""A proposal never changes but for what becomes of it."""


class Replenishment(ReplenishmentServicer):
    """What the cycles of the caller's agreements have planned, as far as those show it."""

    def __init__(self, units: Units, pages: PageTokens, clock: Clock, hub_gln: str) -> None:
        self._units, self._pages, self._clock, self._hub_gln = units, pages, clock, hub_gln

    async def GetProjection(self, request: pb.GetProjectionRequest, context: Context) -> pb.Projection:
        return convert.projection(await self._get("on_hand_projection", id_of("projections", request.name)))

    async def ListProjections(
        self, request: pb.ListProjectionsRequest, context: Context
    ) -> pb.ListProjectionsResponse:
        page = await self._list("on_hand_projection", request, PROJECTIONS)
        return pb.ListProjectionsResponse(
            projections=[convert.projection(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, caller()))

    async def GetOrderProposal(self, request: pb.GetOrderProposalRequest, context: Context) -> pb.OrderProposal:
        return convert.order_proposal(await self._get("proposed_order", id_of("orderProposals", request.name)))

    async def ListOrderProposals(
        self, request: pb.ListOrderProposalsRequest, context: Context
    ) -> pb.ListOrderProposalsResponse:
        page = await self._list("proposed_order", request, ORDER_PROPOSALS)
        return pb.ListOrderProposalsResponse(
            order_proposals=[convert.order_proposal(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, caller()))

    async def ReleaseOrderProposals(
        self, request: pb.ReleaseOrderProposalsRequest, context: Context
    ) -> pb.ReleaseOrderProposalsResponse:
        """Visible to the caller must they be first; then all in one transaction."""
        agreement, wanted = id_of("agreements", request.agreement, "agreement"), _wanted(request)
        async with self._units.door(caller()) as unit:
            for one in wanted:
                await unit.replenishment.get("proposed_order", one.id)

        async def released(unit: Unit) -> pb.ReleaseOrderProposalsResponse:
            orders = await release_proposals(
                unit, agreement, wanted, partner=caller(), by=who().actor, today=self._clock.now().date(),
                hub_gln=self._hub_gln)
            return pb.ReleaseOrderProposalsResponse(orders=[name("orders", order) for order in orders])

        reply = await once(self._units, request, pb.ReleaseOrderProposalsResponse, released)
        async with self._units.door(caller()) as unit:
            for one in wanted:
                row = await unit.replenishment.get("proposed_order", one.id)
                reply.order_proposals.append(convert.order_proposal(row))
        return reply

    async def _get(self, measure: PlanMeasure, id: str) -> Replenished:
        async with self._units.door(caller()) as unit:
            return await unit.replenishment.get(measure, id)

    async def _list(self, measure: PlanMeasure, request: Any, fields: Fields) -> Page[Replenished]:
        partner, agreement = caller(), wanted_id("agreements", request.agreement, "agreement")
        query = self._pages.query(request, partner, fields)
        async with self._units.door(partner) as unit:
            return await unit.replenishment.list(measure, agreement=agreement, **query)


def _wanted(request: pb.ReleaseOrderProposalsRequest) -> list[Wanted]:
    """Raises Invalid with the place of what is wrong."""
    if len(request.releases) > MOST_RELEASED:
        raise Invalid("releases", f"must not be more than {MOST_RELEASED}.", reason="TOO_MANY")
    found = []
    for number, one in enumerate(request.releases):
        at = f"releases[{number}]"
        if one.etag and one.etag not in ETAGS:
            raise Invalid(f"{at}.etag", "must be the etag of a proposal, as it was read.", reason="MALFORMED_ETAG")
        if one.HasField("quantity") and not math.isfinite(one.quantity):
            raise Invalid(f"{at}.quantity", "must be a finite number.", reason="MALFORMED_QUANTITY")
        found.append(Wanted(
            id_of("orderProposals", one.name, f"{at}.name"), one.quantity if one.HasField("quantity") else None,
            one.etag == "proposed" if one.etag else None))
    return found
