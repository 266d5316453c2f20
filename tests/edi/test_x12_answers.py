"""What goes back to an X12 sender, and what comes back to us."""

from __future__ import annotations

from hub.model.acknowledgement import Acknowledged
from hub.model.exchange import Status
from tests.edi.samples import GS, ORDER, answers, readings, st, x12

FA = "GS*FA*SENDER*RECEIVER*20261122*1200*1*X*004010~"


def test_a_clean_group_is_accepted_with_its_three_counts() -> None:
    told = answers(x12(st(ORDER, 1), st(ORDER, 2)))["997"]
    assert told[2:-2] == [
        "ST*997*0001",
        "AK1*PO*1",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK5*A",
        "AK9*A*2*2*2",
        "SE*8*0001",
    ]


def test_the_answer_goes_back_under_the_senders_addresses() -> None:
    told = answers(x12(st(ORDER)))["997"]
    assert told[0][32:50] == "ZZ*RECEIVERID     "
    assert told[0][51:69] == "ZZ*SENDERID       "
    assert told[1] == "GS*FA*RECEIVER*SENDER*20261122*1200*3*X*004010"
    assert told[-1] == "IEA*1*000000007"


def test_an_unknown_set_is_rejected_with_code_1_and_its_neighbour_is_taken() -> None:
    text = x12(st(["B3*1"], 1, "110"), st(ORDER, 2))
    assert [r.status for r in readings(text)] == [Status.REJECTED, Status.ACCEPTED]
    assert readings(text)[0].document is None
    told = answers(text)["997"]
    assert told[4:6] == ["AK2*110*0001", "AK5*R*1"]
    assert "AK9*P*2*2*1" in told


def test_a_997_is_never_answered() -> None:
    text = x12(st(["AK1*PO*1", "AK9*A*1*1*1"], kind="997"), gs=FA)
    assert answers(text) == {}
    assert answers(text.replace("*0*P*>", "*1*P*>")) == {}


def test_a_997_says_what_became_of_our_sets() -> None:
    rows = [
        "AK1*PO*17",
        "AK2*850*0001",
        "AK5*A",
        "AK2*850*0002",
        "AK3*PO1*8**8",
        "AK4*2*330*6*8x1",
        "AK5*R*5",
        "AK9*P*2*2*1",
    ]
    document = readings(x12(st(rows, kind="997"), gs=FA))[0].document
    assert isinstance(document, Acknowledged)
    assert (document.code, document.control, document.outcome) == ("PO", "17", "partially_accepted")
    assert [t.outcome for t in document.transactions] == ["accepted", "rejected"]
    assert document.transactions[1].codes == ("AK304:8", "AK403:6", "AK502:5")


def test_a_999_is_read_like_a_997() -> None:
    rows = ["AK1*PO*17", "AK2*850*0001", "IK5*E*5", "AK9*E*1*1*1"]
    document = readings(x12(st(rows, kind="999"), gs=FA.replace("004010", "005010X231")))[0].document
    assert isinstance(document, Acknowledged)
    assert document.transactions[0].outcome == "accepted_with_errors"


def test_a_ta1_says_what_became_of_our_interchange() -> None:
    isa, rest = x12().split("~", 1)
    found = readings(isa + "~TA1*000000042*261121*0900*R*023~" + rest)[0]
    assert isinstance(found.document, Acknowledged)
    assert (found.message, found.document.control, found.document.outcome) == ("TA1", "000000042", "rejected")


def test_an_empty_997_is_rejected_with_a_finding() -> None:
    found = readings(x12(st([], kind="997"), gs=FA))[0]
    assert found.document is None
    assert found.status is Status.REJECTED


def test_the_sender_can_read_the_answer_in_its_own_separators() -> None:
    text = x12(st(ORDER), gs=GS).replace("*", "|").replace("~", "\n")
    assert answers(text)["997"][2] == "ST|997|0001"
