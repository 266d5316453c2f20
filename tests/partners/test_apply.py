"""Partners enter the hub in one transaction, once, and can be found there."""

from __future__ import annotations

from adapters.csv.master import read_master
from hub.ports import Units
from partners.book import EXAMPLES, apply, example_directories, load


async def test_applied_partners_items_and_agreements_are_in_the_hub(units: Units) -> None:
    partners, _ = load(example_directories(), read_master)
    async with units.worker() as unit:
        assert await apply(unit, partners) == list(EXAMPLES)
    async with units.worker() as unit:
        view = await unit.catalogue.snapshot()
        assert {p.name: p for p in await unit.partners.profiles()} == {p.name: p.profile for p in partners}
        assert {a.name for a in await unit.partners.agreements()} == {"retail", "wholesale", "copack"}
        assert (await unit.partners.overlays())["larkmoor"].keys() == {"x12/004010/850"}
    assert len(view.items) == 24
    assert view.codes["larkmoor", "buyer", "LM40010"] == "09521001100106"
    assert view.places["quillfield", "QDC"] == "9521001003018"
    assert view.factors["09521001100106", "case"] == 12
    assert view.factors["09521001100106", "each"] == 1


async def test_applying_the_same_again_changes_nothing_and_is_audited_once(units: Units) -> None:
    partners, _ = load(example_directories(), read_master)
    plans = sum(len(partner.plans) for partner in partners)
    assert plans
    for expected, entries in ((list(EXAMPLES), len(EXAMPLES) + plans), ([], 0)):
        async with units.worker() as unit:
            before = await unit.audit.verify()
            assert await apply(unit, partners) == expected
            assert await unit.audit.verify() == before + entries


async def test_the_order_of_the_directories_does_not_matter(units: Units) -> None:
    partners, _ = load(reversed(example_directories()), read_master)
    async with units.worker() as unit:
        await apply(unit, partners)
        view = await unit.catalogue.snapshot()
    assert len([key for key in view.codes if key[0] == "vandermoor"]) == 16
