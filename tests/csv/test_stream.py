"""The stream: blocks, orders across them, odd encodings, limits; and that memory does not grow with the file."""

from __future__ import annotations

import io
import re
import time
import tracemalloc
from datetime import UTC, datetime

import polars as pl
import pytest

from adapters.csv import read as reading_module
from adapters.csv.faults import MOST_FINDINGS
from adapters.csv.format import Csv, check_overlay
from adapters.csv.records import Broken, records
from adapters.csv.text import LONGEST_LINE, lines
from hub.errors import Reject
from hub.model.activity import Activity, ActivityHeader
from hub.model.exchange import Closing, Numbers, Opening, Reading, Remark, Status
from hub.model.order import Order
from hub.ports import Guide
from tests.csv.test_messages import ENVELOPE, events, readings

TITLES = b"GTIN,Location,Measure,Start,Quantity,Unit\n"
LINE = b"9521001100106,9521002001013,sold,2026-11-02,%d,each\n"


class Endless(io.RawIOBase):
    """A file of `count` lines that is never whole in memory."""

    def __init__(self, count: int) -> None:
        self.left, self.rest = count, TITLES

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size and self.left:
            many = min(self.left, 1000)
            self.rest += b"".join(LINE % i for i in range(many))
            self.left -= many
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece


def test_a_long_file_comes_in_blocks_and_no_line_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "BLOCK", 100)
    read = readings(TITLES + b"".join(LINE % i for i in range(250)))
    documents = [r.document for r in read]
    assert [r.segments for r in read] == [100, 100, 50]
    assert [q for d in documents if isinstance(d, Activity) for q in d.lines["quantity"]] == list(range(250))


def test_wide_lines_make_shorter_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "HEAVIEST_BLOCK", 10_000)
    wide = b"9521001100106," + b"x" * 3_000 + b",sold,2026-11-02,1,each\n"
    assert [r.segments for r in readings(TITLES + wide * 10)] == [4, 4, 2]


def test_broken_lines_alone_fill_a_block_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "BLOCK", 10)
    content = b"Order number,Order date,GTIN,Quantity,Unit\n" + b'"x"y\n' * 25
    assert [(r.segments, r.status) for r in readings(content)] == [(n, Status.REJECTED) for n in (10, 10, 5)]


def test_a_header_line_without_end_is_refused_at_once() -> None:
    line = b"GTIN," * 2_000_000
    started = time.process_time()
    assert not Csv().recognises(line)
    assert [type(e) for e in events(line)] in ([Opening, Closing], [Remark])
    assert time.process_time() - started < 2


def test_an_order_is_never_cut_between_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "BLOCK", 10)
    sizes = [3, 4, 25, 1, 9, 2, 10, 1]
    rows = [f"{n},2026-11-16,9521001100106,{q + 1},case" for n, size in enumerate(sizes) for q in range(size)]
    content = "\n".join(["Order number,Order date,GTIN,Quantity,Unit", *rows]).encode()
    orders = [r.document for r in readings(content)]
    assert [(o.number, len(o.lines)) for o in orders if isinstance(o, Order)] == [
        (str(n), size) for n, size in enumerate(sizes)]


def test_memory_does_not_grow_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "BLOCK", 2_000)

    def peak(count: int) -> int:
        tracemalloc.start()
        seen = 0
        for event in Csv().read(Endless(count), lambda _: Guide()):  # type: ignore[arg-type]
            seen += event.segments if isinstance(event, Reading) else 0
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert seen == count
        return top

    assert peak(40_000) < 1.3 * peak(10_000)


def test_after_a_hundred_findings_one_says_how_many_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_module, "BLOCK", 90)
    bad = b"9521001100106,9521002001013,sold,never,1,each\n"
    read = events(TITLES + bad * 250 + LINE % 1)
    found = [f for e in read if isinstance(e, Reading) for f in e.findings]
    closing = read[-1]
    assert isinstance(closing, Closing)
    assert len(found) == MOST_FINDINGS
    assert [(f.code, f.value) for f in closing.findings] == [("W-CSV-MORE", "150")]
    assert [e.status for e in read if isinstance(e, Reading)] == [
        Status.REJECTED, Status.REJECTED, Status.ACCEPTED_WITH_ERRORS]


def test_many_orders_with_many_faults_are_not_slow() -> None:
    rows = [f"{n},2026-11-16,9521001100106,x,case" for n in range(20_000)]
    content = "\n".join(["Order number,Order date,GTIN,Quantity,Unit", *rows]).encode()
    read = readings(content)
    assert len(read) == 20_000
    assert {r.status for r in read} == {Status.REJECTED}


def test_under_the_policy_reject_one_bad_line_refuses_its_document() -> None:
    content = TITLES + LINE % 1 + b"x,y,sold,2026-11-02,1,each\n"
    [strict] = readings(content, Guide(policy="reject"))
    [lenient] = readings(content)
    assert (strict.status, strict.document) == (Status.REJECTED, None)
    assert lenient.status is Status.ACCEPTED_WITH_ERRORS
    assert isinstance(lenient.document, Activity)
    assert lenient.document.lines.height == 1


def test_utf_16_as_spreadsheets_export_it_is_read() -> None:
    text = "GTIN\tLocation\tMeasure\tStart\tQuantity\n9521001100106\tKöln\tsold\t02.11.2026\t1,5\n"
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
        content = mark + text.encode(encoding)
        assert Csv().recognises(content[:4096])
        [reading] = readings(content)
        assert isinstance(reading.document, Activity)
        assert reading.document.lines["location"].to_list() == ["Köln"]


def test_a_latin_1_line_among_utf_8_is_read_and_said() -> None:
    content = (b"GTIN,Location,Measure,Start,Quantity\n" + "9521001100106,Köln,sold,2026-11-02,1\n".encode()
               + "9521001100106,Köln,sold,2026-11-09,2\n".encode("latin-1"))
    read = events(content)
    [reading] = [e for e in read if isinstance(e, Reading)]
    assert isinstance(reading.document, Activity)
    assert reading.document.lines["location"].to_list() == ["Köln", "Köln"]
    closing = read[-1]
    assert isinstance(closing, Closing)
    assert [(f.code, f.where.line) for f in closing.findings] == [("W-CSV-ENCODING", 3)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_counts_the_same_lines(end: str) -> None:
    content = end.join(["GTIN,Location,Measure,Start,Quantity", "9521001100106,A,sold,2026-11-02,1", "",
                        "9521001100106,A,sold,never,1"]).encode()
    [reading] = readings(content)
    assert [f.where.line for f in reading.findings] == [4]


def test_a_line_beyond_a_mebibyte_is_one_finding_and_the_next_line_is_read() -> None:
    content = TITLES + b"9" * (LONGEST_LINE * 3) + b"\n" + LINE % 5
    [reading] = readings(content)
    assert [(f.code, f.where.line) for f in reading.findings] == [("E-CSV-TOO-LONG", 2)]
    assert isinstance(reading.document, Activity)
    assert reading.document.lines["quantity"].to_list() == [5]


def test_a_quoted_cell_may_hold_line_ends_and_the_lines_after_it_keep_their_numbers() -> None:
    content = b'a,b\n"x\ny",2\nz,3\n'
    cut = list(records(lines(io.BytesIO(content), lambda _: None), ","))
    assert cut == [(1, ["a", "b"]), (2, ["x\ny", "2"]), (4, ["z", "3"])]


def test_an_unclosed_quote_loses_its_own_line_only() -> None:
    content = b'a\n"b\n' + b"".join(b"line %d of many that follow\n" % n for n in range(20_000))
    cut = list(records(lines(io.BytesIO(content), lambda _: None), ","))
    assert cut[1] == Broken(2, "QUOTES")
    assert len(cut) == 20_002


def test_only_csv_with_a_known_header_line_is_recognised() -> None:
    csv = Csv()
    assert csv.recognises(TITLES)
    assert csv.recognises(b"\n\n" + TITLES)
    for other in (b"", b"ISA*00*          *00*", b"UNB+UNOC:3+A+B+200101:1200+1'", b"<?xml version='1.0'?><Order/>",
                  b"\x00" * 4096, b"PK\x03\x04", b"name,age\nann,3\n", b"GTIN,Location\x00,Measure,Start,Quantity\n"):
        assert not csv.recognises(other)


def test_nothing_is_raised_on_an_empty_file_or_a_header_of_noise() -> None:
    assert [type(e) for e in events(b"")] == [Remark]
    read = events(b'"\xff\x00;;,,\t"""\n1,2\n')
    assert [type(e) for e in read] == [Opening, Closing]
    closing = read[-1]
    assert isinstance(closing, Closing)
    assert closing.rejected


def test_the_report_lists_line_column_code_and_remedy_and_disarms_formulas() -> None:
    closing = events(TITLES + LINE % 1 + b"9521001100106,A,sold,=1+1,1,each\n")[-1]
    assert isinstance(closing, Closing)
    [answer] = Csv().acknowledge(closing, Numbers(interchange=1), datetime(2026, 11, 16, tzinfo=UTC))
    assert answer.type == "csv"
    said = answer.content.decode().splitlines()
    assert said[0] == "Line,Column,Status,Code,Message,Hint"
    assert said[1].startswith(",,accepted_with_errors,")
    assert said[2].startswith("3,Start,error,E-CSV-DATE,")


def test_a_partners_own_titles_are_rows_that_differ() -> None:
    own = {"acme": {"csv/1/activity": 'base = "csv/1/activity"\n[lines]\nquantity = "Menge | number"\n'}}
    content = b"GTIN;Location;Measure;Start;Menge\n9521001100106;A;sold;02.11.2026;3,5\n"
    assert not Csv().recognises(content)
    assert Csv(own).recognises(content)
    read = list(Csv(own).read(io.BytesIO(content), lambda _: Guide(partner="acme")))
    [reading] = [e for e in read if isinstance(e, Reading)]
    assert isinstance(reading.document, Activity)
    assert reading.document.lines["quantity"].to_list() == [3.5]


def test_a_partner_may_take_a_row_away() -> None:
    own = {"acme": {"csv/1/activity": '[lines]\nend = ""\n'}}
    content = b"GTIN,Location,Measure,Start,End,Quantity\n9521001100106,A,sold,2026-11-02,none,3\n"
    read = list(Csv(own).read(io.BytesIO(content), lambda _: Guide(partner="acme")))
    [reading] = [e for e in read if isinstance(e, Reading)]
    assert reading.status is Status.ACCEPTED
    assert [(f.code, f.where.path) for f in reading.findings] == [("W-CSV-UNMAPPED", "End")]


@pytest.mark.parametrize(("rows", "says"), [
    ('[lines]\nsmell = "Smell"\n', "'smell' is no field of a line of Activity"),
    ('[lines]\nquantity = "Menge | guess"\n', "no CSV codec is called 'guess'"),
    ('[map]\nsmell = "Smell"\n', r"'\^smell' is no field of Activity"),
    ('[wheels]\na = "b"\n', "unknown section 'wheels'"),
    ("[lines\n", "Expected"),
])
def test_wrong_rows_of_a_partner_are_findings_that_name_the_row(rows: str, says: str) -> None:
    [found] = check_overlay("csv/1/activity", rows)
    assert re.search(says, found.message)
    assert found.code == "E-CSV-TABLE"


def test_what_a_csv_cannot_carry_is_refused_in_writing() -> None:
    empty = Activity(ActivityHeader(), pl.DataFrame(schema=Activity.SCHEMA))
    with pytest.raises(Reject, match="at least one line"):
        Csv().write("csv/1/activity", [empty], ENVELOPE, None)
    with pytest.raises(Reject, match="no CSV table"):
        Csv().write("csv/1/invoice", [empty], ENVELOPE, None)
