"""What EDIFACT says otherwise than rows do: packing levels, several marks, forecasts without certainty."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from hub.errors import Reject
from hub.model.despatch import Despatch
from hub.model.exchange import Address, Envelope, Numbers, Reading
from hub.model.forecast import Forecast, ForecastHeader
from hub.model.party import Party
from hub.model.receipt import Receipt, ReceivedUnit
from hub.ports import Guide
from tests.messages.test_messages import PASS, documents, label, table

ENVELOPE = Envelope(
    sender=Address(id="SENDER"),
    receiver=Address(id="RECEIVER"),
    numbers=Numbers(interchange=1),
    prepared_at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
)


def _despatch(*packing: str, version: str = "96A") -> tuple[Despatch, list[str]]:
    """What these packing levels mean, and the names of the warnings about them."""
    head = [f"UNH+1+DESADV:D:{version}:UN", "BGM+351+DA-1+9", "DTM+137:20261122:102", "NAD+BY+0614141000012::9"]
    rows = [*head, *packing]
    text = "UNB+UNOC:3+A+B+261122:0915+1'" + "".join(f"{row}'" for row in (*rows, f"UNT+{len(rows) + 1}+1", "UNZ+1+1"))
    [reading] = [e for e in Edifact().read(io.BytesIO(text.encode()), lambda _: Guide()) if isinstance(e, Reading)]
    assert isinstance(reading.document, Despatch)
    return reading.document, [f.code for f in reading.findings]


def test_goods_in_no_box_lie_in_the_consignment() -> None:
    despatch, _ = _despatch("CPS+1", "PAC+3++CT", "LIN+1++4012345100013:EN", "QTY+12:5:CS")
    assert (despatch.packages, despatch.packaging) == (3, "carton")
    assert [item.gtin for item in despatch.items] == ["04012345100013"]
    assert despatch.units == ()


def test_a_level_lies_in_the_one_that_it_names() -> None:
    despatch, _ = _despatch(
        "CPS+1", "CPS+2+1+3", "PAC+1++PX", "PCI+33E", "GIN+BJ+340123450000000018", "CPS+3+2+1", "PAC+1++CT"
    )
    [pallet] = despatch.units
    assert (pallet.kind, pallet.sscc) == ("tare", "340123450000000018")
    assert [unit.packaging for unit in pallet.units] == ["carton"]


def test_a_number_that_does_not_say_of_what_kind_it_is_is_one_that_both_know() -> None:
    despatch, told = _despatch("CPS+1", "LIN+1++4012345100013:EN", "PIA+1+4711+4712:SA", "QTY+12:5:CS")
    assert told == []
    [item] = despatch.items
    assert (item.seller_item, [(one.kind, one.code) for one in item.item_codes]) == ("4712", [("mutual", "4711")])


def test_a_level_whose_parent_was_not_told_is_kept_and_reported() -> None:
    despatch, warnings = _despatch("CPS+1", "CPS+3+2+1", "PAC+1++CT", "PCI+33E", "GIN+BJ+340123450000000018")
    assert warnings == ["W-EDIFACT-PACKING-PARENT"]
    assert [unit.sscc for unit in despatch.units] == ["340123450000000018"]


def test_a_level_that_names_itself_is_an_outermost_one() -> None:
    despatch, warnings = _despatch("CPS+7+7", "LIN+1++4012345100013:EN", "QTY+12:5:CS")
    assert warnings == []
    assert len(despatch.items) == 1


def test_every_mark_of_a_package_is_a_unit_of_its_own() -> None:
    despatch, told = _despatch(
        "CPS+1", "CPS+2+1+1", "PAC+2++CT", "PCI+33E", "GIN+BJ+340123450000000056", "GIN+BJ+340123450000000063"
    )
    assert told == []
    [group] = despatch.units
    assert [(unit.sscc, unit.count) for unit in group.units] == [
        ("340123450000000056", None),
        ("340123450000000063", None),
    ]


def _receipt(*packing: str) -> tuple[Receipt, list[str]]:
    """What these packing levels of a receiving advice mean, and the names of the warnings about them."""
    head = ["UNH+1+RECADV:D:96A:UN", "BGM+632+RA-1+9", "DTM+137:20261122:102", "NAD+BY+0614141000012::9"]
    rows = [*head, *packing]
    text = "UNB+UNOC:3+A+B+261122:0915+1'" + "".join(f"{row}'" for row in (*rows, f"UNT+{len(rows) + 1}+1", "UNZ+1+1"))
    [reading] = [e for e in Edifact().read(io.BytesIO(text.encode()), lambda _: Guide()) if isinstance(e, Reading)]
    assert isinstance(reading.document, Receipt)
    return reading.document, [f.code for f in reading.findings]


def _written(receipt: Receipt) -> list[str]:
    """The segments from the first packing level on."""
    text = Edifact().write("edifact/D96A/RECADV", [receipt], ENVELOPE, None).decode()
    return re.findall("(?<=')(?:CPS|PAC|PCI|GIN|LIN|QVR)[^']*", text)


def test_levels_that_say_nothing_are_the_delivery_itself() -> None:
    receipt, told = _receipt("CPS+1", "LIN+1++4012345100013:EN", "QTY+48:5:CS", "CPS+2", "LIN+2", "QTY+48:6:CS")
    assert (receipt.units, [line.inside for line in receipt.lines], told) == ((), [None, None], [])
    assert [row for row in _written(receipt) if row.startswith("CPS")] == ["CPS+1"]


def test_a_line_in_a_box_carries_its_number_and_says_it_once() -> None:
    packing = ["CPS+1++1", "PAC+1++CT", "PCI+33E", "GIN+BJ+340123450000000018", "LIN+1++4012345100013:EN"]
    receipt, _ = _receipt(*packing, "QTY+48:5:CS")
    [line] = receipt.lines
    assert (line.inside, line.sscc) == ("1", "340123450000000018")
    assert _written(receipt) == packing


def test_a_level_that_is_told_before_the_one_around_it_is_written_behind_it() -> None:
    units = (ReceivedUnit(number="B", inside="A", count=2), ReceivedUnit(number="A", kind="tare"))
    receipt = Receipt(number="R-1", issued_on=date(2026, 11, 22), buyer=Party(id="B"), units=units)
    assert _written(receipt) == ["CPS+A++3", "CPS+B+A", "PAC+2"]


@pytest.mark.parametrize("units", [
    (ReceivedUnit(number="2", inside="9", count=1),),
    (ReceivedUnit(number="2", kind="tare"), ReceivedUnit(number="2", kind="pack")),
])
def test_a_receipt_that_contradicts_itself_about_its_boxes_is_refused(units: tuple[ReceivedUnit, ...]) -> None:
    receipt = Receipt(number="R-1", issued_on=date(2026, 11, 22), buyer=Party(id="B"), units=units)
    with pytest.raises(Reject, match=r"does not name|do not lie in the same"):
        _written(receipt)


def test_another_dialect_tells_that_it_has_no_place_for_boxes() -> None:
    receipt, _ = _receipt("CPS+1++1", "PAC+1++CT", "PCI+33E", "GIN+BJ+340123450000000018", "LIN+1++4012345100013:EN",
                          "QTY+48:5:CS")
    lost = [found.where.path for found in X12().left_out("x12/004010/861", receipt, None)]
    assert lost == ["units", "lines.inside"]
    assert list(Edifact().left_out("edifact/D96A/RECADV", receipt, None)) == []


def test_how_firm_a_forecast_is_is_named_where_the_message_means_planned_ones() -> None:
    row = dict.fromkeys(Forecast.SCHEMA) | {
        "gtin": "04012345100013",
        "location": "0614141000036",
        "scheme": "gln",
        "quantity": 1.0,
        "unit": "each",
        "start": date(2026, 11, 23),
        "end": date(2026, 11, 29),
        "bucket": "week",
    }
    buyer, day = Party(id="FS-1"), date(2026, 11, 22)
    header = ForecastHeader(number="F-1", purpose="original", kind="sales", issued_on=day, buyer=buyer)
    for certainty, named in ((None, []), ("planned", []), ("firm", ["lines.certainty"])):
        forecast = Forecast(header, pl.DataFrame([{**row, "certainty": certainty}], schema=Forecast.SCHEMA))
        written = Edifact().write("edifact/D96A/SLSFCT", [forecast], ENVELOPE, None)
        [again] = documents("edifact/D96A/SLSFCT", written)
        assert isinstance(again, Forecast)
        assert again.lines["certainty"].to_list() == ["planned"]
        assert [f.where.path for f in Edifact().left_out("edifact/D96A/SLSFCT", forecast, None)] == named


def test_a_message_of_a_later_directory_is_not_blamed_for_longer_texts() -> None:
    rows = [
        "UNH+1+ORDERS:D:10B:UN",
        f"BGM+220+{'4' * 50}+9",
        "DTM+137:20261122:102",
        "NAD+BY+0614141000012::9",
        "LIN+1++4012345100013:SRV",
        f"IMD+F++:::{'x' * 200}",
        "QTY+21:120:CS",
        "UNS+S",
    ]
    text = "UNB+UNOC:3+A+B+261122:0915+1'" + "".join(f"{row}'" for row in (*rows, f"UNT+{len(rows) + 1}+1", "UNZ+1+1"))
    [reading] = [e for e in Edifact().read(io.BytesIO(text.encode()), lambda _: Guide()) if isinstance(e, Reading)]
    assert [f.code for f in reading.findings if f.severity.value != "info"] == ["W-EDIFACT-NEAREST-TABLE"]
    assert reading.table == "edifact/D01B/ORDERS"


@pytest.mark.filterwarnings("ignore:segments.xml not found")
@pytest.mark.parametrize("path", [p for p in PASS if "edifact" in label(p) and p.stem == "rich"], ids=label)
def test_another_reader_finds_every_segment_of_what_we_write(path: Path) -> None:
    from pydifact.segmentcollection import RawSegmentCollection

    name = table(path)
    written = Edifact().write(name, documents(name, path.read_bytes()), ENVELOPE, None).decode("latin-1")
    found = [segment.tag for segment in RawSegmentCollection.from_str(written).segments if segment.tag != "UNA"]
    ours = [row[:3] for row in re.sub(r"\?.", "", written.removeprefix("UNA:+.? '")).split("'") if row]
    assert found == ours
