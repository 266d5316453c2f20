"""UNB to UNZ: service characters, release, charsets, counts, and the CONTRL that answers them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from adapters.edifact.format import Edifact
from hub.model.acknowledgement import Acknowledged
from hub.model.advice import AdvisedDocument, ApplicationAdvice, ApplicationError
from hub.model.exchange import Address, Closing, Envelope, Numbers, Opening, Status
from hub.model.order import Order
from tests.edi.samples import ORDERS, answers, closing, edifact, events, names, places, put, readings, remarks, unh

GOOD = edifact(unh(ORDERS))


def order(text: str | bytes) -> Order:
    found = readings(text)[0]
    assert names(found.findings) == []
    assert isinstance(found.document, Order)
    return found.document


def described(text: str, content: bytes | None = None) -> str | None:
    return order(content or edifact(unh(put(ORDERS, 7, f"IMD+F++:::{text}")))).lines[0].description


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("A?+B", "A+B"),
        ("A?'B", "A'B"),
        ("A?:B", "A:B"),
        ("A??", "A?"),
        ("ok??", "ok?"),
        ("???'", "?'"),
        ("????", "??"),
        ("?A", "A"),
        ("100 %", "100 %"),
    ],
)
def test_released_characters_are_text(written: str, meant: str) -> None:
    assert described(written) == meant


def test_an_even_run_of_releases_before_the_terminator_ends_the_segment() -> None:
    assert described("ok??") == "ok?"
    assert len(order(edifact(unh(put(ORDERS, 7, "IMD+F++:::ok??")))).lines) == 1


def test_a_released_trailer_inside_a_text_does_not_end_the_message() -> None:
    assert described("x?'UNT?+1") == "x'UNT+1"


def test_a_una_gives_other_service_characters_for_its_own_interchange_only() -> None:
    odd = GOOD.translate(str.maketrans({"+": "*", ":": "=", "'": "~"})).replace("REF1", "REF2")
    both = GOOD + "\r\nUNA=*.? ~" + odd + "UNA:+.? '" + GOOD.replace("REF1", "REF3")
    assert [r.document for r in readings(both)] == [order(GOOD)] * 3


def test_a_plus_that_is_no_separator_here_is_text() -> None:
    odd = "UNA=*.? ~" + edifact(unh(put(ORDERS, 7, "IMD+F++:::A B"))).translate(
        str.maketrans({"+": "*", ":": "=", "'": "~"})
    ).replace("A B", "A+B:C'D")
    assert order(odd).lines[0].description == "A+B:C'D"


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("UNOC", "latin-1", "Größe"),
        ("UNOD", "iso8859-2", "Łódź"),
        ("UNOE", "iso8859-5", "Чай"),
        ("UNOY", "utf-8", "日本"),
        ("UNOA", "utf-8", "Größe"),
    ],
)
def test_text_is_read_in_the_declared_charset(charset: str, encoding: str, text: str) -> None:
    content = edifact(unh(put(ORDERS, 7, f"IMD+F++:::{text}"))).replace("UNOC", charset).encode(encoding)
    assert described("", content) == text


@pytest.mark.parametrize("end", ["'\r\n", "'\n", "'\n   "])
def test_lines_and_indents_do_not_matter(end: str) -> None:
    assert order(GOOD.replace("'", end)) == order(GOOD)


def test_a_translator_that_ends_segments_with_lines_is_understood() -> None:
    assert order(GOOD.replace("'", "\n")) == order(GOOD)


def test_a_message_without_interchange_header_is_read_with_a_warning_and_not_answered() -> None:
    found = closing(unh(ORDERS))
    assert names(found.findings) == ["NO-HEADER"]
    assert order(unh(ORDERS)) == order(GOOD)
    assert answers(unh(ORDERS)) == {}


def test_interactive_edifact_is_refused() -> None:
    assert remarks("UIB+UNOA:4+1+++A+B'UIH+X:D:01B:UN+1'UIT+1+2'UIZ+1+1'") == ["INTERACTIVE"]


@pytest.mark.parametrize(
    ("unt", "finding", "code"),
    [
        ("UNT+99+1", "SEGMENT-COUNT", "29"),
        ("UNT+14+7", "CONTROL-MISMATCH", "28"),
    ],
)
def test_a_wrong_trailer_rejects_its_message(unt: str, finding: str, code: str) -> None:
    text = edifact(unh(ORDERS, unt=unt))
    found = readings(text)[0]
    assert (names(found.findings), found.status, found.document) == ([finding], Status.REJECTED, None)
    assert f"UCM+1+ORDERS:D:96A:UN+4+{code}+UNT+" in "'".join(answers(text)["CONTRL"])


@pytest.mark.parametrize(
    ("unz", "fault"),
    [
        ("UNZ+4+REF1'", "29+UNZ+2"),
        ("UNZ+1+REF9'", "28+UNZ+3"),
        ("", "13+UNZ"),
    ],
)
def test_a_wrong_or_missing_unz_rejects_the_interchange(unz: str, fault: str) -> None:
    text = edifact(unh(ORDERS), unz=unz)
    assert closing(text).rejected
    assert answers(text)["CONTRL"][3] == f"UCI+REF1+5412345000013:14+4012345000009:14+4+{fault}"


@pytest.mark.parametrize("cut", range(5, len(GOOD), 7))
def test_a_file_cut_off_anywhere_is_told_and_never_crashes(cut: int) -> None:
    found = events(GOOD[:cut])
    assert found
    assert any(isinstance(e, Closing) and e.rejected for e in found) or not any(isinstance(e, Opening) for e in found)


def test_a_clean_interchange_is_acknowledged_as_a_whole() -> None:
    told = answers(GOOD)["CONTRL"]
    assert told == [
        "UNA:+.? ",
        "UNB+UNOC:3+4012345000009:14+5412345000013:14+261122:1200+7",
        "UNH+1+CONTRL:D:3:UN",
        "UCI+REF1+5412345000013:14+4012345000009:14+7",
        "UNT+3+1",
        "UNZ+1+7",
    ]


def test_one_bad_message_is_rejected_and_its_neighbours_are_acknowledged() -> None:
    text = edifact(unh(ORDERS, 1), unh(put(ORDERS, 8, "QTY+21:8x1:PCE"), 2), unh(ORDERS, 3))
    assert [r.status for r in readings(text)] == [Status.ACCEPTED, Status.REJECTED, Status.ACCEPTED]
    told = answers(text)["CONTRL"][3:-2]
    assert told[0].endswith("+7")
    assert told[1].startswith("UCM+2+ORDERS:D:96A:UN+4")
    assert told[2] == "UCS+10"
    assert told[3] == "UCD+37+2:2"  # the tag is position 1, C186 position 2, the quantity its component 2
    assert len([s for s in told if s.startswith("UCM")]) == 1


def test_an_error_in_a_component_is_named_by_element_and_component() -> None:
    found = readings(edifact(unh(put(ORDERS, 2, f"NAD+BY+{'9' * 36}::9"))))[0]
    told = next(f for f in found.findings if f.code == "E-EDIFACT-TOO-LONG")
    assert (told.where.segment, told.where.tag, told.where.element, told.where.component) == (4, "NAD", 2, 1)


def test_errors_that_are_tolerated_are_acknowledged_because_contrl_knows_no_better() -> None:
    text = edifact(unh(put(ORDERS, 2, f"NAD+BY+{'9' * 36}::9")))
    assert readings(text)[0].status is Status.ACCEPTED_WITH_ERRORS
    assert "UCM+1+ORDERS:D:96A:UN+7" in answers(text)["CONTRL"]
    assert readings(text, policy="reject")[0].status is Status.REJECTED


def test_an_unknown_message_is_rejected_with_the_right_code() -> None:
    text = edifact(unh(["BGM+1+1+9"], kind="PAXLST:D:04A:UN"))
    assert names(readings(text)[0].findings) == ["UNKNOWN-MESSAGE"]
    assert "UCM+1+PAXLST:D:04A:UN+4+14+UNH+3:1" in answers(text)["CONTRL"]


def test_contrl_and_aperak_are_never_answered() -> None:
    for kind, rows in (("CONTRL:D:3:UN", ["UCI+REF7+A:14+B:14+7"]), ("APERAK:D:96A:UN", ["BGM+313+1+9"])):
        assert answers(edifact(unh(rows, kind=kind))) == {}


def test_a_contrl_says_what_became_of_our_messages() -> None:
    rows = ["UCI+REF7+A:14+B:14+7", "UCM+3+ORDERS:D:96A:UN+4", "UCS+5+", "UCD+12+2:1"]
    document = readings(edifact(unh(rows, kind="CONTRL:D:3:UN")))[0].document
    assert isinstance(document, Acknowledged)
    assert (document.control, document.outcome) == ("REF7", "partially_accepted")
    assert (document.transactions[0].control, document.transactions[0].codes) == ("3", ("0085:12",))


def test_functional_groups_are_counted_and_answered_one_by_one() -> None:
    groups = "".join(
        f"UNG+ORDERS+A+B+261122:1200+G{n}+UN+D:96A'{unh(ORDERS)}UNE+{1 if n == 1 else 9}+G{n}'" for n in (1, 2)
    )
    text = edifact(unz="UNZ+2+REF1'").replace("UNZ", groups + "UNZ")
    assert closing(text).findings == ()
    told = answers(text)["CONTRL"]
    assert "UCF+G1+A+B+7" in told
    assert "UCF+G2+A+B+4+29+UNE+2" in told


def test_a_message_of_another_directory_is_read_by_the_nearest_table_with_a_warning() -> None:
    found = readings(edifact(unh(ORDERS, kind="ORDERS:D:97A:UN")))[0]
    assert names(found.findings) == ["NEAREST-TABLE"]
    assert found.document == order(GOOD)


@pytest.mark.parametrize(
    ("dtm", "day"),
    [
        ("DTM+2:20261201:102", "2026-12-01"),
        ("DTM+2:202612011430:203", "2026-12-01"),
        ("DTM+2:261201:101", "2026-12-01"),
        ("DTM+2:202649:616", "2026-11-30"),
        ("DTM+2:011226:2", "2026-12-01"),
    ],
)
def test_dates_are_read_by_their_format_code(dtm: str, day: str) -> None:
    assert str(order(edifact(unh(put(ORDERS, 1, ORDERS[1], dtm)))).deliver_on) == day


def test_a_date_that_does_not_exist_is_told_at_its_segment() -> None:
    found = readings(edifact(unh(put(ORDERS, 1, ORDERS[1], "DTM+2:20260230:102"))))[0]
    assert places(found.findings) == [("INVALID-DATE", 4, "DTM", 1)]


def test_the_offset_counts_bytes_also_behind_released_and_accented_text() -> None:
    rows = put(put(ORDERS, 7, "IMD+F++:::Größe ?'XL?'"), 8, "QTY+21:8x1:PCE")
    content = edifact(unh(rows)).encode("latin-1")
    told = next(f for f in readings(content)[0].findings if f.severity.value == "error")
    assert told.where.offset == content.index(b"QTY+21:8x1")


def test_a_comma_is_a_decimal_mark_too() -> None:
    assert str(order(edifact(unh(put(ORDERS, 9, "PRI+AAA:68,12")))).lines[0].price) == "68.12"


def test_a_missing_segment_is_told_at_the_last_one_before_its_place() -> None:
    text = edifact(unh([row for row in ORDERS if not row.startswith("UNS")]))
    told = answers(text)["CONTRL"]
    missing = next(f for f in readings(text)[0].findings if f.code == "E-EDIFACT-MISSING-SEGMENT")
    assert f"UCS+{(missing.where.segment or 0) - 1}+13" in told


def test_an_interchange_in_syntax_version_4_is_answered_in_it() -> None:
    text = edifact(unh(ORDERS)).replace("UNOC:3", "UNOC:4")
    told = answers(text)["CONTRL"]
    assert told[1].startswith("UNB+UNOC:4+")
    assert "+20261122:1200+" in told[1]
    assert told[2] == "UNH+1+CONTRL:4:1:UN"


@pytest.mark.filterwarnings("ignore:segments.xml not found")
def test_an_advice_is_written_and_read_by_another_reader() -> None:
    from pydifact.segmentcollection import RawSegmentCollection

    advice = ApplicationAdvice(
        number="AP-1",
        outcome="rejected",
        issued_on=date(2026, 11, 22),
        documents=(AdvisedDocument(number="4500012345", message="ORDERS"),),
        errors=(ApplicationError(code="12", text="Item 7: it isn't in our range"),),
    )
    envelope = Envelope(
        sender=Address(id="A"),
        receiver=Address(id="B"),
        numbers=Numbers(interchange=1),
        prepared_at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    )
    written = Edifact().write("edifact/D96A/APERAK", [advice], envelope, None)
    assert [r.document for r in readings(written.decode("latin-1"))] == [advice]
    tags = [segment.tag for segment in RawSegmentCollection.from_str(written.decode("latin-1")).segments]
    assert [tag for tag in tags if tag in ("BGM", "RFF", "ERC", "FTX")] == ["BGM", "RFF", "ERC", "FTX"]
