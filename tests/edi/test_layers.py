"""Three layers of facts: each rule with a message that keeps it and one that breaks it. What a partner may change."""

from __future__ import annotations

import io

import pytest

from adapters.edifact.elements import DIALECT as EDIFACT
from adapters.mapping.segment import shape_faults
from adapters.mapping.tables import Tables
from adapters.x12.elements import DIALECT
from adapters.x12.format import X12
from hub.errors import BrokenTable
from hub.model.exchange import Reading
from hub.model.finding import name_of
from hub.ports import Guide
from schemas import facts
from schemas.facts import Segment
from tests.edi.samples import ORDER, ORDERS, edifact, names, places, put, readings, st, unh, x12
from tests.edi.test_tables import TABLE

STANDARD = TABLE.replace("PO1   M *", "N1    O 5\n  N3   O 2\nPO1   M *")


def broken(kind: str, *filled: int) -> list[tuple[str, int]]:
    """What a note over elements 1, 2 and 3 says of a segment with these filled."""
    segment = facts.dictionary("x12", "004010").segments["REF"]
    made = Segment("XX", "made up", segment.uses[:3], ((kind, (1, 2, 3)),))
    shape = (True, *(n in filled for n in (1, 2, 3)))
    return [(f.name, f.element) for f in shape_faults(made, shape) if f.name != "MISSING-ELEMENT"]


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("P", [(), (1, 2, 3)], [((1, 2), 3), ((3,), 1)]),
        ("R", [(1,), (2, 3), (1, 2, 3)], [((), 1)]),
        ("E", [(), (1,), (3,)], [((1, 3), 3), ((1, 2, 3), 2)]),
        ("C", [(), (2,), (2, 3), (1, 2, 3)], [((1,), 2), ((1, 2), 3)]),
        ("L", [(), (2,), (1, 3), (1, 2, 3)], [((1,), 2)]),
        ("S", [(1,), (2,), (3,)], [((), 1), ((1, 2), 2), ((1, 2, 3), 2)]),
    ],
)
def test_a_syntax_note_holds_or_names_the_element(kind: str, right: list[tuple[int, ...]], wrong: list[object]) -> None:
    for filled in right:
        assert broken(kind, *filled) == []
    for filled, element in wrong:  # type: ignore[misc]
        [(name, at)] = broken(kind, *filled)
        assert (name in ("MISSING-CONDITIONAL", "EXCLUDED-ELEMENT"), at) == (True, element)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        (put(ORDER, 6, "PO1*1*841**68.12**UP*1"), None),
        (put(ORDER, 1, "REF*DP"), ("MISSING-CONDITIONAL", 3, "REF", 2)),  # R0203
        (put(ORDER, 2, "DTM*002"), ("MISSING-CONDITIONAL", 4, "DTM", 2)),  # R020305
        (put(ORDER, 3, "N1*ST"), ("MISSING-CONDITIONAL", 5, "N1", 2)),  # R0203
        (put(ORDER, 3, "N1*ST*DC*92"), ("MISSING-CONDITIONAL", 5, "N1", 4)),  # P0304
    ],
)
def test_syntax_notes_of_real_segments_are_checked_in_messages(rows: list[str], place: object) -> None:
    found = [p for p in places(readings(x12(st(rows)))[0].findings) if p[0] == "MISSING-CONDITIONAL"]
    assert found == ([place] if place else [p for p in found if p[2] == "PO1"])


def test_components_are_checked_one_by_one() -> None:
    found = readings(edifact(unh(put(ORDERS, 8, "QTY+21:841:PCE:1"))))[0]
    assert ("TOO-MANY-COMPONENTS", 10, "QTY", 1) in places(found.findings)
    found = readings(edifact(unh(put(ORDERS, 8, "QTY+:841"))))[0]
    assert ("MISSING-ELEMENT", 10, "QTY", 1) in places(found.findings)


def test_segments_and_loops_stand_no_oftener_than_their_table_allows() -> None:
    twice = readings(x12(st(put(ORDER, 0, ORDER[0], "CUR*BY*USD", "CUR*BY*USD"))))[0]
    assert ("TOO-MANY-SEGMENTS", 4, "CUR", None) in places(twice.findings)
    table = STANDARD.replace("N1    O 5", "N1    O 1")
    made = X12(Tables(DIALECT, None, {"x12/004010/850": table}))
    text = x12(st(["BEG*00*SA*1**20261122", "N1*ST*A", "N3*X", "N1*BY*B", "PO1*1*1*EA"]))
    [reading] = [e for e in made.read(io.BytesIO(text.encode()), lambda _: Guide()) if isinstance(e, Reading)]
    assert ("TOO-MANY-LOOPS", 5, "N1", None) in places(reading.findings)


def test_a_structure_in_which_a_segment_can_never_be_reached_is_refused() -> None:
    table = STANDARD.replace("REF   O *", "REF   O *\nREF   O 5")
    with pytest.raises(BrokenTable, match="ambiguous"):
        Tables(DIALECT, None, {"x12/009999/850": table}).get("x12/009999/850")


# -- the partner's layer -------------------------------------------------------------------------------------------


def partner(rows: str, table: str = STANDARD) -> Tables:
    return Tables(DIALECT, {"acme": {"x12/004010/850": rows}}, {"x12/004010/850": table})


def told(rows: str, text: str) -> list[str]:
    """The errors of a message under a partner's rows."""
    found = X12(partner(rows)).read(io.BytesIO(text.encode()), lambda _: Guide(partner="acme"))
    return [name_of(f) for e in found if isinstance(e, Reading) for f in e.findings if f.severity.value == "error"]


DEMANDED = """structure = '''
BEG M 1
REF O 1
N1  M 1
PO1 M 5
'''
[map]
ship_to = "N1[ST] -> party"
[part.party]
name = "N1-02"
"""
SENT = x12(st(["BEG*00*SA*LONGNUMBER**20261122", "REF*DP*404", "PO1*1*841*EA"]))


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ("", []),
        ('[narrow]\n"BEG-04" = "M"\n[fixed]\n"BEG-04" = ["1", "*"]', ["MISSING-ELEMENT"]),
        ('[narrow]\n"BEG-03" = "max 4"', ["TOO-LONG"]),
        ('[narrow]\n"BEG-03" = "min 11"', ["TOO-SHORT"]),
        ('[narrow]\n"BEG-02" = "only NE"', ["UNKNOWN-CODE"]),
        ('[narrow]\n"BEG-02" = "only NE SA"', []),
        ('[narrow]\n"PO1-04" = "M, max 5"\n[part.line]\nprice = "PO1-04 | decimal"', ["MISSING-ELEMENT"]),
        ('structure = """\nBEG M 1\nREF O 1\nN1 O 1\n  N3 O 1\nPO1 M 5\n"""', []),
        (DEMANDED, ["MISSING-SEGMENT"]),
    ],
)
def test_a_partner_may_demand_more_than_the_standard(rows: str, errors: list[str]) -> None:
    assert told(rows, SENT) == errors


def test_a_partner_may_send_codes_beside_the_list() -> None:
    sent = SENT.replace("*SA*", "*Z9*")
    assert told("", sent) == ["UNKNOWN-CODE"]
    assert told('[narrow]\n"BEG-02" = "also Z9"', sent) == []


def test_what_holds_for_one_partner_does_not_hold_for_others() -> None:
    made = X12(partner('[narrow]\n"BEG-03" = "max 4"'))
    for name in (None, "other"):
        found = made.read(io.BytesIO(SENT.encode()), lambda _, name=name: Guide(partner=name))  # type: ignore[misc]
        assert all(names(e.findings) == [] for e in found if isinstance(e, Reading))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('canonical = "Invoice"', "may not change canonical"),
        ('group = "IN"', "may not change group"),
        ('[narrow]\n"BEG-03" = "max 50"', "widens it"),
        ('[narrow]\n"BEG-02" = "only Z9"', "not in the code list"),
        ('[narrow]\n"BEG-03" = "also Z9"', "no code list"),
        ('[narrow]\n"BEG-33" = "M"', "has 12 elements"),
        ('[narrow]\n"XYZ-01" = "M"', "no such place"),
        ('[narrow]\n"BEG-01" = "perhaps"', "is none of M, min N"),
        ('structure = """\nBEG M 1\nREF O *\nN1 O 9\nPO1 M *\n"""', "may stand 5 times"),
        ('structure = """\nBEG M 1\nPO1 O *\n"""', "may not be made optional"),
        ('structure = """\nBEG M 1\nREF O *\n"""', "may not be left out"),
        ('structure = """\nBEG M 1\nCUR O 1\nPO1 M *\n"""', "is not at this place"),
        ('structure = """\nPO1 M *\nBEG M 1\n"""', "may not be left out"),
    ],
)
def test_a_partner_who_widens_the_standard_is_refused_with_the_reason(rows: str, reason: str) -> None:
    with pytest.raises(BrokenTable) as refused:
        partner(rows).get("x12/004010/850", "acme")
    assert reason in str(refused.value)
    assert "x12/004010/850" in str(refused.value)


def test_a_mandatory_element_that_no_row_fills_is_refused_for_partners_too() -> None:
    with pytest.raises(BrokenTable, match="BEG-04"):
        partner('[narrow]\n"BEG-04" = "M"\n[map]\nplaced_on = "BEG-05 | date"').get("x12/004010/850", "acme")


def test_edifact_components_can_be_narrowed() -> None:
    rows = '[narrow]\n"QTY-1.3" = "only KGM PCE"'
    made = Tables(EDIFACT, {"acme": {"edifact/D96A/ORDERS": rows}}).get("edifact/D96A/ORDERS", "acme")
    use = made.plan.dictionary.segments["QTY"].uses[0].parts[2]
    assert use.element is not None
    assert use.element.codes == {"KGM", "PCE"}


def test_the_guide_tells_what_a_partner_narrows() -> None:
    rows = '[narrow]\n"BEG-03" = "max 10"\n"PO1-03" = "M"'
    changes = X12({"acme": {"x12/004010/850": rows}}).guide("x12/004010/850", "acme").changes
    assert "BEG-03 (Purchase Order Number) is text, up to 10 characters, not text, up to 22 characters" in changes
    assert any(change.startswith("PO1-03") and change.endswith("is mandatory") for change in changes)
