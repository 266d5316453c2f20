"""Service Replenishment: stock projected week by week, and orders proposed with their reason."""

from __future__ import annotations

from typing import Any

from hub.model.plan import PlanMeasure
from hub.ports import Page, Replenished, Units
from hub.rpc import convert_replenishment as convert
from hub.rpc.filters import Fields
from hub.rpc.identity import Context, caller
from hub.rpc.listings import ORDER_PROPOSALS, PROJECTIONS
from hub.rpc.names import id_of, wanted_id
from hub.rpc.pages import PageTokens, page_size
from hub.rpc.pb.v1 import replenishment_pb2 as pb
from hub.rpc.pb.v1.replenishment_pb2_grpc import ReplenishmentServicer


class Replenishment(ReplenishmentServicer):
    """What the cycles of the caller's agreements have planned, as far as those show it."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

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

    async def _get(self, measure: PlanMeasure, id: str) -> Replenished:
        async with self._units.door(caller()) as unit:
            return await unit.replenishment.get(measure, id)

    async def _list(self, measure: PlanMeasure, request: Any, fields: Fields) -> Page[Replenished]:
        partner, agreement = caller(), wanted_id("agreements", request.agreement, "agreement")
        where, order = fields.condition(request.filter), fields.sorts(request.order_by)
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            return await unit.replenishment.list(
                measure, agreement=agreement, limit=size, after=after, where=where, order=order)
