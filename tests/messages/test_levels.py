"""HL is a graph: numbers out of sequence, parents that are not there and levels nobody knows are told and read on."""

from __future__ import annotations

from hub.model.despatch import Despatch
from hub.model.exchange import Reading
from tests.messages.test_messages import read

HEAD = ("BSN*00*SH-1*20261122*0915*0001", "HL*1**S", "TD5**2*ABCD")


def _one(*segments: str) -> Reading:
    body = (*HEAD, *segments)
    whole = (
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261122*0915*U*00401*000000001*0*P*>",
        "GS*SH*SENDER*RECEIVER*20261122*0915*1*X*004010",
        "ST*856*0001",
        *body,
        f"SE*{len(body) + 2}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    )
    [reading] = read("x12/004010/856", "".join(f"{segment}~" for segment in whole).encode())
    return reading


def _told(reading: Reading) -> list[tuple[str, int | None, int | None, str]]:
    return [
        (f.code, f.where.segment, f.where.element, f.severity.value)
        for f in reading.findings
        if f.code.startswith(("E-X12-HL", "W-X12-HL"))
    ]


def _document(reading: Reading) -> Despatch:
    assert isinstance(reading.document, Despatch)
    return reading.document


def _items(document: Despatch) -> list[str | None]:
    loose = [item.seller_item for item in document.items]
    return loose + [item.seller_item for unit in document.units for item in unit.items]


def test_levels_that_follow_each_other_say_nothing() -> None:
    reading = _one(
        "HL*2*1*O", "PRF*PO-1", "HL*3*2*P", "MAN*GM*00006141411234567890", "HL*4*3*I", "LIN**VN*A", "SN1**2*EA"
    )
    assert reading.findings == ()
    [unit] = _document(reading).units
    assert (unit.sscc, unit.items[0].order_number) == ("006141411234567890", "PO-1")


def test_a_number_out_of_sequence_is_told_with_its_place_and_the_tree_is_read_by_the_parents() -> None:
    reading = _one("HL*7*1*O", "PRF*PO-1", "HL*9*7*I", "LIN**VN*A", "SN1**2*EA")
    assert _told(reading) == [("W-X12-HL-SEQUENCE", 5, 1, "warning"), ("W-X12-HL-SEQUENCE", 7, 1, "warning")]
    [item] = _document(reading).items
    assert (item.seller_item, item.order_number) == ("A", "PO-1")


def test_a_number_that_is_used_twice_is_told_and_means_the_first_one() -> None:
    reading = _one("HL*2*1*O", "PRF*PO-1", "HL*2*1*O", "PRF*PO-2", "HL*4*2*I", "LIN**VN*A", "SN1**2*EA")
    assert _told(reading) == [("W-X12-HL-SEQUENCE", 7, 1, "warning")]
    document = _document(reading)
    assert [order.number for order in document.orders] == ["PO-1", "PO-2"]
    assert document.items[0].order_number == "PO-1"


def test_a_parent_that_is_not_there_is_an_error_and_the_nearest_higher_level_takes_its_place() -> None:
    reading = _one("HL*2*1*O", "PRF*PO-1", "HL*3*8*I", "LIN**VN*A", "SN1**2*EA", "HL*4*2*I", "LIN**VN*B", "SN1**1*EA")
    assert _told(reading) == [("E-X12-HL-PARENT", 7, 2, "error")]
    assert _items(_document(reading)) == ["A", "B"]


def test_a_parent_that_comes_later_is_told_like_one_that_is_not_there() -> None:
    reading = _one("HL*2*3*I", "LIN**VN*A", "SN1**2*EA", "HL*3*1*O", "PRF*PO-1")
    assert _told(reading) == [("E-X12-HL-PARENT", 5, 2, "error")]


def test_an_unknown_level_is_told_and_what_lies_below_it_belongs_to_what_lies_above() -> None:
    reading = _one(
        "HL*2*1*O",
        "PRF*PO-1",
        "HL*3*2*Q",
        "HL*4*3*P",
        "MAN*GM*00006141411234567890",
        "HL*5*4*I",
        "LIN**VN*A",
        "SN1**2*EA",
    )
    assert _told(reading) == [("W-X12-HL-LEVEL", 7, 3, "warning")]
    [unit] = _document(reading).units
    assert (unit.sscc, _items(_document(reading)), unit.items[0].order_number) == ("006141411234567890", ["A"], "PO-1")


def test_everything_else_is_still_read_when_several_levels_are_wrong() -> None:
    reading = _one(
        "HL*2*1*O",
        "PRF*PO-1",
        "HL*3*2*Q",
        "HL*9*3*I",
        "LIN**VN*A",
        "SN1**2*EA",
        "HL*5**I",
        "LIN**VN*B",
        "SN1**1*EA",
    )
    assert [code for code, *_ in _told(reading)] == ["W-X12-HL-LEVEL", "W-X12-HL-SEQUENCE"]
    assert _items(_document(reading)) == ["A", "B"]


def test_what_stands_on_a_level_that_has_no_row_for_it_is_kept_aside_or_named_never_dropped() -> None:
    reading = _one("PO4*12", "MAN*GM*00006141411234567890", "SN1**2*EA*5", "HL*2*1*I", "LIN**VN*A", "SN1**2*EA")
    aside = _document(reading).aside
    assert aside is not None
    assert [one.pack for one in aside.packings] == [12]
    assert [one.number for one in aside.labels] == ["00006141411234567890"]
    left = [(f.where.segment, f.where.tag) for f in reading.findings if "at the level shipment" in f.message]
    assert aside.quantity == 2
    assert left == [(7, "SN1")]


def test_what_a_level_says_of_those_below_it_is_told_where_it_is_not_so() -> None:
    right = ("HL*2*1*O*1", "PRF*PO-1", "HL*3*2*I*0", "LIN**VN*A", "SN1**2*EA")
    assert _told(_one(*right)) == []
    wrong = _one("HL*2*1*O*0", "PRF*PO-1", "HL*3*2*I*1", "LIN**VN*A", "SN1**2*EA")
    assert _told(wrong) == [("W-X12-HL-CHILD", 5, 4, "warning"), ("W-X12-HL-CHILD", 7, 4, "warning")]
    assert wrong.document == _one(*right).document


def test_a_level_that_names_no_parent_lies_in_the_one_before_all_the_same() -> None:
    assert _told(_one("HL*2**O*1", "PRF*PO-1", "HL*3**I*0", "LIN**VN*A", "SN1**2*EA")) == []
