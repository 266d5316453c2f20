"""Transactions read by columns are read as if one by one: same documents, same findings, same everything."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.mapping.columns import pieces, trusted
from adapters.mapping.seen import Seen
from adapters.x12 import batch, gather, transaction
from adapters.x12.format import X12
from adapters.x12.split import Cut
from hub.errors import Finding
from hub.model.bulk import Bulk
from hub.model.exchange import Event, Reading, Status
from hub.model.finding import name_of
from hub.ports import Guide
from tests.edi.samples import ACTIVITY, GS, ISA, ORDER, put, x12
from tests.edi.samples import st as transaction_set
from tests.edi.test_corpus import FILES

PASS = sorted((Path(__file__).parents[1] / "messages").glob("x12-*/pass/*.edi"))
BAD = sorted((Path(__file__).parents[1] / "messages").glob("x12-*/bad/*.edi"))
X = X12()
COPIES = 6
LEFT_TO_ROWS = frozenset({"812", "820", "860", "864", "867", "875", "876", "877", "878", "879", "880", "888", "889"})
"""Messages whose samples have a text that goes on over several segments (`MSG-01*`), a pair that no row names, a second
segment of which a row reads the first, one that says more than the row reads, or two different values for one field:
columns know that they are there, and leave such a message to the careful way."""
OVERLAY = {"acme": {"x12/004010/850": '[map]\ndepartment = "REF[IA]-02"\n[part.line]\nbuyer_item = "PO1{ZZ}"\n'}}


@contextmanager
def switched(module: object, name: str, value: object) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def events(
    content: bytes, columns: bool, mapped: bool = True, partner: str | None = None, format: X12 = X
) -> list[Event]:
    with switched(batch, "COLUMNS", columns), switched(batch, "WORTHWHILE", 1), switched(gather, "SHORTEST", 1):
        read = format.read if mapped else format.check
        return list(read(io.BytesIO(content), lambda _: Guide(partner=partner)))


def details(found: list[Event]) -> list[object]:
    """What `==` does not see: which fields were given, the order of fields, the types of columns."""
    said: list[object] = []
    for event in found:
        if isinstance(event, Reading) and isinstance(event.document, Bulk):
            said += [repr(event.document.header), event.document.lines.schema, event.document.header.model_fields_set]
        elif isinstance(event, Reading) and isinstance(event.document, BaseModel):
            lines = getattr(event.document, "lines", ())
            said += [repr(event.document), event.document.model_fields_set, [line.model_fields_set for line in lines]]
    return said


def same(content: bytes) -> list[Event]:
    """Both ways, mapped and only checked; the events."""
    for mapped in (False, True):
        quick, careful = events(content, True, mapped), events(content, False, mapped)
        assert quick == careful
        assert details(quick) == details(careful)
    return quick


def plain(content: bytes) -> str:
    """The file as one line."""
    text = content.decode("latin-1")
    return text.replace("\n", "~") if text[105] == "\n" else text.replace("\r", "").replace("\n", "")


def copies(content: bytes, count: int = COPIES) -> list[list[str]]:
    """The first transaction of a file so many times, each a list of segments with a control number of its own."""
    text = plain(content)
    found = re.search(re.escape(text[105]) + "(ST.*?)" + re.escape(text[105]) + "SE", text, re.S)
    assert found
    rows = found[1].split(text[105])
    kind = rows[0].split(text[3])[1]
    return [
        [f"ST{text[3]}{kind}{text[3]}{n:04d}", *rows[1:], f"SE{text[3]}{len(rows) + 1}{text[3]}{n:04d}"]
        for n in range(1, count + 1)
    ]


def joined(content: bytes, sets: list[list[str]], between: str = "") -> bytes:
    """One interchange with the head of `content` around these transactions."""
    text = plain(content)
    end, element = text[105], text[3]
    head = text[: text.index(end + "ST" + element)].split(end)
    tail = [
        f"GE{element}{len(sets)}{element}{head[1].split(element)[6]}",
        f"IEA{element}1{element}{head[0].split(element)[13]}",
    ]
    rows = [*head, *(row for one in sets for row in one), *tail]
    return "".join(row + end + between for row in rows).encode("latin-1")


def without_notes(findings: tuple[Finding, ...]) -> list[str]:
    return [name_of(f) for f in findings if name_of(f) != "UNMAPPED"]


@contextmanager
def one_by_one() -> Iterator[list[int]]:
    """The ordinals of the transactions that were not read by columns."""
    seen: list[int] = []
    careful = transaction.read

    def spy(cut: Cut, setting: transaction.Setting, known: Seen) -> Reading:
        seen.append(setting.ordinal)
        return careful(cut, setting, known)

    with switched(transaction, "read", spy):
        yield seen


@pytest.mark.parametrize("path", [*PASS, *BAD], ids=lambda p: f"{p.parts[-3]}-{p.parts[-2]}-{p.stem}")
def test_every_file_of_ours_is_read_the_same_by_columns(path: Path) -> None:
    content = path.read_bytes()
    same(content)
    for between in ("", "\n", "\r\n"):
        same(joined(content, copies(content), between))


@pytest.mark.parametrize("path", PASS, ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_what_is_right_is_read_by_columns_and_what_is_not_is_not(path: Path) -> None:
    content = path.read_bytes()
    with one_by_one() as seen:
        found = [e for e in events(joined(content, copies(content)), True) if isinstance(e, Reading)]
    told = [r.ordinal for r in found if without_notes(r.findings)]
    assert set(told) <= set(seen)
    table = X.tables.get(path.parts[-3].replace("-", "/"))
    aside = any("aside=Aside" in details([one])[0] for one in found if one.document)  # only rows read asides
    lines = any(r"\n" in details([one])[0] for one in found if one.document)  # nor texts of several segments
    assert table.tree or path.parts[-3][-3:] in LEFT_TO_ROWS or aside or lines or seen == told


@pytest.mark.skipif(not FILES, reason="the corpus of real files is not beside this checkout")
def test_every_real_file_is_read_the_same_by_columns() -> None:
    files = [path for path in FILES if "x12" in path.parts]
    for path in files:
        content = path.read_bytes()
        if X.recognises(content[:4096]) and len(content) < 2_000_000:
            same(content)


EDITS = st.tuples(
    st.sampled_from(["element", "drop", "double", "swap", "add", "cut", "byte"]),
    st.integers(0, 1 << 16),
    st.integers(0, 1 << 16),
    st.sampled_from(
        ["", "0", "-3", "1.5", ".5", "-", "1.", "12345678901234567890", "20261131", "20260230", "20261231", "EA", "UP"]
    )
    | st.sampled_from(
        ["x" * 90, "ä", "a>b", " ", " 12", "12 ", "\t", "\n", "00", "004", "1e5", "+4", "0.1234567890123456", "9" * 15]
    ),
)


def edited(rows: list[str], edit: tuple[str, int, int, str]) -> list[str]:
    """A transaction with one thing done to it."""
    kind, at, number, text = edit
    at %= len(rows)
    parts = rows[at].split("*")
    if kind == "element":
        parts[number % len(parts)] = text
        return put(rows, at, "*".join(parts))
    if kind == "add":
        return put(rows, at, rows[at] + "*" * (number % 4 + 1) + text)
    if kind == "cut":
        return put(rows, at, "*".join(parts[: number % len(parts) + 1]))
    if kind == "byte":
        spot = number % (len(rows[at]) + 1)
        return put(rows, at, rows[at][:spot] + text + rows[at][spot + 1 :])
    if kind == "drop":
        return put(rows, at)
    if kind == "double":
        return put(rows, at, rows[at], rows[at])
    other = number % len(rows)
    swapped = list(rows)
    swapped[at], swapped[other] = swapped[other], swapped[at]
    return swapped


def counted(rows: list[str]) -> list[str]:
    """With a count that is right again, where there is a trailer."""
    if not rows or not rows[-1].startswith("SE*"):
        return rows
    return [*rows[:-1], "*".join(["SE", str(len(rows)), *rows[-1].split("*")[2:]])]


@pytest.mark.parametrize("path", PASS, ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_whatever_happens_to_a_transaction_is_told_the_same(path: Path) -> None:
    content = path.read_bytes()
    if content[3:4] != b"*":
        return
    sets = copies(content, 5)

    @settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 4), EDITS, st.booleans()), min_size=1, max_size=4))
    def either_way(edits: list[tuple[int, tuple[str, int, int, str], bool]]) -> None:
        changed = [list(rows) for rows in sets]
        for at, edit, recount in edits:
            changed[at] = edited(changed[at], edit) or changed[at]
            changed[at] = counted(changed[at]) if recount else changed[at]
        same(joined(content, changed))

    either_way()


@contextmanager
def in_pieces() -> Iterator[None]:
    """Every transaction is too long for a block, every top loop a piece of its own."""
    with switched(gather, "MOST", 0), switched(pieces, "SIZE", 1):
        yield


@pytest.mark.parametrize("path", [*PASS, *BAD], ids=lambda p: f"{p.parts[-3]}-{p.parts[-2]}-{p.stem}")
def test_every_file_of_ours_is_read_the_same_in_pieces(path: Path) -> None:
    content = path.read_bytes()
    with in_pieces():
        same(content)
        same(joined(content, copies(content, 2), "\n"))


LONG = ("x12-004010-850", "x12-004010-852", "x12-004010-830", "x12-004010-846", "x12-004010-810")


@pytest.mark.parametrize("name", LONG)
def test_whatever_happens_to_a_long_transaction_is_told_the_same(name: str) -> None:
    path = next(path for path in PASS if path.parts[-3] == name and path.read_bytes()[3:4] == b"*")
    content = path.read_bytes()
    sets = copies(content, 2)

    @settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 1), EDITS, st.booleans()), min_size=1, max_size=3))
    def either_way(edits: list[tuple[int, tuple[str, int, int, str], bool]]) -> None:
        changed = [list(rows) for rows in sets]
        for at, edit, recount in edits:
            changed[at] = edited(changed[at], edit) or changed[at]
            changed[at] = counted(changed[at]) if recount else changed[at]
        with in_pieces():
            same(joined(content, changed))

    either_way()


def test_a_long_transaction_that_is_right_is_read_by_columns() -> None:
    orders = [ORDER[0], *(f"PO1*{n}*{n}*EA*1.25**UP*{n:012d}" for n in range(1, 50)), "CTT*49"]
    sales = [row for row in ACTIVITY if not row.startswith("CTT")]
    for rows, kind, group in ((orders, "850", GS), (sales, "852", GS.replace("PO", "PD"))):
        with in_pieces(), one_by_one() as seen:
            same(x12(transaction_set(rows, 1, kind), gs=group).encode())
        assert len(seen) == 2  # once checked, once read, both times only to compare


def test_a_total_among_the_lines_of_a_long_transaction_is_out_of_order() -> None:
    lines = [row for n in range(1, 50) for row in (f"LIN*{n}*UP*{n:012d}", "ZA*QS*5*EA")]
    rows = [ACTIVITY[0], ACTIVITY[1], *lines[:40], "CTT*49", *lines[40:]]
    with in_pieces():
        [reading] = [e for e in same(x12(transaction_set(rows, 1, "852"), gs=GS.replace("PO", "PD")).encode())
                     if isinstance(e, Reading)]
    assert {name_of(f) for f in reading.findings} == {"OUT-OF-ORDER", "LINE-COUNT"}
    assert reading.status is Status.REJECTED


def test_a_long_transaction_may_turn_out_to_be_several() -> None:
    first = transaction_set(ORDER, 1)
    unclosed = first[: first.index("SE*")]
    with in_pieces():
        for odd in (unclosed, "ST*850*0009~", "GE*1*1~", "SE*1*1~"):
            same(x12(unclosed, odd, transaction_set(ORDER, 2)).encode())
            same(x12(first, odd, transaction_set(ORDER, 2)).encode())


def test_trusted_models_are_equal_to_validated_ones() -> None:
    for path in PASS:
        content = path.read_bytes()
        content = joined(content, copies(content))
        quick = events(content, True)
        with switched(trusted, "TRUSTED", False):
            validated = events(content, True)
        assert quick == validated
        assert details(quick) == details(validated)


def test_groups_kinds_and_repeated_numbers_in_between_are_read_the_same() -> None:
    orders = [transaction_set(ORDER, n) for n in range(1, 9)]
    sales = [transaction_set(ACTIVITY, n, "852") for n in range(11, 19)]
    reports = GS.replace("PO", "PD").replace("*1*X", "*2*X")
    found = same(
        (
            ISA
            + GS
            + "".join([*orders, *orders[:5], *sales])
            + "GE*21*1~"
            + reports
            + "".join([*sales, *orders])
            + "GE*16*2~IEA*2*000000001~"
            + x12(*orders).replace("~", "!").replace("000000001", "000000002")
        ).encode()
    )
    assert sum(isinstance(e, Reading) for e in found) == 45
    assert sum("DUPLICATE-CONTROL" in map(name_of, e.findings) for e in found if isinstance(e, Reading)) == 5


def test_borders_that_are_not_plain_are_read_the_same() -> None:
    orders = [transaction_set(ORDER, n) for n in range(1, 30)]
    second = "ST*850*0099~BEG*00*SA*PO1**20261122~"
    for odd in (second, " \n", "~~", "SE*1*1~", "ST~", "XX*1~", "\0", "GS*PO~", "SE~", "IEA*1~"):
        for at in (0, 3, 28):
            same(x12(*orders[:at], odd, *orders[at:]).encode())


def test_a_broken_off_file_is_read_the_same_wherever_it_ends() -> None:
    content = x12(*(transaction_set(ORDER, n) for n in range(1, 12))).encode()
    for stop in range(150, len(content), 37):
        assert events(content[:stop], True) == events(content[:stop], False)


def test_a_partners_own_rows_hold_by_columns_too() -> None:
    rows = put(put(ORDER, 1, "REF*IA*77"), 6, "PO1*1*841*EA*68.12**ZZ*OWN*VN*60816")
    content = x12(*(transaction_set(rows, n) for n in range(1, 9))).encode()
    theirs = X12(OVERLAY)
    for partner in ("acme", None):
        quick, careful = (events(content, columns, True, partner, theirs) for columns in (True, False))
        assert quick == careful
        assert details(quick) == details(careful)


def test_many_small_and_few_large_transactions_are_read_the_same() -> None:
    small = x12(*(transaction_set(ORDER, n) for n in range(1, 2000)))
    lines = [f"PO1*{n}*{n % 900 + 1}*EA*1.{n % 100:02d}**UP*{n:012d}" for n in range(1, 6000)]
    large = x12(*(transaction_set([ORDER[0], *lines, "CTT*5999"], n) for n in range(1, 8)))
    for content in (small.encode(), large.encode()):
        assert events(content, True) == events(content, False)


def careful_in(content: bytes) -> int:
    """How many transactions are read one by one where columns may read them; both ways are the same."""
    same(content)
    with one_by_one() as seen:
        events(content, True)
    return len(seen)


def test_line_ends_as_terminators_are_read_by_columns() -> None:
    text = x12(*(transaction_set(ORDER, n) for n in range(1, 9)))
    assert careful_in(text.replace("~", "\n").encode()) == 0
    assert careful_in(text.replace("~", "\r").encode()) == 0
    assert careful_in(text.replace("~", "\r\n").encode()) == 0
    assert careful_in(text.replace("~", "~\r\n").encode()) == 0
    same(text.replace("~", "\n").replace("CTT", "\nCTT").encode())


def test_releases_without_a_table_of_their_own_are_read_by_columns_of_the_nearest() -> None:
    for release in ("003060", "004030", "007010"):
        gs = GS.replace("004010", release)
        found = x12(*(transaction_set(ORDER, n) for n in range(1, 9)), gs=gs).encode()
        assert careful_in(found) == 0
        told = [name_of(f) for e in same(found) if isinstance(e, Reading) for f in e.findings]
        assert told.count("NEAREST-TABLE") == 8


def test_components_are_read_by_columns_where_they_belong() -> None:
    rows = [*ORDER[:7], "MEA*PD*HT*5*IN>>1", *ORDER[7:]]
    assert careful_in(x12(*(transaction_set(rows, n) for n in range(1, 9))).encode()) == 0
    odd = put(ORDER, 1, "REF*DP*404>1")
    assert careful_in(x12(*(transaction_set(rows if n % 2 else odd, n) for n in range(1, 9))).encode()) == 4


def test_runs_of_stores_make_rows_by_columns() -> None:
    rows = [*ACTIVITY[:4], "SDQ*EA*92*0001*5*0002*7**9*0004*", "SDQ*CA**0003*1", *ACTIVITY[4:5], *ACTIVITY[5:]]
    gs = GS.replace("PO", "PD")
    same(x12(*(transaction_set(rows, n, "852") for n in range(1, 9)), gs=gs).encode())  # half pairs are faults
    right = [*rows[:4], "SDQ*EA*92*0001*5*0002*7", "SDQ*CA**0003*1", *ACTIVITY[4:]]
    sets = [transaction_set(right if n % 3 else ACTIVITY, n, "852") for n in range(1, 9)]
    assert careful_in(x12(*sets, gs=gs).encode()) == 0
    with in_pieces():
        same(x12(*sets, gs=gs).encode())


def test_a_long_transaction_may_have_too_many_loops() -> None:
    lines = [f"PO1*{n}*1*EA" for n in range(100_001)]
    content = x12(transaction_set([ORDER[0], *lines], 1)).encode()
    quick, careful = (events(content, columns, False) for columns in (True, False))
    assert quick == careful
    assert any(name_of(f) == "TOO-MANY-LOOPS" for e in quick if isinstance(e, Reading) for f in e.findings)
