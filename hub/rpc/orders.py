"""Service Orders: what was ordered and what the seller answered."""

from __future__ import annotations

from hub.ports import Units
from hub.rpc import convert
from hub.rpc.identity import Context, caller
from hub.rpc.names import id_of
from hub.rpc.pages import PageTokens, page_size
from hub.rpc.pb.v1 import orders_pb2 as pb
from hub.rpc.pb.v1.orders_pb2_grpc import OrdersServicer


class Orders(OrdersServicer):
    """The orders in which the caller is buyer or seller."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def GetOrder(self, request: pb.GetOrderRequest, context: Context) -> pb.Order:
        async with self._units.door(caller()) as unit:
            return convert.placed_order(await unit.orders.get(id_of("orders", request.name)))

    async def ListOrders(self, request: pb.ListOrdersRequest, context: Context) -> pb.ListOrdersResponse:
        partner = caller()
        state = convert.wanted(pb.Order.State, request.state, "state")
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            page = await unit.orders.list(state=state, limit=size, after=after)
        return pb.ListOrdersResponse(
            orders=[convert.placed_order(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )
