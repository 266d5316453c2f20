"""ISA to IEA: delimiters, counts, control numbers, and what real files do to them."""

from __future__ import annotations

import io

import pytest

from hub.model.exchange import Closing, Opening, Reading, Status
from hub.model.order import Order
from hub.ports import Guide
from tests.edi.samples import GS, ISA, ORDER, X, answers, closing, events, names, put, readings, remarks, st, x12

GOOD = x12(st(ORDER))


def order(text: str | bytes) -> Order:
    found = readings(text)[0]
    assert names(found.findings) == []
    assert isinstance(found.document, Order)
    return found.document


@pytest.mark.parametrize("terminator", ["~\r\n", "~\n", "\n", "\r\n", "\\", "|", "^", "'", "\x1c", "~  \n  "])
def test_any_terminator_gives_the_same_order(terminator: str) -> None:
    assert order(GOOD.replace("~", terminator)) == order(GOOD)


@pytest.mark.parametrize(("element", "component"), [("|", ">"), ("^", ":"), ("\x1d", "\x1f"), ("+", "<")])
def test_any_separator_gives_the_same_order(element: str, component: str) -> None:
    assert order(GOOD.replace(">", component).replace("*", element)) == order(GOOD)


def test_a_byte_order_mark_and_blank_lines_before_the_isa_are_passed_over() -> None:
    assert order(b"\xef\xbb\xbf\r\n\r\n" + GOOD.encode()) == order(GOOD)


def test_an_isa_without_padding_is_read_by_its_separators() -> None:
    short = GOOD.replace(ISA, "ISA*00**00**ZZ*SENDERID*ZZ*RECEIVERID*261122*1200*U*00401*000000001*0*P*>~")
    assert order(short) == order(GOOD)
    assert names(closing(short).findings) == ["HEADER-WIDTH"]


def test_every_interchange_has_its_own_delimiters() -> None:
    other = GOOD.replace("*", "|").replace("~", "\n").replace("000000001", "000000002")
    found = [e for e in events(GOOD + "\r\n" + other) if isinstance(e, Reading)]
    assert [r.interchange.ordinal for r in found] == [1, 2]
    assert found[0].document == found[1].document


def test_latin_1_and_utf_8_text_both_keep_their_letters() -> None:
    named = GOOD.replace("N1*ST*DC", "N1*ST*Müller")
    for encoding in ("latin-1", "utf-8"):
        ship_to = order(named.encode(encoding)).ship_to
        assert ship_to is not None
        assert ship_to.name == "Müller"


def test_garbage_between_interchanges_is_told_and_the_next_one_is_read() -> None:
    text = GOOD + "what is this?" + GOOD.replace("000000001", "000000002")
    assert remarks(text) == ["GARBAGE"]
    assert len(readings(text)) == 2


def test_the_repetition_separator_is_only_one_from_release_00402_on_and_never_a_letter() -> None:
    opened = next(e for e in events(GOOD) if isinstance(e, Opening))
    assert opened.interchange.syntax["repetition"] == ""
    later = GOOD.replace("*U*00401*", "*^*00501*")
    opened = next(e for e in events(later) if isinstance(e, Opening))
    assert opened.interchange.syntax["repetition"] == "^"


@pytest.mark.parametrize(
    ("se", "finding", "code"),
    [
        ("SE*99*0001", "SEGMENT-COUNT", "4"),
        ("SE*13*0009", "CONTROL-MISMATCH", "3"),
        ("SE*x*0001", "SEGMENT-COUNT", "4"),
    ],
)
def test_a_wrong_trailer_rejects_its_set(se: str, finding: str, code: str) -> None:
    text = x12(st(ORDER, se=se))
    found = readings(text)[0]
    assert (names(found.findings), found.status, found.document) == ([finding], Status.REJECTED, None)
    assert f"AK5*R*{code}" in answers(text)["997"]


def test_a_duplicate_set_number_rejects_the_second() -> None:
    text = x12(st(ORDER, 1), st(ORDER, 1))
    assert [r.status for r in readings(text)] == [Status.ACCEPTED, Status.REJECTED]
    assert "AK5*R*23" in answers(text)["997"]


@pytest.mark.parametrize(("ge", "code"), [("GE*5*1~", "5"), ("GE*1*7~", "4"), ("", "3")])
def test_a_wrong_group_trailer_is_told_in_ak9(ge: str, code: str) -> None:
    ak9 = next(s for s in answers(x12(st(ORDER), ge=ge))["997"] if s.startswith("AK9"))
    assert ak9 == f"AK9*E*{5 if code == '5' else 1}*1*1*{code}"


@pytest.mark.parametrize(
    ("iea", "note"),
    [
        ("IEA*3*000000001~", "021"),
        ("IEA*1*000000009~", "001"),
        ("", "023"),
    ],
)
def test_a_wrong_or_missing_iea_rejects_the_interchange_by_ta1(iea: str, note: str) -> None:
    text = x12(st(ORDER), iea=iea)
    assert closing(text).rejected
    told = answers(text)
    assert told["TA1"][1] == f"TA1*000000001*261122*1200*R*{note}"
    assert any(s.startswith("AK9*R*") for s in told["997"])


@pytest.mark.parametrize("cut", range(5, len(GOOD), 7))
def test_a_file_cut_off_anywhere_is_told_and_never_crashes(cut: int) -> None:
    found = events(GOOD[:cut])
    assert found
    assert any(isinstance(e, Closing) and e.rejected for e in found) or not any(isinstance(e, Opening) for e in found)


def test_a_set_that_breaks_off_is_rejected_and_the_one_before_it_stands() -> None:
    text = x12(st(ORDER, 1), st(ORDER, 2).rsplit("SE*", 1)[0], ge="", iea="")
    assert [r.status for r in readings(text)] == [Status.ACCEPTED, Status.REJECTED]
    assert "AK5*R*2" in answers(text)["997"]


def test_the_same_interchange_twice_in_a_file_is_answered_once_with_a_997() -> None:
    first, second = [e for e in events(GOOD + GOOD) if isinstance(e, Closing)]
    assert not first.rejected
    assert names(second.findings) == ["INTERCHANGE-DUPLICATE"]


def test_sets_are_read_from_chunks_of_any_size() -> None:
    class Drops(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 3) if size and size > 0 else 3)

    found = [e for e in X.read(Drops(GOOD.encode()), lambda _: Guide()) if isinstance(e, Reading)]
    assert found[0].document == order(GOOD)


def test_a_segment_between_sets_is_told() -> None:
    text = x12(st(ORDER)).replace("GE*1", "NTE**lost~GE*1")
    assert "STRAY-SEGMENT" in names(closing(text).findings)


def test_a_group_without_sets_and_an_interchange_without_groups_are_answered() -> None:
    assert "AK9*A*0*0*0" in answers(x12())["997"]
    assert closing(ISA + "IEA*0*000000001~").findings == ()


def test_broken_lines_at_column_80_are_joined() -> None:
    wrapped = ISA + "\n" + "\n".join((x12(st(ORDER))[len(ISA) :])[i : i + 80] for i in range(0, 600, 80))
    assert order(wrapped) == order(GOOD)


def test_a_set_outside_of_a_group_is_read_with_a_warning() -> None:
    text = ISA + st(ORDER) + "IEA*0*000000001~"
    assert "GROUP-MISSING" in names([f for g in closing(text).groups for f in g.findings])


def test_a_ta1_that_was_asked_for_is_sent_beside_the_997() -> None:
    text = GOOD.replace("*0*P*>", "*1*P*>")
    told = answers(text)
    assert told["TA1"][1] == "TA1*000000001*261122*1200*A*000"
    assert "AK5*A" in told["997"]
    together = answers(text, also=None)
    assert list(together) == ["997"]
    assert together["997"][1].startswith("TA1*")


def test_a_set_of_another_release_is_read_by_the_nearest_table_with_a_warning() -> None:
    text = x12(st(ORDER), gs=GS.replace("004010", "004030"))
    found = readings(text)[0]
    assert "NEAREST-TABLE" in names(found.findings)
    assert found.document == order(GOOD)


def test_industry_suffixes_of_a_release_are_that_release() -> None:
    assert names(readings(x12(st(ORDER), gs=GS.replace("004010", "004010VICS")))[0].findings) == []


def test_six_digit_dates_belong_to_release_003() -> None:
    rows = put(put(ORDER, 0, "BEG*00*SA*PO1**261122"), 2, "DTM*002*261201")
    document = readings(x12(st(rows), gs=GS.replace("004010", "003040")))[0].document
    assert isinstance(document, Order)
    assert f"{document.placed_on} {document.deliver_on}" == "2026-11-22 2026-12-01"
