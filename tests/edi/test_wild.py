"""Files as the wild has them: docs/syntax.md line by line."""

from __future__ import annotations

import pytest

from hub.model.exchange import Closing, Opening, Reading, Remark, Status
from hub.model.finding import name_of
from hub.model.order import Order
from tests.edi.samples import (
    ACTIVITY,
    GS,
    ORDER,
    ORDERS,
    answers,
    closing,
    edifact,
    events,
    names,
    put,
    readings,
    remarks,
    st,
    unh,
    x12,
)

GOOD, FINE = x12(st(ORDER)), edifact(unh(ORDERS))


def numbered(text: str, number: int) -> str:
    """The same interchange under another control number."""
    return text.replace("000000001", f"{number:09d}").replace("REF1'", f"REF{number}'")


def statuses(text: str | bytes) -> list[Status]:
    return [r.status for r in readings(text)]


def texts(content: bytes) -> list[str | None]:
    """The description of the first line of every order."""
    return [r.document.lines[0].description for r in readings(content) if isinstance(r.document, Order)]


# -- several interchanges ------------------------------------------------------------------------------------------


def test_three_interchanges_with_three_sets_of_delimiters_are_three_interchanges() -> None:
    second = numbered(GOOD, 2).replace(">~", "\x1f\x1c").replace("*", "\x1d").replace("~", "\x1c")
    third = numbered(GOOD, 3).replace("*", "|").replace("~", "\n")
    found = readings(GOOD + second + "\r\n" + third + "\x1a")
    assert [r.interchange.control for r in found] == ["000000001", "000000002", "000000003"]
    assert [r.document for r in found] == [found[0].document] * 3
    assert remarks(GOOD + second + "\r\n" + third + "\x1a") == []


def test_every_interchange_has_its_own_charset() -> None:
    def named(text: str, charset: str, number: int) -> str:
        return numbered(edifact(unh(put(ORDERS, 7, f"IMD+F++:::{text}"))).replace("UNOC", charset), number)

    content = b"\r\n".join(
        named(text, charset, number).encode(encoding)
        for number, (text, charset, encoding) in enumerate(
            [("Größe", "UNOC", "latin-1"), ("Łódź", "UNOD", "iso8859-2"), ("Чай", "UNOE", "iso8859-5"),
             ("Ωμέγα", "UNOF", "iso8859-7"), ("çiğ", "UNOK", "iso8859-9"), ("日本", "UNOY", "utf-8")], 1
        )
    )  # fmt: skip
    assert texts(content) == ["Größe", "Łódź", "Чай", "Ωμέγα", "çiğ", "日本"]


def test_latin_1_and_utf_8_stand_side_by_side_in_x12() -> None:
    named = x12(st(put(ORDER, 7, "PID*F****Größe")))
    assert texts(named.encode("latin-1") + numbered(named, 2).encode()) == ["Größe", "Größe"]


@pytest.mark.parametrize("between", ["\r\n\r\n", "   ", "\x1a", "\0\0\0", ""])
def test_blanks_between_interchanges_are_nothing(between: str) -> None:
    text = GOOD + between + numbered(GOOD, 2)
    assert (remarks(text), len(readings(text))) == ([], 2)


@pytest.mark.parametrize(("first", "second"), [(GOOD, numbered(GOOD, 2)), (FINE, numbered(FINE, 2))])
def test_what_stands_between_interchanges_is_told_with_its_place_and_length(first: str, second: str) -> None:
    stray = "From: edi@example\r\nSubject: orders\r\n"
    text = first + stray + second
    [remark] = [e for e in events(text) if isinstance(e, Remark)]
    assert name_of(remark.finding) == "GARBAGE"
    assert remark.finding.where.offset == len(first)
    assert f" {len(stray)} bytes" in remark.finding.message
    assert len(readings(text)) == 2


def test_what_stands_before_the_first_and_behind_the_last_interchange_is_told_too() -> None:
    assert remarks("--part\r\n\r\n" + GOOD + "--part--") == ["GARBAGE", "GARBAGE"]
    assert remarks("--part\r\n\r\n" + FINE + "--part--") == ["GARBAGE", "GARBAGE"]


# -- separators ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "version", "repetition"),
    [("U", "00401", ""), ("^", "00401", ""), ("U", "00501", ""), ("^", "00501", "^"), ("^", "00402", "^"),
     (" ", "00501", ""), ("5", "00501", ""), ("*", "00501", "")],
)  # fmt: skip
def test_isa11_separates_repetitions_only_from_00402_on_and_only_when_it_is_a_sign(
    sign: str, version: str, repetition: str
) -> None:
    text = GOOD.replace("*U*00401*", f"*{sign}*{version}*" if sign != "*" else f"*U*{version}*")
    opened = next(e for e in events(text) if isinstance(e, Opening))
    assert opened.interchange.syntax["repetition"] == repetition


def test_a_caret_in_a_text_is_a_caret_where_it_separates_nothing() -> None:
    named = put(ORDER, 7, "PID*F****A^B")
    assert texts(x12(st(named)).encode()) == ["A^B"]
    later = x12(st(named)).replace("*U*00401*", "*^*00501*").replace("X*004010~", "X*005010~")
    assert "TOO-MANY-REPEATS" in names(readings(later)[0].findings)


def test_a_component_separator_that_is_also_the_terminator_separates_nothing() -> None:
    assert isinstance(readings(GOOD.replace("*P*>~", "*P*~~"))[0].document, Order)


def test_wrapped_edifact_is_read_as_if_it_were_one_line() -> None:
    lines = "\r\n".join(FINE[i : i + 80] for i in range(0, len(FINE), 80))
    assert readings(lines)[0].document == readings(FINE)[0].document


def test_a_una_without_its_blank_is_understood() -> None:
    assert readings("UNA:+.?'\r\n" + FINE)[0].document == readings(FINE)[0].document


# -- groups, headers, trailers -------------------------------------------------------------------------------------

UNG = "UNG+ORDERS+ALPHA+BETA+261122:1200+{}+UN+D:96A'"


def grouped(*groups: str, count: int | None = None) -> str:
    return edifact(*groups, unz=f"UNZ+{len(groups) if count is None else count}+REF1'")


def test_groups_are_counted_and_their_messages_read() -> None:
    text = grouped(UNG.format(1) + unh(ORDERS, 1) + "UNE+1+1'", UNG.format(2) + unh(ORDERS, 2) + "UNE+1+2'")
    assert [(r.group, r.status) for r in readings(text)] == [(1, Status.ACCEPTED), (2, Status.ACCEPTED)]
    end = closing(text)
    assert (end.findings, [g.received for g in end.groups]) == ((), [1, 1])


@pytest.mark.parametrize(
    ("une", "fault"), [("UNE+7+1'", "GROUP-COUNT"), ("UNE+1+9'", "GROUP-CONTROL"), ("", "GROUP-TRAILER")]
)
def test_a_wrong_or_missing_une_is_told(une: str, fault: str) -> None:
    end = closing(grouped(UNG.format(1) + unh(ORDERS) + une))
    assert names(end.groups[0].findings) == [fault]


def test_group_addresses_without_qualifiers_are_answered_without_qualifiers() -> None:
    told = answers(grouped(UNG.format(5) + unh(put(ORDERS, 8, "QTY+21:x:PCE")) + "UNE+1+5'"))["CONTRL"]
    assert any(row.startswith("UCF+5+ALPHA+BETA+") for row in told)


def test_an_interactive_interchange_is_refused_and_the_batch_behind_it_is_read() -> None:
    text = "UIB+UNOA:4+1+++A+B'UIH+X:D:01B:UN+1'UIT+1+2'UIZ+1+1'" + FINE
    assert remarks(text) == ["INTERACTIVE"]
    assert statuses(text) == [Status.ACCEPTED]


def test_bare_messages_are_read_with_a_warning() -> None:
    text = unh(ORDERS, 1) + unh(ORDERS, 2)
    assert statuses(text) == [Status.ACCEPTED, Status.ACCEPTED]
    assert names(closing(text).findings) == ["NO-HEADER"]


# -- damage --------------------------------------------------------------------------------------------------------


def test_reading_goes_on_at_the_next_st() -> None:
    first = st(ORDER, 1).rsplit("SE*", 1)[0]
    text = x12(first, st(ORDER, 2), ge="GE*2*1~")
    assert statuses(text) == [Status.REJECTED, Status.ACCEPTED]
    assert names(readings(text)[0].findings) == ["MISSING-TRAILER"]


def test_reading_goes_on_at_the_next_unh() -> None:
    text = edifact(unh(ORDERS, 1).rsplit("UNT+", 1)[0], unh(ORDERS, 2))
    assert statuses(text) == [Status.REJECTED, Status.ACCEPTED]
    assert names(readings(text)[0].findings) == ["MISSING-TRAILER"]


@pytest.mark.parametrize(("text", "lost"), [(GOOD, "IEA"), (FINE, "UNZ")])
def test_reading_goes_on_at_the_next_interchange(text: str, lost: str) -> None:
    cut = text[: text.rindex(lost)]
    found = [e for e in events(cut + numbered(text, 2)) if isinstance(e, Closing)]
    assert [names(e.findings) for e in found] == [["TRUNCATED"], []]
    assert statuses(cut + numbered(text, 2))[-1] is Status.ACCEPTED


def test_a_header_that_is_damaged_costs_its_own_interchange_only() -> None:
    text = "ISA*00*broken~" + GS + st(ORDER) + "GE*1*1~IEA*1*1~" + numbered(GOOD, 2)
    assert "INTERCHANGE-HEADER" in remarks(text)
    assert [r.interchange.control for r in readings(text)] == ["000000002"]


def test_a_bad_message_between_good_ones_costs_nobody_else_anything() -> None:
    bad = put(ORDER, 6, "PO1*1*many*EA*1")
    assert statuses(x12(st(ORDER, 1), st(bad, 2), st(ORDER, 3))) == [Status.ACCEPTED, Status.REJECTED, Status.ACCEPTED]
    wrong = put(ORDERS, 8, "QTY+21:many:PCE")
    text = edifact(unh(ORDERS, 1), unh(wrong, 2), unh(ORDERS, 3))
    assert statuses(text) == [Status.ACCEPTED, Status.REJECTED, Status.ACCEPTED]


def test_kinds_may_be_mixed_in_a_file_of_groups() -> None:
    pd = "GS*PD*SENDER*RECEIVER*20261122*1200*2*X*004010~"
    text = GOOD.replace("IEA*1*", f"{pd}{st(ACTIVITY, kind='852')}GE*1*2~IEA*2*")
    assert [(r.message, r.status) for r in readings(text)] == [("850", Status.ACCEPTED), ("852", Status.ACCEPTED)]
    assert all(isinstance(e, Opening | Reading | Closing) for e in events(text))


@pytest.mark.parametrize("count", ["9" * 7, "9" * 5000, "\xb2", "1.0", "-1"])
@pytest.mark.parametrize(
    ("good", "tag"), [(GOOD, "SE*"), (GOOD, "GE*"), (GOOD, "IEA*"), (FINE, "UNT+"), (FINE, "UNZ+")])
def test_a_count_that_no_trailer_can_say_is_told_and_never_repeated(good: str, tag: str, count: str) -> None:
    at = good.index(tag) + len(tag)
    stop = min(good.find(mark, at) for mark in "*+" if good.find(mark, at) > 0)
    text = good[:at] + count + good[stop:]
    found = closing(text.encode("latin-1"))
    told = [*found.findings, *(f for group in found.groups for f in (*group.findings, *group.verdicts[0].findings))]
    assert any(name.endswith("COUNT") for name in names(told))
    assert not any("9" * 7 in "".join(rows) for rows in answers(text.encode("latin-1")).values())


def test_a_level_may_be_named_by_what_only_looks_like_a_number() -> None:
    rows = ["BSN*00*S1*20261122*1200", "HL*\xb2**S", "HL*2*\xb2*O", "PRF*P1", "HL*3*2*I", "LIN**UP*012345678905",
            "SN1**5*EA", "CTT*3"]
    [reading] = readings(x12(st(rows, kind="856"), gs=GS.replace("PO", "SH")).encode("latin-1"))
    assert (reading.status, names(reading.findings)) == (Status.ACCEPTED, [])


@pytest.mark.parametrize("sign", ["\xdc", "\xff", "\xa7"])
@pytest.mark.parametrize("place", [3, 104, 105])
def test_a_sign_of_latin_1_separates_whatever_follows_it(sign: str, place: int) -> None:
    text = GOOD.replace(GOOD[place], sign).encode("latin-1")
    assert statuses(text) == [Status.ACCEPTED]
