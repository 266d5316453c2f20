"""Handling units go through a UBL DespatchAdvice and come out as the same tree as in an 856 or DESADV."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.xml.format import Xml
from hub.cli.explain import formats
from hub.errors import Finding, Severity
from hub.model.despatch import Despatch, DespatchedItem, HandlingUnit
from hub.model.exchange import Reading
from hub.model.marks import Label
from hub.model.packing import Packing
from hub.model.reference import Reference
from hub.ports import Guide
from tests.xml.samples import ENVELOPE
from tests.xml.test_random import decimals, texts

XML = Xml()
UBL = "ubl/2.1/DespatchAdvice"
MESSAGES = Path(__file__).parents[1] / "messages"
ADVICES = [path for kind in ("x12-004010-856", "edifact-D96A-DESADV") for path in MESSAGES.glob(f"{kind}/pass/*.edi")]


def again(document: Despatch) -> Any:
    content = XML.write("ubl/2.1/DespatchAdvice", [document], ENVELOPE, None)
    (reading,) = [e for e in XML.read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Reading)]
    assert not [f for f in reading.findings if f.severity is not Severity.INFO]
    return reading.document


def unnumbered(despatch: Any, left: frozenset[str] = frozenset()) -> Any:
    """Without the numbers of lines, which UBL demands and counts where they are not told, and what stands aside; of
    units and what is in them also without what is named as `left` out. A unit of which nobody says how big it is, is a
    pack there."""
    def lost(model: type[BaseModel], field: str) -> dict[str, Any]:
        return {name: of.default for name, of in model.model_fields.items() if f"{field}.{name}" in left}

    def of_item(item: DespatchedItem) -> DespatchedItem:
        return item.model_copy(update={"number": None, "aside": None, "units": tuple(map(of_unit, item.units)),
                                       **lost(DespatchedItem, "items")})

    def of_unit(unit: HandlingUnit) -> HandlingUnit:
        return unit.model_copy(update={"items": tuple(map(of_item, unit.items)), "kind": unit.kind or "pack",
                                       "units": tuple(map(of_unit, unit.units)), "aside": None,
                                       **lost(HandlingUnit, "units")})

    return despatch.model_copy(update={"items": tuple(map(of_item, despatch.items)),
                                       "units": tuple(map(of_unit, despatch.units))})


@pytest.mark.parametrize("path", sorted(ADVICES), ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_an_advice_has_the_same_tree_in_ubl(path: Path) -> None:
    format = formats()[path.parts[-3].partition("-")[0]]
    with path.open("rb") as file:
        found = [e.document for e in format.read(file, lambda _: Guide()) if isinstance(e, Reading)]
    for despatch in found:
        assert isinstance(despatch, Despatch)
        told = despatch.model_copy(update={"parties": (), "contacts": (), "dates": (), "notes": ()})
        after = again(told)
        named = [f.where.path for f in XML.left_out(UBL, told, None) if f.where.path]
        assert any(item.aside for item in told.items) == any(path.startswith("items.aside") for path in named)
        assert unnumbered(after).items == unnumbered(told).items
        left = frozenset(".".join(path.split(".")[-2:]) for path in named if path.startswith("units."))
        assert unnumbered(after).units == unnumbered(told, left).units


items = st.builds(DespatchedItem, quantity=decimals, unit=st.sampled_from(["case", "each"]), number=texts,
                  seller_item=texts, order_number=texts, order_line=st.none() | st.just("7"))
SSCC = st.integers(0, 10**18 - 1).map(lambda n: f"{n:018d}")


def boxes(items: st.SearchStrategy[Any], units: st.SearchStrategy[Any], kind: str) -> st.SearchStrategy[HandlingUnit]:
    """Units with and without a number, mark and weight."""
    return st.builds(
        HandlingUnit, kind=st.just(kind), sscc=st.none() | SSCC, count=st.none() | st.integers(1, 99),
        packaging=st.none() | st.sampled_from(["carton", "pallet"]), items=items, units=units,
        gross_weight=decimals, weight_unit=st.just("kilogram"))


def several(of: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=least, max_size=3).map(tuple)


none: st.SearchStrategy[tuple[Any, ...]] = st.just(())
packs = boxes(several(items), none, "pack")
pallets = boxes(several(items), several(packs, 1), "tare") | packs | boxes(several(items, 1), none, "tare")
divided = items.flatmap(lambda item: several(boxes(none, none, "pack"), 1).map(
    lambda found: item.model_copy(update={"units": found})))


def distinct(despatch: Despatch) -> bool:
    """A number is that of one unit."""
    numbers = [unit.sscc for outer in despatch.units for unit in (outer, *outer.units) if unit.sscc]
    return len(numbers) == len(set(numbers))


@given(despatch=st.builds(Despatch, number=texts, issued_on=st.dates(), items=several(items | divided, 1),
                          units=several(pallets)).filter(distinct))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_tree_of_units_is_read_back_as_it_was_written(despatch: Despatch) -> None:
    assert again(despatch) == despatch


def test_a_unit_that_is_told_twice_in_different_ways_is_named() -> None:
    path = MESSAGES / "ubl-2.1-DespatchAdvice" / "pass" / "pallets-and-cartons.xml"
    content = path.read_bytes().replace(b">310.5<", b">310<", 1)
    (reading,) = [e for e in XML.read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Reading)]
    (found,) = reading.findings
    assert found.code == "W-XML-UNMAPPED"
    assert (found.where.path or "").startswith("/DespatchAdvice/cac:DespatchLine[2]/cac:Shipment")


def test_a_fault_in_a_unit_is_told_where_it_stands_in_the_file() -> None:
    path = MESSAGES / "ubl-2.1-DespatchAdvice" / "pass" / "pallets-and-cartons.xml"
    content = path.read_bytes().replace(b'"KGM"', b'"???"', 1)
    (reading,) = [e for e in XML.read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Reading)]
    assert [f.where.path for f in told(reading)] == [
        "/DespatchAdvice/cac:DespatchLine[1]/cac:Shipment/cac:TransportHandlingUnit/cac:MeasurementDimension/cbc:Measure"]


def told(reading: Reading) -> list[Finding]:
    return [f for f in reading.findings if f.severity is not Severity.INFO]


def test_what_a_unit_says_beside_its_contents_is_left_out_by_name_and_the_advice_is_written() -> None:
    item = DespatchedItem(gtin="04012345000016", quantity=Decimal(12), unit="case")
    unit = HandlingUnit(
        kind="pack", sscc="340123450000000018", items=(item,), references=(Reference(kind="lot", number="L1"),),
        packings=(Packing(pack=Decimal(6)),), marks=(Label(kind="SHIPPER", number="7"),))
    document = Despatch(number="D1", units=(unit,))
    told = {found.where.path for found in XML.left_out("ubl/2.1/DespatchAdvice", document, None)}
    assert told == {"units.references", "units.packings", "units.marks"}
    (written,) = again(document).units
    assert (written.sscc, written.items[0].gtin) == (unit.sscc, item.gtin)
