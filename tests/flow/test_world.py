"""What is known of partners and catalogue is read once, and anew as soon as any of it has changed."""

from __future__ import annotations

import pytest

from hub.model.item import Item
from hub.ports import Unit
from hub.store.catalogue import StoredCatalogue
from tests.flow.conftest import Trading

NEW = Item(gtin="00012345678905", name="Something new", base_unit="each")


async def known(trading: Trading, unit: Unit) -> bool:
    context, _ = await trading.hub.dialects.world.known(unit, trading.hub.clock.now().date())
    return NEW.gtin in context.catalogue.items


async def test_the_catalogue_is_not_read_again_while_nothing_changes(
    trading: Trading, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trading.hub.units.worker() as unit:
        assert not await known(trading, unit)
    read = []
    asked = StoredCatalogue.snapshot
    monkeypatch.setattr(StoredCatalogue, "snapshot", lambda self: read.append(self) or asked(self))
    for _ in range(3):
        async with trading.hub.units.worker() as unit:
            assert not await known(trading, unit)
    assert read == []


async def test_a_new_item_is_known_to_the_next_file(trading: Trading) -> None:
    async with trading.hub.units.worker() as unit:
        assert not await known(trading, unit)
        await unit.catalogue.put("larkmoor", [NEW], [], [], [])
    async with trading.hub.units.worker() as unit:
        assert await known(trading, unit)


async def test_what_a_transaction_took_back_is_not_believed_afterwards(trading: Trading) -> None:
    async def change_one_s_mind() -> None:
        async with trading.hub.units.worker() as unit:
            await unit.catalogue.put("larkmoor", [NEW], [], [], [])
            assert await known(trading, unit)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_one_s_mind()
    async with trading.hub.units.worker() as unit:
        await unit.catalogue.put("larkmoor", [NEW.model_copy(update={"gtin": "00012345678912"})], [], [], [])
    async with trading.hub.units.worker() as unit:
        assert not await known(trading, unit)


async def test_formats_are_compiled_anew_only_for_another_overlay(trading: Trading) -> None:
    before = await trading.hub.dialects.current()
    async with trading.hub.units.worker() as unit:
        await unit.catalogue.put("larkmoor", [NEW], [], [], [])
    assert await trading.hub.dialects.current() is before
    own = trading.partners["larkmoor"]
    async with trading.hub.units.worker() as unit:
        await unit.partners.put(own.profile, own.agreements, {})
    assert await trading.hub.dialects.current() is not before
