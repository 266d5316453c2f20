"""Service Orders: what was ordered, what the seller answered, what is on its way and what is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from hub.ports import Unit, Units
from hub.rpc import convert, convert_supply
from hub.rpc.identity import Context, caller
from hub.rpc.listings import INVENTORY_POSITIONS, ORDERS, SHIPMENTS
from hub.rpc.names import id_of
from hub.rpc.pages import PageTokens
from hub.rpc.pb.v1 import orders_pb2 as pb
from hub.rpc.pb.v1.orders_pb2_grpc import OrdersServicer
from hub.rpc.watching import Watchers


class Orders(OrdersServicer):
    """The orders in which the caller is buyer or seller."""

    def __init__(self, units: Units, pages: PageTokens, watchers: Watchers) -> None:
        self._units, self._pages, self._watchers = units, pages, watchers

    async def GetOrder(self, request: pb.GetOrderRequest, context: Context) -> pb.Order:
        async with self._units.door(caller()) as unit:
            return convert.placed_order(await unit.orders.get(id_of("orders", request.name)))

    async def ListOrders(self, request: pb.ListOrdersRequest, context: Context) -> pb.ListOrdersResponse:
        partner = caller()
        state = convert.wanted(pb.Order.State, request.state, "state")
        query = self._pages.query(request, partner, ORDERS)
        async with self._units.door(partner) as unit:
            page = await unit.orders.list(state=state, **query)
        return pb.ListOrdersResponse(
            orders=[convert.placed_order(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def GetOrderTimeline(
        self, request: pb.GetOrderTimelineRequest, context: Context
    ) -> pb.OrderTimeline:
        async with self._units.door(caller()) as unit:
            happened = await unit.orders.timeline(id_of("orders", request.name))
        return pb.OrderTimeline(order=request.name, happenings=[convert.happening(one) for one in happened])

    async def GetShipment(self, request: pb.GetShipmentRequest, context: Context) -> pb.Shipment:
        async with self._units.door(caller()) as unit:
            return convert_supply.shipment(await unit.shipments.get(id_of("shipments", request.name)))

    async def ListShipments(self, request: pb.ListShipmentsRequest, context: Context) -> pb.ListShipmentsResponse:
        partner = caller()
        query = self._pages.query(request, partner, SHIPMENTS)
        async with self._units.door(partner) as unit:
            page = await unit.shipments.list(**query)
        return pb.ListShipmentsResponse(
            shipments=[convert_supply.shipment(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def GetInventoryPosition(
        self, request: pb.GetInventoryPositionRequest, context: Context
    ) -> pb.InventoryPosition:
        async with self._units.door(caller()) as unit:
            return convert_supply.inventory_position(
                await unit.stock.get(id_of("inventoryPositions", request.name)))

    async def ListInventoryPositions(
        self, request: pb.ListInventoryPositionsRequest, context: Context
    ) -> pb.ListInventoryPositionsResponse:
        partner = caller()
        query = self._pages.query(request, partner, INVENTORY_POSITIONS)
        async with self._units.door(partner) as unit:
            page = await unit.stock.list(**query)
        return pb.ListInventoryPositionsResponse(
            inventory_positions=[convert_supply.inventory_position(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def WatchOrders(
        self, request: pb.WatchOrdersRequest, context: Context
    ) -> AsyncIterator[pb.WatchOrdersResponse]:
        async def show(unit: Unit, id: str) -> pb.Order:
            return convert.placed_order(await unit.orders.get(id))

        async with aclosing(self._watchers.watch(request, pb.WatchOrdersResponse, "order", "order", show)) as replies:
            async for reply in replies:
                yield reply
