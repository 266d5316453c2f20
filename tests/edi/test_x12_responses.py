"""Whole answers to X12 interchanges, written by hand: 997, 999 and TA1 as an EDI clerk's software expects them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.model.exchange import Answers, Closing, Numbers
from tests.edi.samples import GS, ISA, NOW, ORDER, X, answers, closing, put, st, x12

GS5 = "GS*PO*SENDER*RECEIVER*20261122*1200*1*X*005010~"
ISA5 = ISA.replace("*U*00401*", "*^*00501*")
TWO_FAULTS = put(put(ORDER, 2, "DTM*002*20261301"), 6, "PO1*1*8x1*EA*68.12**UP*641520749044*VN")


def told(found: Closing, also: int | None = None, **wanted: str) -> list[str]:
    """All that is answered, segment by segment, under the answers that its sender wants."""
    found = replace(found, wanted=Answers.model_validate(wanted))
    replies = X.acknowledge(found, Numbers(interchange=7, group=3, also=also), NOW)
    return [segment for reply in replies for segment in reply.content.decode().split("~")[:-1]]


def test_a_997_with_a_bad_and_a_good_set() -> None:
    assert told(closing(x12(st(TWO_FAULTS, 1), st(ORDER, 2)))) == [
        "ISA*00*          *00*          *ZZ*RECEIVERID     *ZZ*SENDERID       *261122*1200*U*00401*000000007*0*P*>",
        "GS*FA*RECEIVER*SENDER*20261122*1200*3*X*004010",
        "ST*997*0001",
        "AK1*PO*1",
        "AK2*850*0001",
        "AK3*DTM*4**8",
        "AK4*2*373*8*20261301",
        "AK3*PO1*8*PO1*8",
        "AK4*2*330*6*8x1",
        "AK4*9*234*2",
        "AK5*R*5",
        "AK2*850*0002",
        "AK5*A",
        "AK9*P*2*2*1",
        "SE*13*0001",
        "GE*1*3",
        "IEA*1*000000007",
    ]


def test_a_999_says_the_same_and_in_which_order_and_why() -> None:
    found = closing(x12(st(put(TWO_FAULTS, 6, "PO1*1*841*EA*68.12**UP*641520749044*VN"), 1), gs=GS5, isa=ISA5))
    assert told(found, functional="999") == [
        "ISA*00*          *00*          *ZZ*RECEIVERID     *ZZ*SENDERID       *261122*1200*^*00501*000000007*0*P*>",
        "GS*FA*RECEIVER*SENDER*20261122*1200*3*X*005010X231",
        "ST*999*0001*005010X231",
        "AK1*PO*1*005010",
        "AK2*850*0001",
        "IK3*DTM*4**8",
        "CTX*BEG03>PO1",
        "IK4*2*373*8*20261301",
        "IK3*PO1*8*PO1*8",
        "CTX*BEG03>PO1",
        "IK4*9*234*2",
        "CTX*SITUATIONAL TRIGGER*PO1*8*PO1*8*235",
        "IK5*E*5",
        "AK9*E*1*1*1",
        "SE*13*0001",
        "GE*1*3",
        "IEA*1*000000007",
    ]


def test_who_does_not_ask_for_a_999_gets_a_997_in_its_own_release() -> None:
    segments = told(closing(x12(st(ORDER), gs=GS5, isa=ISA5)))
    assert segments[1:4] == ["GS*FA*RECEIVER*SENDER*20261122*1200*3*X*005010", "ST*997*0001", "AK1*PO*1"]


def test_a_group_of_an_older_release_is_never_answered_with_a_999() -> None:
    assert told(closing(x12(st(ORDER))), functional="999")[2] == "ST*997*0001"


def test_a_group_of_release_3_is_answered_with_a_six_digit_date() -> None:
    rows = put(put(ORDER, 0, "BEG*00*SA*PO1**261122"), 2, "DTM*002*261201")
    segments = told(closing(x12(st(rows), gs=GS.replace("20261122", "261122").replace("004010", "003040"))))
    assert segments[1] == "GS*FA*RECEIVER*SENDER*261122*1200*3*X*003040"


def test_every_group_has_its_own_997_under_its_own_addresses_and_number() -> None:
    second = st(["B10*1"], 1, "148")
    text = x12(st(ORDER), ge="GE*1*1~" + GS.replace("PO*SENDER*", "QM*OTHER*").replace("*1*X*", "*2*X*") + second
               + "GE*1*2~", iea="IEA*2*000000001~")
    assert told(closing(text))[1:-1] == [
        "GS*FA*RECEIVER*SENDER*20261122*1200*3*X*004010",
        "ST*997*0001",
        "AK1*PO*1",
        "AK2*850*0001",
        "AK5*A",
        "AK9*A*1*1*1",
        "SE*6*0001",
        "GE*1*3",
        "GS*FA*RECEIVER*OTHER*20261122*1200*4*X*004010",
        "ST*997*0001",
        "AK1*QM*2",
        "AK2*148*0001",
        "AK5*R*1",
        "AK9*R*1*1*0",
        "SE*6*0001",
        "GE*1*4",
    ]


@pytest.mark.parametrize(
    ("value", "copied"),
    [("8x1", "*8x1"), ("8é1", ""), ("8>1x", ""), ("x" * 99, "*" + "x" * 99), ("x" * 100, ""), ("8\x07", "")],
)
def test_a_bad_value_is_repeated_only_where_it_does_not_break_the_answer(value: str, copied: str) -> None:
    rows = put(ORDER, 6, f"PO1*1*{value}*EA*68.12")
    [found] = [s for s in told(closing(x12(st(rows)))) if s.startswith("AK4")]
    assert found.removeprefix("AK4*2*330*6").removeprefix("AK4*2>2**3") == copied or found.startswith("AK4*2>2")


def test_a_set_without_type_is_told_as_such() -> None:
    assert "AK5*R*6" in told(closing(x12(st(ORDER, kind=""))))


def test_five_codes_are_told_at_most_and_the_first_are_those_of_the_envelope() -> None:
    [found] = [s for s in told(closing(x12(st(TWO_FAULTS, se="SE*99*7")))) if s.startswith("AK5")]
    assert found == "AK5*R*4*3*5"


# -- TA1 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "ta1"),
    [
        ("*261122*1200*U*", "*261322*1200*U*", "TA1*000000001*261322*1200*E*014"),
        ("*261122*1200*U*", "*261122*2560*U*", "TA1*000000001*261122*2560*E*015"),
        ("*U*00401*", "*U*004A *", "TA1*000000001*261122*1200*E*017"),
        ("*0*P*>", "*0*X*>", "TA1*000000001*261122*1200*E*020"),
        ("*0*P*>", "*9*P*>", "TA1*000000001*261122*1200*E*019"),
        ("*ZZ*SENDERID ", "*  *SENDERID ", "TA1*000000001*261122*1200*E*005"),
        ("*ZZ*RECEIVERID ", "*  *RECEIVERID ", "TA1*000000001*261122*1200*E*007"),
        ("ISA*00*", "ISA*99*", "TA1*000000001*261122*1200*E*010"),
    ],
)
def test_a_tolerated_fault_of_the_header_is_noted_by_a_ta1_and_the_sets_are_taken(old: str, new: str, ta1: str) -> None:
    segments = told(closing(x12(st(ORDER), isa=ISA.replace(old, new))))
    assert segments[1] == ta1
    assert "AK9*A*1*1*1" in segments


def test_a_rejected_interchange_has_no_accepted_set_in_its_997() -> None:
    segments = told(closing(x12(st(ORDER), iea="IEA*7*000000001~")))
    assert segments[1] == "TA1*000000001*261122*1200*R*021"
    assert [s for s in segments if s.startswith("AK5")] == ["AK5*R"]
    assert "AK9*R*1*1*0" in segments


def test_a_ta1_is_sent_always_where_that_is_wanted() -> None:
    assert told(closing(x12(st(ORDER))), interchange="always")[1] == "TA1*000000001*261122*1200*A*000"


def test_an_interchange_with_nothing_but_a_ta1_is_not_answered_even_when_it_asks() -> None:
    asking = ISA.replace("*0*P*", "*1*P*")
    found = closing(asking + "TA1*000000042*261121*0900*A*000~IEA*0*000000001~")
    assert found.receipts == 1
    assert told(found) == []
    assert told(found, interchange="always") == []


def test_an_empty_interchange_that_asks_gets_its_ta1() -> None:
    found = closing(ISA.replace("*0*P*", "*1*P*") + "IEA*0*000000001~")
    assert told(found)[1:] == ["TA1*000000001*261122*1200*A*000", "IEA*0*000000007"]


def test_an_answer_among_orders_is_passed_over_and_the_orders_are_answered() -> None:
    fa = "GS*FA*SENDER*RECEIVER*20261122*1200*2*X*004010~" + st(["AK1*PO*1", "AK9*A*1*1*1"], kind="997") + "GE*1*2~"
    segments = told(closing(x12(st(ORDER), ge="GE*1*1~" + fa, iea="IEA*2*000000001~")))
    assert [s for s in segments if s.startswith("AK1")] == ["AK1*PO*1"]


def test_no_answer_holds_a_separator_of_its_own_in_a_text() -> None:
    odd = x12(st(put(ORDER, 6, "PO1*1*8^1*EA*68.12")), gs=GS5, isa=ISA5)
    assert not any("^" in s for s in told(closing(odd))[1:])
    assert set(answers(odd)) == {"997"}
