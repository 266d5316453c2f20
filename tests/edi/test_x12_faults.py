"""Every kind of fault in a transaction set: found at its exact place, told in the codes of the 997."""

from __future__ import annotations

import pytest

from hub.model.exchange import Status
from tests.edi.samples import ACTIVITY, ORDER, answers, names, places, put, readings, st, x12

ELEMENT_FAULTS = {
    "a mandatory element is missing": (put(ORDER, 0, "BEG*00*SA***20261122"), ("MISSING-ELEMENT", 2, "BEG", 3), "1"),
    "a date has month 13": (put(ORDER, 2, "DTM*002*20261301"), ("INVALID-DATE", 4, "DTM", 2), "8"),
    "a date is 30 February": (put(ORDER, 0, "BEG*00*SA*P**20260230"), ("INVALID-DATE", 2, "BEG", 5), "8"),
    "a text is too long": (put(ORDER, 3, f"N1*ST*{'X' * 61}*92*0791"), ("TOO-LONG", 5, "N1", 2), "5"),
    "a purpose is unknown": (put(ORDER, 0, "BEG*ZZ*SA*P**20261122"), ("UNREADABLE", 2, "BEG", 1), "7"),
    "a number has a letter": (put(ORDER, 6, "PO1*1*8x1*EA*68.12"), ("NOT-NUMERIC", 8, "PO1", 2), "6"),
    "a pair is broken": (
        put(ORDER, 6, "PO1*1*841*EA*68.12**UP*641520749044*VN"),
        ("MISSING-CONDITIONAL", 8, "PO1", 9),
        "2",
    ),
    "there are too many elements": (put(ORDER, 2, "DTM*002*20261201*****X"), ("TOO-MANY-ELEMENTS", 4, "DTM", 7), "3"),
}
SEGMENT_FAULTS = {
    "a mandatory segment is missing": (put(ORDER, 0), ("MISSING-SEGMENT", 2, "BEG", None), "3"),
    "a segment comes too often": (
        put(ORDER, 0, ORDER[0], "CUR*BY*USD", "CUR*BY*USD"),
        ("TOO-MANY-SEGMENTS", 4, "CUR", None),
        "5",
    ),
    "no segment has that name": (put(ORDER, 3, "QQQ*1", ORDER[3]), ("UNKNOWN-SEGMENT", 5, "QQQ", None), "1"),
    "a segment is of another set": (put(ORDER, 3, "ZA*QS*1*EA", ORDER[3]), ("SEGMENT-NOT-IN-SET", 5, "ZA", None), "6"),
    "a segment is out of order": ([ORDER[0], ORDER[10], *ORDER[2:10]], ("OUT-OF-ORDER", 3, "CTT", None), "7"),
}


@pytest.mark.parametrize("case", ELEMENT_FAULTS)
def test_a_faulty_element_is_named_by_segment_and_position(case: str) -> None:
    rows, place, _ = ELEMENT_FAULTS[case]
    assert place in places(readings(x12(st(rows)))[0].findings)


@pytest.mark.parametrize("case", ELEMENT_FAULTS)
def test_the_997_names_the_same_segment_element_and_code(case: str) -> None:
    rows, (_, segment, tag, element), code = ELEMENT_FAULTS[case]
    told = answers(x12(st(rows)))["997"]
    loop = tag if tag in ("N1", "PO1") else ""
    at = told.index(f"AK3*{tag}*{segment}*{loop}*8")
    ak4 = told[at + 1].split("*")
    assert (ak4[0], ak4[1].split(">")[0], ak4[3]) == ("AK4", str(element), code)
    assert ak4[2].isdigit() or code == "3"


@pytest.mark.parametrize("case", SEGMENT_FAULTS)
def test_a_misplaced_segment_is_named(case: str) -> None:
    rows, place, _ = SEGMENT_FAULTS[case]
    assert place in places(readings(x12(st(rows)))[0].findings)


@pytest.mark.parametrize("case", SEGMENT_FAULTS)
def test_the_997_says_what_is_wrong_with_the_segment(case: str) -> None:
    rows, (_, segment, tag, _), code = SEGMENT_FAULTS[case]
    assert f"AK3*{tag}*{segment}**{code}" in answers(x12(st(rows)))["997"]


def test_a_misplaced_segment_does_not_drag_the_following_ones_along() -> None:
    rows = [ORDER[0], ORDER[10], *ORDER[2:10]]
    assert places(readings(x12(st(rows)))[0].findings) == [("OUT-OF-ORDER", 3, "CTT", None)]


def test_the_neighbours_of_a_faulty_set_are_not_touched() -> None:
    bad = put(ORDER, 6, "PO1*1*8x1*EA*68.12")
    found = readings(x12(st(ORDER, 1), st(bad, 2), st(ORDER, 3)))
    assert [r.status for r in found] == [Status.ACCEPTED, Status.REJECTED, Status.ACCEPTED]
    assert answers(x12(st(ORDER, 1), st(bad, 2), st(ORDER, 3)))["997"][-4] == "AK9*P*3*3*2"


def test_negative_quantities_and_leading_points_are_numbers() -> None:
    rows = put(ACTIVITY, 6, "ZA*QS*-.5*EA")
    assert names(readings(x12(st(rows, kind="852"), gs="GS*PD*S*R*20261122*1200*1*X*004010~"))[0].findings) == []


def test_the_sentence_can_be_understood_at_two_in_the_morning() -> None:
    found = readings(x12(st(put(ORDER, 8, "PO1*2*12A*EA*1.12"))))[0].findings
    told = next(f for f in found if f.code == "E-X12-NOT-NUMERIC")
    assert told.message == "PO1 2 (segment 10): element 2 (Quantity Ordered) is '12A', which is not a number."
    assert told.hint == "Send digits with an optional decimal point."


@pytest.mark.parametrize(
    ("row", "remedy"),
    [("PO4*12.5", "Send digits only, without a decimal point."),
     ("SAC*A*C310***5.00",
      "Send digits only, without a decimal point; the last 2 are the decimals (1 is sent as 100).")],
)
def test_where_decimals_are_implied_nobody_is_told_to_send_a_point(row: str, remedy: str) -> None:
    [told] = readings(x12(st(put(ORDER, 9, ORDER[9], row))))[0].findings
    assert (told.code, told.hint) == ("E-X12-NOT-NUMERIC", remedy)


def test_the_offset_is_the_byte_at_which_the_segment_begins() -> None:
    text = x12(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"))).replace("~", "~\r\n")
    told = next(f for f in readings(text)[0].findings if f.code == "E-X12-NOT-NUMERIC")
    assert told.where.offset == text.encode().index(b"PO1*1*8x1")


def test_a_faulty_value_that_would_break_the_997_is_not_repeated_in_it() -> None:
    rows = put(ORDER, 6, "PO1*1*8\x01>1*EA*68.12")
    assert [s for s in answers(x12(st(rows)))["997"] if s.startswith("AK4")] == ["AK4*2>2*330*3"] or all(
        "\x01" not in s for s in answers(x12(st(rows)))["997"]
    )


def test_a_sender_who_wants_strictness_gets_it() -> None:
    rows = put(ORDER, 2, "DTM*002*20261301")
    lenient, strict = readings(x12(st(rows)))[0], readings(x12(st(rows)), policy="reject")[0]
    assert (lenient.status, strict.status) == (Status.ACCEPTED_WITH_ERRORS, Status.REJECTED)
    assert lenient.document is not None
    assert "AK5*E*5" in answers(x12(st(rows)))["997"]
    assert "AK5*R*5" in answers(x12(st(rows)), policy="reject")["997"]


def test_what_no_row_reads_is_told_once_per_place() -> None:
    rows = [*ORDER[:3], *["PWK*01*EM******ZZ"] * 2, *ORDER[3:6], "ADV*ZZ*ONE", "ADV*ZZ*TWO", *ORDER[6:]]
    told = [f.message for f in readings(x12(st(rows)))[0].findings if f.code == "W-X12-UNMAPPED"]
    assert sum("the segment ADV" in m for m in told) == 1
    assert sum("PWK[01] element 8" in m for m in told) == 1


def test_a_line_count_that_is_wrong_is_a_warning() -> None:
    found = readings(x12(st(put(ORDER, 10, "CTT*7"))))[0]
    assert names(found.findings) == ["LINE-COUNT"]
    assert found.status is Status.ACCEPTED


def test_a_thousand_faults_are_counted_but_not_all_told() -> None:
    rows = [*ORDER[:6], *("PO1*1*x*EA*1" for _ in range(1000)), "CTT*1000"]
    found = readings(x12(st(rows)))[0].findings
    assert len(found) <= 502
    assert "1000 findings" in found[-1].message
