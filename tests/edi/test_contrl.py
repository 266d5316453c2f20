"""Whole CONTRL messages, written by hand, in syntax version 3 and 4: each as an EDI clerk's software expects it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.model.exchange import Answers, Closing, Numbers
from tests.edi.samples import NOW, ORDERS, E, closing, edifact, put, unh

EANCOM = "ORDERS:D:96A:UN:EAN008"
UNB4 = "UNB+UNOC:4+5412345000013:14+4012345000009:14+20261122:1200+REF1'"


def told(found: Closing, **wanted: str) -> list[str]:
    """The answer, segment by segment, without UNA."""
    found = replace(found, wanted=Answers.model_validate(wanted))
    [reply] = E.acknowledge(found, Numbers(interchange=7), NOW)
    return reply.content.decode().removeprefix("UNA:+.? '").split("'")[:-1]


def test_one_bad_message_among_three_in_eancom() -> None:
    rows = put(put(ORDERS, 8, "QTY+21:8x1:PCE"), 2, f"NAD+BY+{'9' * 36}::9")
    text = edifact(unh(ORDERS, 1, EANCOM), unh(rows, 2, EANCOM), unh(ORDERS, 3, EANCOM))
    assert told(closing(text)) == [
        "UNB+UNOC:3+4012345000009:14+5412345000013:14+261122:1200+7",
        "UNH+1+CONTRL:D:3:UN",
        "UCI+REF1+5412345000013:14+4012345000009:14+7",
        "UCM+2+ORDERS:D:96A:UN:EAN008+4",
        "UCS+4",
        "UCD+39+3:1",
        "UCS+10",
        "UCD+37+2:2",
        "UNT+8+1",
        "UNZ+1+7",
    ]


def test_syntax_version_4_is_answered_in_its_own_message_version() -> None:
    assert told(closing(edifact(unh(put(ORDERS, 8, "QTY+21:8x1:PCE")), unb=UNB4))) == [
        "UNB+UNOC:4+4012345000009:14+5412345000013:14+20261122:1200+7",
        "UNH+1+CONTRL:4:1:UN",
        "UCI+REF1+5412345000013:14+4012345000009:14+7",
        "UCM+1+ORDERS:D:96A:UN+4",
        "UCS+10",
        "UCD+37+2:2",
        "UNT+6+1",
        "UNZ+1+7",
    ]


@pytest.mark.parametrize("version", ["1", "2", "3"])
def test_an_older_syntax_version_is_answered_in_it(version: str) -> None:
    text = edifact(unh(ORDERS)).replace("UNOC:3", f"UNOA:{version}")
    assert told(closing(text))[0].startswith(f"UNB+UNOA:{version}+")


def test_a_receipt_promises_no_more_than_the_arrival() -> None:
    assert told(closing(edifact(unh(ORDERS))), contrl="receipt")[2:-1] == [
        "UCI+REF1+5412345000013:14+4012345000009:14+8", "UNT+3+1"]


def test_even_who_wants_receipts_is_told_what_was_rejected() -> None:
    text = edifact(unh(put(ORDERS, 8, "QTY+21:8x1:PCE")))
    assert told(closing(text), contrl="receipt")[2:4] == [
        "UCI+REF1+5412345000013:14+4012345000009:14+7", "UCM+1+ORDERS:D:96A:UN+4"]


def test_groups_are_answered_with_their_addresses_as_they_were_sent() -> None:
    first = f"UNG+ORDERS+5412345000013:14+DEPT9+261122:1200+G1+UN+D:96A'{unh(ORDERS)}UNE+1+G1'"
    second = f"UNG+ORDERS+A+B+261122:1200+G2+UN+D:96A'{unh(put(ORDERS, 8, 'QTY+21:8x1:PCE'))}UNE+1+G2'"
    third = f"UNG+ORDERS+A+B+261122:1200+G3+UN+D:96A'{unh(ORDERS)}UNE+2+G3'"
    text = edifact(unz=f"{first}{second}{third}UNZ+3+REF1'")
    assert told(closing(text))[2:-1] == [
        "UCI+REF1+5412345000013:14+4012345000009:14+7",
        "UCF+G1+5412345000013:14+DEPT9+7",
        "UCF+G2+A+B+7",
        "UCM+1+ORDERS:D:96A:UN+4",
        "UCS+10",
        "UCD+37+2:2",
        "UCF+G3+A+B+4+29+UNE+2",
        "UNT+9+1",
    ]


def test_a_duplicate_reference_and_a_missing_segment_are_told_at_their_places() -> None:
    cut = [row for row in ORDERS if not row.startswith("BGM")]
    assert told(closing(edifact(unh(ORDERS, 1), unh(ORDERS, 1), unh(cut, 2))))[2:-1] == [
        "UCI+REF1+5412345000013:14+4012345000009:14+7",
        "UCM+1+ORDERS:D:96A:UN+4+26+UNH+2",
        "UCM+2+ORDERS:D:96A:UN+4",
        "UCS+1+13",
        "UNT+6+1",
    ]


def test_a_message_without_type_is_rejected_at_its_header() -> None:
    assert "UCM+1+:D:96A:UN+4+13+UNH+3:1" in told(closing(edifact(unh(ORDERS, kind=":D:96A:UN"))))


def test_a_letter_that_the_charset_cannot_carry_does_not_release_what_follows_it() -> None:
    text = edifact(unh(ORDERS), unb="UNB+UNOA:3+CAFÉ:14+4012345000009:14+261122:1200+REF1'")
    segments = told(closing(text))
    assert segments[0] == "UNB+UNOA:3+4012345000009:14+CAF??:14+261122:1200+7"
