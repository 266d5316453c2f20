"""What is not said, or not at the usual place: quantities, units, times of day. Alone, and by columns among many."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hub.model.bulk import Bulk
from hub.model.order import Order
from tests.messages.test_messages import HOME, read


@pytest.mark.parametrize(("table", "before", "after"), [
    ("x12/004010/850", r"PO1\*1\*\d+\*CA\*", "PO1*1***"), ("edifact/D96A/ORDERS", r"QTY\+21:[^']*'", ""),
    ("edifact/D96A/ORDERS", r"QTY\+21:[^']*'", "QTY+59:12'"),
])
@pytest.mark.parametrize("orders", [1, 60], ids=["alone", "among many"])
def test_a_line_that_orders_no_quantity_orders_nothing_and_its_sender_is_told(
    table: str, before: str, after: str, orders: int
) -> None:
    path = HOME / table.replace("/", "-") / "pass" / "small.edi"
    text = path.read_text().replace("\n", "")
    changed = re.sub(before, after, text, count=1)
    assert changed != text
    found = read(table, _many(table, text, changed, orders))
    assert len(found) == orders
    lacking = found[-1]
    assert isinstance(lacking.document, Order)
    assert lacking.document.lines[0].quantity == 0
    assert [f.code.partition("-")[2].partition("-")[2] for f in lacking.findings] == ["TAKEN-AS"]
    assert not any(reading.findings for reading in found[:-1])


def _many(table: str, text: str, last: str, times: int) -> bytes:
    """An interchange with the transaction of `text` so many times, the last of them that of `last`: numbered and
    counted anew."""
    x12 = table.startswith("x12")
    mark, end = ("*", "~") if x12 else ("+", "'")
    cut, other = ([row.split(mark) for row in each.split(end) if row] for each in (text, last))
    ends = ("ST", "SE") if x12 else ("UNH", "UNT")
    first, stop = (next(at for at, row in enumerate(cut) if row[0] == tag) for tag in ends)
    tail = len(cut) - stop
    rows = cut[:first]
    for number in range(1, times + 1):
        inner = (other if number == times else cut)[first:][: -tail]
        reference = f"{number:04}" if x12 else str(number)
        at = 2 if x12 else 1
        rows += [[*inner[0][:at], reference, *inner[0][at + 1:]], *inner[1:]]
        rows.append([cut[stop][0], str(len(inner) + 1), reference])
    rows += cut[stop + 1:]
    rows = [["GE" if x12 else "UNZ", str(times), *row[2:]] if row[0] in ("GE", "UNZ") else row for row in rows]
    return "".join(f"{mark.join(row)}{end}" for row in rows).encode()


@pytest.mark.parametrize("table", ["ORDCHG", "ORDRSP", "DESADV", "RECADV", "INVOIC"])
@pytest.mark.parametrize("documents", [1, 60], ids=["alone", "among many"])
def test_a_unit_is_meant_only_of_a_quantity_that_was_sent(table: str, documents: int) -> None:
    path = HOME / f"edifact-D96A-{table}" / "pass" / "small.edi"
    text = re.sub(r"(QTY\+\d+:[\d.]+):\w+'", r"\1'", path.read_text().replace("\n", ""))
    without = re.sub(r"QTY\+[^']*'", "", text)
    assert without != text
    with_unit, *_, last = read(f"edifact/D96A/{table}", _many("edifact", text, without, documents + 1))
    units = [[getattr(line, "unit", None) for line in _lines(each.document)] for each in (with_unit, last)]
    assert set(units[0]) == {"each"}
    assert set(units[1]) == {None}


@pytest.mark.parametrize("orders", [1, 60], ids=["alone", "among many"])
@pytest.mark.parametrize(("value", "form", "time"), [
    ("202611221545", "203", "1545"), ("20261122154559", "204", "154559"), ("2611221545", "201", "1545"),
    ("20261122", "102", None),
])
def test_the_time_of_a_day_is_kept_aside(orders: int, value: str, form: str, time: str | None) -> None:
    text = (HOME / "edifact-D96A-ORDERS" / "pass" / "small.edi").read_text().replace("\n", "")
    changed = text.replace("DTM+137:20261122:102", f"DTM+137:{value}:{form}")
    *others, last = read("edifact/D96A/ORDERS", _many("edifact", text, changed, orders))
    assert isinstance(last.document, Order)
    assert (last.document.aside and last.document.aside.time) == time
    assert f"{last.document.placed_on}" == "2026-11-22"
    assert all(isinstance(one.document, Order) and one.document.aside is None for one in others)


@pytest.mark.parametrize("messages", [1, 60], ids=["alone", "among many"])
@pytest.mark.parametrize(("table", "before", "after", "field", "time"), [
    ("SLSRPT", "DTM+137:20261123:102", "DTM+137:202611231545:203", "time", "1545"),
    ("SLSRPT", "DTM+90:20261116:102", "DTM+90:20261116000001:204", "start_time", "000001"),
    ("SLSFCT", "DTM+137:20261122:102", "DTM+137:202611221545:203", "time", "1545"),
    ("DELFOR", "DTM+137:20261122:102", "DTM+137:202611221545:203", "time", "1545"),
    ("DELJIT", "DTM+137:20261122:102", "DTM+137:20261122154501:204", "time", "154501"),
    ("INVRPT", "DTM+366:20261122:102", "DTM+366:202611222359:203", "count_time", "2359"),
])
def test_so_is_the_time_in_the_head_of_many_lines(
    table: str, before: str, after: str, field: str, time: str, messages: int
) -> None:
    text = (HOME / f"edifact-D96A-{table}" / "pass" / "small.edi").read_text().replace("\n", "")
    assert before in text
    *others, last = read(f"edifact/D96A/{table}", _many("edifact", text, text.replace(before, after, 1), messages))
    asides = [one.document.header.aside for one in (*others, last) if isinstance(one.document, Bulk)]
    assert len(asides) == messages
    assert getattr(asides.pop(), field) == time
    assert not any(asides)


@pytest.mark.parametrize("messages", [1, 60], ids=["alone", "among many"])
@pytest.mark.parametrize(("table", "before", "after", "column", "said"), [
    ("DELFOR", r"DTM\+64:20261123:102", "DTM+64:202611230800:203", "time", "0800"),
    ("DELFOR", r"DTM\+64:20261123:102", "DTM+64:20261123080059:204", "time", "080059"),
    ("INVRPT", r"(LOC\+14[^']*)'", r"\1'DTM+366:202611220615:203'", "time", "0615"),
    ("SLSRPT", r"DTM\+356:20261116-20261122:718", "DTM+356:2026111620261122:718", "end", "2026-11-22"),
    ("SLSRPT", r"DTM\+356:20261116-20261122:718", "DTM+356:202611160000202611222359:719", "end", "2026-11-22"),
])
def test_and_in_a_line_and_periods_are_read_with_and_without_their_hyphen(
    table: str, before: str, after: str, column: str, said: str, messages: int
) -> None:
    text = (HOME / f"edifact-D96A-{table}" / "pass" / "small.edi").read_text().replace("\n", "")
    changed = re.sub(before, after, text, count=1)
    assert changed != text
    *_, last = read(f"edifact/D96A/{table}", _many("edifact", text, changed, messages))
    assert isinstance(last.document, Bulk)
    assert f"{last.document.lines[column][0]}" == said
    assert last.findings == ()


def _lines(document: Any) -> tuple[Any, ...]:
    return tuple(getattr(document, "lines", None) or document.items)


@pytest.mark.parametrize("table", ["ORDERS", "ORDCHG", "ORDRSP", "DESADV", "RECADV", "INVOIC", "PRICAT"])
@pytest.mark.parametrize("roles", [("SU", "SE"), ("SE", "SU")], ids="-".join)
def test_a_seller_beside_the_supplier_is_one_more_party(table: str, roles: tuple[str, str]) -> None:
    text = (HOME / f"edifact-D96A-{table}" / "pass" / "small.edi").read_text().replace("\n", "")
    both = "".join(f"NAD+{role}+{role}-1::91'" for role in roles)
    [reading] = read(f"edifact/D96A/{table}", _many("edifact", text, re.sub(r"NAD\+SU[^']*'", both, text), 1))
    document: Any = reading.document
    assert (document.seller.id, [(one.role, one.id) for one in document.parties]) == ("SU-1", [("seller", "SE-1")])
    assert reading.findings == ()


@pytest.mark.parametrize("orders", [1, 60], ids=["alone", "among many"])
@pytest.mark.parametrize(("table", "segments", "about"), [
    ("x12/004010/850", "PID*F****First~PID*F*TRN***Second~", None),
    ("x12/004010/850", "PID*F*TRN***First~PID*F****Second~", "TRN"),
    ("edifact/D96A/ORDERS", "IMD+F++:::First'IMD+A+8+:::Second'", None),
    ("edifact/D96A/ORDERS", "IMD+A+8+:::First'", "product"),
])
def test_what_a_description_speaks_of_is_told_beside_it(
    table: str, segments: str, about: str | None, orders: int
) -> None:
    text = (HOME / table.replace("/", "-") / "pass" / "small.edi").read_text().replace("\n", "")
    end = "~" if table.startswith("x12") else "'"
    changed = re.sub(rf"((?:PO1|LIN)[^{end}]*{end})", rf"\g<1>{segments}", text, count=1)
    last = read(table, _many(table, text, changed, orders))[-1]
    assert isinstance(last.document, Order)
    [line] = last.document.lines
    assert (line.description, line.description_about) == ("First", about)
