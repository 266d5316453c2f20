"""Service Catalogue: what is traded, and where."""

from __future__ import annotations

from hub.errors import NotFound
from hub.model.query import Compare
from hub.ports import Units
from hub.rpc import convert
from hub.rpc.identity import Context, caller
from hub.rpc.listings import ITEMS, LOCATIONS
from hub.rpc.names import id_of
from hub.rpc.pages import PageTokens
from hub.rpc.pb.v1 import catalogue_pb2 as pb
from hub.rpc.pb.v1.catalogue_pb2_grpc import CatalogueServicer


class Catalogue(CatalogueServicer):
    """Items and locations that the caller owns, has a name for, or shares."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def GetItem(self, request: pb.GetItemRequest, context: Context) -> pb.Item:
        only = Compare("gtin", "=", id_of("items", request.name))
        async with self._units.door(caller()) as unit:
            found = await unit.catalogue.items(limit=1, where=only)
        if not found:
            raise NotFound(f"no item {request.name!r}")
        return convert.item(found[0])

    async def GetLocation(self, request: pb.GetLocationRequest, context: Context) -> pb.Location:
        only = Compare("gln", "=", id_of("locations", request.name))
        async with self._units.door(caller()) as unit:
            found = await unit.catalogue.locations(limit=1, where=only)
        if not found:
            raise NotFound(f"no location {request.name!r}")
        return convert.location(found[0])

    async def ListItems(self, request: pb.ListItemsRequest, context: Context) -> pb.ListItemsResponse:
        partner = caller()
        query = self._pages.query(request, partner, ITEMS)
        async with self._units.door(partner) as unit:
            page = await unit.catalogue.items(**query)
        return pb.ListItemsResponse(
            items=[convert.item(card) for card in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def ListLocations(
        self, request: pb.ListLocationsRequest, context: Context
    ) -> pb.ListLocationsResponse:
        partner = caller()
        query = self._pages.query(request, partner, LOCATIONS)
        async with self._units.door(partner) as unit:
            page = await unit.catalogue.locations(**query)
        return pb.ListLocationsResponse(
            locations=[convert.location(place) for place in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )
