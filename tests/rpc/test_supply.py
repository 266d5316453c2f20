"""What is on its way and what is there, for both sides of an order and as far as an agreement shows it."""

from __future__ import annotations

import grpc
import pytest

from hub.client import CallError
from tests.rpc.conftest import GTIN, PLACES, World


async def test_both_sides_of_an_order_see_what_is_on_its_way_whoever_the_envelope_named(world: World) -> None:
    for partner in ("north", "south"):
        async with world.by_token(partner) as hub:
            (shipment,) = [one async for one in hub.shipments()]
            assert (shipment.number, shipment.seller, shipment.buyer) == (
                "retail-S1", "partners/south", "partners/north")
            assert {shipment.order} == world.visible["orders"][partner]
            assert (shipment.carrier, shipment.tracking_number, shipment.package_count) == ("CARR", "T1", 1)
            (item,) = shipment.items
            assert (item.gtin, item.quantity.value, item.sscc, item.order_line) == (GTIN, "12", "0" * 18, "1")
            assert shipment.ship_to.id == PLACES["retail"]
            assert await hub.shipment(shipment.name) == shipment
            assert [one async for one in hub.shipments(filter=f'order = "{shipment.order}"')] == [shipment]
            assert [one async for one in hub.shipments(filter='number = "w*"', order_by="number")] == []


async def test_of_a_purged_despatch_only_its_head_is_left(world: World) -> None:
    async with world.units.worker() as unit:
        (theirs,) = world.visible["orders"]["north"]
        message = (await unit.orders.get(theirs.removeprefix("orders/"))).message
        await unit.orders.happen(theirs.removeprefix("orders/"), "despatch", "unkept", message, {})
    async with world.by_token("north") as hub:
        (head,) = [one async for one in hub.shipments(filter="number = unkept")]
        assert (list(head.items), head.HasField("ship_date")) == ([], False)


async def test_stock_is_the_newest_count_that_was_not_withdrawn_of_what_the_agreement_shows(world: World) -> None:
    async with world.by_token("north") as buyer, world.by_token("south") as seller:
        (ours,) = [one async for one in buyer.inventory_positions()]
        (theirs,) = [one async for one in seller.inventory_positions()]
        assert [(count.observation, count.quantity, count.date.day) for count in ours.counts] == [
            ("damaged", 1, 20), ("on_hand", 7, 20)]
        assert [count.observation for count in theirs.counts] == ["on_hand"]
        assert await seller.inventory_position(theirs.name) == theirs
        assert [one async for one in seller.inventory_positions(filter=f'gln = "{PLACES["wholesale"]}"')] == []


@pytest.mark.parametrize("name", ["inventoryPositions/retail", "inventoryPositions/wholesale-1-2"])
async def test_a_name_that_is_none_is_not_found(world: World, name: str) -> None:
    async with world.by_token("north") as hub:
        with pytest.raises(CallError) as refused:
            await hub.inventory_position(name)
        assert refused.value.code is grpc.StatusCode.NOT_FOUND
