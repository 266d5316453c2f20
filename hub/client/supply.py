"""What both clients can ask about items, places, shipments and stock: the sync form and the async one, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Unpack

from hub.client import queries
from hub.rpc.pb.v1 import catalogue_pb2, orders_pb2
from hub.rpc.pb.v1.catalogue_pb2_grpc import CatalogueStub
from hub.rpc.pb.v1.orders_pb2_grpc import OrdersStub


class Supply:
    """A part of `Client`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _catalogue: CatalogueStub
    _orders: OrdersStub

    def item(self, name: str, **more: Unpack[queries.Shown]) -> catalogue_pb2.Item:
        """One item, with what you call it."""
        found: catalogue_pb2.Item = self._call(self._catalogue.GetItem, catalogue_pb2.GetItemRequest(name=name, **more))
        return found

    def location(self, name: str, **more: Unpack[queries.Shown]) -> catalogue_pb2.Location:
        """One location."""
        found: catalogue_pb2.Location = self._call(
            self._catalogue.GetLocation, catalogue_pb2.GetLocationRequest(name=name, **more))
        return found

    def shipment(self, name: str, **more: Unpack[queries.Shown]) -> orders_pb2.Shipment:
        """What is on its way for one order."""
        found: orders_pb2.Shipment = self._call(
            self._orders.GetShipment, orders_pb2.GetShipmentRequest(name=name, **more))
        return found

    def shipments(self, **query: Unpack[queries.Supply]) -> Iterator[orders_pb2.Shipment]:
        """Shipments, newest first."""
        request = orders_pb2.ListShipmentsRequest(**query)
        found: Iterator[orders_pb2.Shipment] = self._all(self._orders.ListShipments, request, lambda r: r.shipments)
        return found

    def inventory_position(self, name: str, **more: Unpack[queries.Shown]) -> orders_pb2.InventoryPosition:
        """The newest counts of one item at one location."""
        found: orders_pb2.InventoryPosition = self._call(
            self._orders.GetInventoryPosition, orders_pb2.GetInventoryPositionRequest(name=name, **more))
        return found

    def inventory_positions(self, **query: Unpack[queries.Supply]) -> Iterator[orders_pb2.InventoryPosition]:
        """The newest counts of everything that the agreements show."""
        request = orders_pb2.ListInventoryPositionsRequest(**query)
        found: Iterator[orders_pb2.InventoryPosition] = self._all(
            self._orders.ListInventoryPositions, request, lambda r: r.inventory_positions)
        return found


class AsyncSupply:
    """A part of `AsyncClient`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _catalogue: Any
    _orders: Any

    async def item(self, name: str, **more: Unpack[queries.Shown]) -> catalogue_pb2.Item:
        """One item, with what you call it."""
        found: catalogue_pb2.Item = await self._call(
            self._catalogue.GetItem, catalogue_pb2.GetItemRequest(name=name, **more))
        return found

    async def location(self, name: str, **more: Unpack[queries.Shown]) -> catalogue_pb2.Location:
        """One location."""
        found: catalogue_pb2.Location = await self._call(
            self._catalogue.GetLocation, catalogue_pb2.GetLocationRequest(name=name, **more))
        return found

    async def shipment(self, name: str, **more: Unpack[queries.Shown]) -> orders_pb2.Shipment:
        """What is on its way for one order."""
        found: orders_pb2.Shipment = await self._call(
            self._orders.GetShipment, orders_pb2.GetShipmentRequest(name=name, **more))
        return found

    def shipments(self, **query: Unpack[queries.Supply]) -> AsyncIterator[orders_pb2.Shipment]:
        """Shipments, newest first."""
        request = orders_pb2.ListShipmentsRequest(**query)
        found: AsyncIterator[orders_pb2.Shipment] = self._all(
            self._orders.ListShipments, request, lambda r: r.shipments)
        return found

    async def inventory_position(self, name: str, **more: Unpack[queries.Shown]) -> orders_pb2.InventoryPosition:
        """The newest counts of one item at one location."""
        found: orders_pb2.InventoryPosition = await self._call(
            self._orders.GetInventoryPosition, orders_pb2.GetInventoryPositionRequest(name=name, **more))
        return found

    def inventory_positions(self, **query: Unpack[queries.Supply]) -> AsyncIterator[orders_pb2.InventoryPosition]:
        """The newest counts of everything that the agreements show."""
        request = orders_pb2.ListInventoryPositionsRequest(**query)
        found: AsyncIterator[orders_pb2.InventoryPosition] = self._all(
            self._orders.ListInventoryPositions, request, lambda r: r.inventory_positions)
        return found
