"""One round of damaged files as a clerk gets them, each with the whole answer that it must have, held against the
meaning of the codes by eye: 997 and TA1 (X12 716, 718, 720, 723, I18), CONTRL (0083, 0085)."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from hub.model.exchange import Answers, Closing
from hub.ports import Guide
from tests.edi.samples import GS, ISA, NOW, ORDER, ORDERS, E, Numbers, X, edifact, put, st, unh, x12

ASKING = ISA.replace("*0*P", "*1*P")
BAD = put(ORDER, 6, "PO1*1*8x1*EA*68.12**UP*641520749044")
BAD_ORDERS = put(ORDERS, 8, "QTY+21:8x1:PCE")
UNG = ("UNB+UNOC:3+5412345000013:14+4012345000009:14+261122:1200+REF1'UNG+ORDERS+A+B+261122:1200+G1+UN+D:96A'",
       "'UNZ+1+REF1'")
UCI = "UCI+REF1+5412345000013:14+4012345000009:14+"
PO, TAKEN, REFUSED = "AK1*PO*1", "AK9*A*1*1*1", "AK9*R*1*1*0"
FIRST = "AK2*850*0001"
TA1 = "TA1*000000001*261122*1200*"
GS_5010, PO_5010 = GS.replace("004010", "005010"), "AK1*PO*1*005010"
AG, ADVICE = GS.replace("PO*", "AG*"), ["BGN*00*ADV1*20261122", "OTI*TA*TN*PO1"]
APERAK = ["BGM+305+AP1+29", "DTM+137:20261122:102", "RFF+ACW:PO1"]
ALL_REFUSED = [PO, FIRST, "AK5*R", REFUSED]
"""What was in an interchange that is refused as a whole."""
ENVELOPE = ("ISA", "GS*", "GE*", "IEA", "SE*", "ST*", "UNA", "UNB", "UNZ", "UNH", "UNT")

X12_ROUND = {
    "nothing wrong": (x12(st(ORDER)), [PO, FIRST, "AK5*A", TAKEN]),
    "nothing wrong, and a TA1 is asked for": (x12(st(ORDER), isa=ASKING), [TA1 + "A*000", PO, FIRST, "AK5*A", TAKEN]),
    "a letter in a quantity": (
        x12(st(BAD)), [PO, FIRST, "AK3*PO1*8*PO1*8", "AK4*2*330*6*8x1", "AK5*R*5", REFUSED]),
    "the second of two wrong": (
        x12(st(ORDER), st(BAD, 2)),
        [PO, FIRST, "AK5*A", "AK2*850*0002", "AK3*PO1*8*PO1*8", "AK4*2*330*6*8x1", "AK5*R*5", "AK9*P*2*2*1"]),
    "the same transaction number twice": (
        x12(st(ORDER), st(ORDER)), [PO, FIRST, "AK5*A", FIRST, "AK5*R*23", "AK9*P*2*2*1"]),
    "SE counts wrongly": (x12(st(ORDER, se="SE*99*0001")), [PO, FIRST, "AK5*R*4", REFUSED]),
    "SE has another number": (x12(st(ORDER, se="SE*13*0009")), [PO, FIRST, "AK5*R*3", REFUSED]),
    "GE counts wrongly": (x12(st(ORDER), ge="GE*7*1~"), [PO, FIRST, "AK5*A", "AK9*E*7*1*1*5"]),
    "GE has another number": (x12(st(ORDER), ge="GE*1*8~"), [PO, FIRST, "AK5*A", "AK9*E*1*1*1*4"]),
    "IEA has another number": (x12(st(ORDER), iea="IEA*1*000000009~"), [TA1 + "R*001", *ALL_REFUSED]),
    "IEA counts wrongly": (x12(st(ORDER), iea="IEA*4*000000001~"), [TA1 + "R*021", *ALL_REFUSED]),
    "a set that nobody knows": (x12(st(ORDER, kind="999X")), [PO, "AK2*999X*0001", "AK5*R*1", REFUSED]),
    "cut off in the order": (
        x12(st(ORDER))[:-60], [TA1 + "R*023", PO, FIRST, "AK5*R*2", "AK9*R*1*1*0*3"]),
    "cut off before the first line": (
        x12(st(ORDER))[:260],
        [TA1 + "R*023", PO, FIRST, "AK3*PO1*8*PO1*3", "AK5*R*2*5", "AK9*R*1*1*0*3"]),
    "a segment that is none": (
        x12(st(put(ORDER, 2, "ZZZ*1"))), [PO, FIRST, "AK3*ZZZ*4**1", "AK5*E*5", "AK9*E*1*1*1"]),
    "without its beginning": (x12(st(ORDER[1:])), [PO, FIRST, "AK3*BEG*2**3", "AK5*R*5", REFUSED]),
    "a release that there is not yet": (
        x12(st(ORDER), gs=GS.replace("004010", "009990")), [PO, FIRST, "AK5*A", TAKEN]),
    "Latin letters": (x12(st(put(ORDER, 7, "PID*F****LAMPÉ"))).encode("latin-1"), [PO, FIRST, "AK5*A", TAKEN]),
    "an interchange sent twice": (
        x12(st(ORDER)) * 2, [PO, FIRST, "AK5*A", TAKEN, TA1 + "R*025"]),
    "a group sent twice": (
        ISA + (GS + st(ORDER) + "GE*1*1~") * 2 + "IEA*2*000000001~",
        [PO, FIRST, "AK5*A", TAKEN, PO, FIRST, "AK5*A", "AK9*E*1*1*1*6"]),
    "an 824": (x12(st(ADVICE, kind="824"), gs=AG), ["AK1*AG*1", "AK2*824*0001", "AK5*A", TAKEN]),
    "an 824 with an answer that there is not": (
        x12(st(put(ADVICE, 1, "OTI*XX*TN*PO1"), kind="824"), gs=AG),
        ["AK1*AG*1", "AK2*824*0001", "AK3*OTI*3*OTI*8", "AK4*1*110*7*XX", "AK5*E*5", "AK9*E*1*1*1"]),
    "an acknowledgement": (
        x12(st(["AK1*PO*1", "AK9*A*1*1*1"], kind="997"), gs=GS.replace("PO*", "FA*")), []),
}
ROUND_999 = {
    "nothing wrong": (x12(st(ORDER), gs=GS_5010), [PO_5010, FIRST, "IK5*A", TAKEN]),
    "a letter in a quantity": (
        x12(st(BAD), gs=GS_5010), [PO_5010, FIRST, "IK3*PO1*8*PO1*8", "IK4*2*330*6*8x1", "IK5*R*5", REFUSED]),
    "the second of two wrong": (
        x12(st(ORDER), st(BAD, 2), gs=GS_5010),
        [PO_5010, FIRST, "IK5*A", "AK2*850*0002", "IK3*PO1*8*PO1*8", "IK4*2*330*6*8x1", "IK5*R*5", "AK9*P*2*2*1"]),
    "without its beginning": (
        x12(st(ORDER[1:]), gs=GS_5010), [PO_5010, FIRST, "IK3*BEG*2**3", "IK5*R*5", REFUSED]),
    "a segment that is none": (
        x12(st(put(ORDER, 2, "ZZZ*1")), gs=GS_5010),
        [PO_5010, FIRST, "IK3*ZZZ*4**1", "CTX*BEG03>PO1", "IK5*E*5", "AK9*E*1*1*1"]),
    "a scheme without a number": (
        x12(st(put(ORDER, 3, "N1*ST*DC*92")), gs=GS_5010),
        [PO_5010, FIRST, "IK3*N1*5*N1*8", "CTX*BEG03>PO1", "IK4*4*67*2", "CTX*SITUATIONAL TRIGGER*N1*5*N1*3*66",
         "IK5*E*5", "AK9*E*1*1*1"]),
    "a set that nobody knows": (
        x12(st(ORDER, kind="999X"), gs=GS_5010), [PO_5010, "AK2*999X*0001", "IK5*R*1", REFUSED]),
    "a release that has no 999": (
        x12(st(BAD)), [PO, FIRST, "AK3*PO1*8*PO1*8", "AK4*2*330*6*8x1", "AK5*R*5", REFUSED]),
}
"""The same where the sender asked for 999s: IK403 2 is a mandatory element of a syntax rule that is absent, CTX names
the order, and what made the element mandatory."""
EDIFACT_ROUND = {
    "nothing wrong": (edifact(unh(ORDERS)), [UCI + "7"]),
    "a letter in a quantity": (
        edifact(unh(BAD_ORDERS)), [UCI + "7", "UCM+1+ORDERS:D:96A:UN+4", "UCS+10", "UCD+37+2:2"]),
    "the second of two wrong": (
        edifact(unh(ORDERS), unh(BAD_ORDERS, 2)), [UCI + "7", "UCM+2+ORDERS:D:96A:UN+4", "UCS+10", "UCD+37+2:2"]),
    "the same message number twice": (
        edifact(unh(ORDERS), unh(ORDERS)), [UCI + "7", "UCM+1+ORDERS:D:96A:UN+4+26+UNH+2"]),
    "UNT counts wrongly": (edifact(unh(ORDERS, unt="UNT+99+1")), [UCI + "7", "UCM+1+ORDERS:D:96A:UN+4+29+UNT+2"]),
    "UNT has another number": (
        edifact(unh(ORDERS, unt="UNT+14+7")), [UCI + "7", "UCM+1+ORDERS:D:96A:UN+4+28+UNT+3"]),
    "UNZ counts wrongly": (edifact(unh(ORDERS), unz="UNZ+5+REF1'"), [UCI + "4+29+UNZ+2"]),
    "UNZ has another number": (edifact(unh(ORDERS), unz="UNZ+1+REF9'"), [UCI + "4+28+UNZ+3"]),
    "a message that nobody knows": (
        edifact(unh(ORDERS, kind="ABCDEF:D:96A:UN")), [UCI + "7", "UCM+1+ABCDEF:D:96A:UN+4+14+UNH+3:1"]),
    "a directory that there never was": (edifact(unh(ORDERS, kind="ORDERS:D:55A:UN")), [UCI + "7"]),
    "cut off in the order": (edifact(unh(ORDERS))[:-40], [UCI + "4+13+UNZ"]),
    "a group": (unh(ORDERS).join((UNG[0], "UNE+1+G1" + UNG[1])), [UCI + "7", "UCF+G1+A+B+7"]),
    "a group that counts wrongly": (
        unh(BAD_ORDERS).join((UNG[0], "UNE+3+G1" + UNG[1])), [UCI + "7", "UCF+G1+A+B+4+29+UNE+2"]),
    "an interchange sent twice": (edifact(unh(ORDERS)) * 2, [UCI + "7", UCI + "4+26+UNB+6"]),
    "a group sent twice": (
        UNG[0] + "UNE+1+G1'UNG+ORDERS+A+B+261122:1200+G1+UN+D:96A'".join((unh(ORDERS), unh(ORDERS, 2)))
        + "UNE+1+G1'UNZ+2+REF1'",
        [UCI + "7", "UCF+G1+A+B+7", "UCF+G1+A+B+4+26+UNG+6"]),
    "an APERAK": (edifact(unh(APERAK, kind="APERAK:D:96A:UN")), []),
    "an APERAK with a day that there is not": (
        edifact(unh(put(APERAK, 1, "DTM+137:20261131:102"), kind="APERAK:D:96A:UN")), []),
    "an order beside an APERAK": (
        edifact(unh(ORDERS), unh(APERAK, 2, kind="APERAK:D:96A:UN")), [UCI + "7"]),
    "no envelope": (unh(ORDERS), []),
    "the interactive syntax": ("UIB+UNOA:3+1+++S+R'UIH+ORDERS:D:96A:UN+1'UIT+1+2'UIZ+1'", []),
    "an acknowledgement": (edifact(unh(["UCI+1+A:14+B:14+7"], kind="CONTRL:D:3:UN")), []),
}


def answered(content: str | bytes, wanted: Answers | None = None) -> list[str]:
    """The segments of all answers to a file, without their envelopes."""
    raw = content if isinstance(content, bytes) else content.encode()
    format = X if X.recognises(raw[:4096]) else E
    closings = [event for event in format.read(io.BytesIO(raw), lambda _: Guide()) if isinstance(event, Closing)]
    asked = [replace(closing, wanted=wanted or closing.wanted) for closing in closings]
    answers = [one for closing in asked for one in format.acknowledge(closing, Numbers(interchange=7), NOW)]
    segments = [row for one in answers for row in one.content.decode().split("~" if format is X else "'")]
    return [row for row in segments if row and row[:3] not in ENVELOPE]


@pytest.mark.parametrize("name", X12_ROUND)
def test_a_damaged_x12_file_gets_exactly_the_answer_that_it_deserves(name: str) -> None:
    content, wanted = X12_ROUND[name]
    assert answered(content) == wanted


@pytest.mark.parametrize("name", ROUND_999)
def test_who_asked_for_a_999_gets_exactly_that(name: str) -> None:
    content, wanted = ROUND_999[name]
    assert answered(content, Answers(functional="999")) == wanted


@pytest.mark.parametrize("name", EDIFACT_ROUND)
def test_a_damaged_edifact_file_gets_exactly_the_answer_that_it_deserves(name: str) -> None:
    content, wanted = EDIFACT_ROUND[name]
    assert answered(content) == wanted
