"""Messages read by columns are read as if one by one: same documents, same findings, same answers, same everything."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.edifact import batch, gather, split, transaction
from adapters.edifact.format import Edifact
from adapters.edifact.split import Cut
from adapters.mapping.columns import pieces, trusted
from adapters.mapping.seen import Seen
from hub.model.exchange import Closing, Event, Numbers, Reading
from hub.model.finding import name_of
from hub.ports import Guide
from tests.edi.samples import NOW, ORDERS, edifact, put, unh
from tests.edi.test_corpus import FILES
from tests.edi.test_x12_columns import details, switched, without_notes

PASS = sorted((Path(__file__).parents[1] / "messages").glob("edifact-*/pass/*.edi"))
BAD = sorted((Path(__file__).parents[1] / "messages").glob("edifact-*/bad/*.edi"))
E = Edifact()
COPIES = 6
OTHERS = str.maketrans("'+:?", "~*>\\")
"""Other service characters, as some UNA declare them."""


def events(content: bytes, columns: bool, mapped: bool = True) -> list[Event]:
    with switched(batch, "COLUMNS", columns), switched(batch, "WORTHWHILE", 1), switched(gather, "SHORTEST", 1):
        read = E.read if mapped else E.check
        return list(read(io.BytesIO(content), lambda _: Guide()))


def answers(found: list[Event]) -> list[bytes]:
    """The CONTRL of every interchange."""
    closings = [event for event in found if isinstance(event, Closing)]
    return [told.content for one in closings for told in E.acknowledge(one, Numbers(interchange=7), NOW)]


def same(content: bytes) -> list[Event]:
    """Both ways, mapped and only checked; the events."""
    for mapped in (False, True):
        quick, careful = events(content, True, mapped), events(content, False, mapped)
        assert quick == careful
        assert details(quick) == details(careful)
        assert answers(quick) == answers(careful)
    return quick


def segments(content: bytes) -> tuple[str, list[str]]:
    """The UNA (the usual one where there is none) and the segments of a file, as one line each."""
    text = content.decode("latin-1").replace("\r", "").replace("\n", "")
    una, text = (text[:9], text[9:]) if text.startswith("UNA") else ("UNA:+.? '", text)
    release, end = re.escape(una[6]), re.escape(una[8])
    return una, re.findall(f"(?:{release}.|[^{end}{release}])+", text)


def copies(content: bytes, count: int = COPIES) -> list[list[str]]:
    """The first message of a file so many times, each a list of segments with a reference of its own."""
    una, rows = segments(content)
    first = next(at for at, row in enumerate(rows) if row.startswith("UNH"))
    last = next(at for at, row in enumerate(rows) if row.startswith("UNT"))
    head, plus = rows[first].split(una[4]), una[4]
    return [
        [plus.join(["UNH", str(n), *head[2:]]), *rows[first + 1 : last], f"UNT{plus}{last - first + 1}{plus}{n}"]
        for n in range(1, count + 1)
    ]


def joined(content: bytes, messages: list[list[str]], between: str = "") -> bytes:
    """One interchange with the head of `content` around these messages."""
    una, rows = segments(content)
    head = [row for row in rows if row.startswith("UNB")][:1]
    tail = [f"UNZ{una[4]}{len(messages)}{una[4]}{head[0].split(una[4])[5]}"] if head else []
    every = [*head, *(row for one in messages for row in one), *tail]
    return (una + between + "".join(row + una[8] + between for row in every)).encode("latin-1")


@contextmanager
def one_by_one() -> Iterator[list[int]]:
    """The ordinals of the messages that were not read by columns."""
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
    """But for trees, texts that are not ASCII, and the state of a quantity (RETANN) that might stand aside."""
    content = path.read_bytes()
    with one_by_one() as seen:
        found = [e for e in events(joined(content, copies(content)), True) if isinstance(e, Reading)]
    told = [r.ordinal for r in found if without_notes(r.findings)]
    assert set(told) <= set(seen)
    table = E.tables.get(path.parts[-3].replace("-", "/"))
    by_rows = table.tree or (table.shape and table.shape.run) or not content.isascii() or "RETANN" in table.name
    aside = any("aside=Aside" in details([one])[0] for one in found if one.document)  # only rows read asides
    assert by_rows or aside or seen == told


@pytest.mark.skipif(not FILES, reason="the corpus of real files is not beside this checkout")
def test_every_real_file_is_read_the_same_by_columns() -> None:
    for path in FILES:
        content = path.read_bytes()
        if "edifact" in path.parts and E.recognises(content[:4096]) and len(content) < 2_000_000:
            same(content)


EDITS = st.tuples(
    st.sampled_from(["element", "component", "drop", "double", "swap", "add", "cut", "byte"]),
    st.integers(0, 1 << 16),
    st.integers(0, 1 << 16),
    st.sampled_from(
        ["", "0", "-3", "1,5", ".5", "-", "1.", "1,2.3", "12345678901234567890", "20261131", "20260230", "EN", "21"]
    )
    | st.sampled_from(
        ["x" * 90, "ä", ":", "::", "a:b", "?'", "?+", "?:", "??", "?x", "???'", " ", "12 ", "\t", "\n", "?\n"]
    )
    | st.sampled_from(
        ["137:20261122:102", "718", "2:2026112:102", "0,1234567890123456", "9" * 15, "*", "\xa0", "²", "UNT", "'"]
    ),
)


def edited(rows: list[str], edit: tuple[str, int, int, str]) -> list[str]:
    """A message with one thing done to it."""
    kind, at, number, text = edit
    at %= len(rows)
    parts = rows[at].split("+")
    if kind == "element":
        parts[number % len(parts)] = text
        return put(rows, at, "+".join(parts))
    if kind == "component":
        inner = parts[number % len(parts)].split(":")
        inner[(number >> 8) % len(inner)] = text
        parts[number % len(parts)] = ":".join(inner)
        return put(rows, at, "+".join(parts))
    if kind == "add":
        return put(rows, at, rows[at] + "+:"[number % 2] * (number % 5 + 1) + text)
    if kind == "cut":
        return put(rows, at, "+".join(parts[: number % len(parts) + 1]))
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
    if not rows or not rows[-1].startswith("UNT+"):
        return rows
    return [*rows[:-1], "+".join(["UNT", str(len(rows)), *rows[-1].split("+")[2:]])]


@pytest.mark.parametrize("path", PASS, ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_whatever_happens_to_a_message_is_told_the_same(path: Path) -> None:
    content = path.read_bytes()
    if segments(content)[0] != "UNA:+.? '":
        return
    messages = copies(content, 5)

    @settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 4), EDITS, st.booleans()), min_size=1, max_size=4))
    def either_way(edits: list[tuple[int, tuple[str, int, int, str], bool]]) -> None:
        changed = [list(rows) for rows in messages]
        for at, edit, recount in edits:
            changed[at] = edited(changed[at], edit) or changed[at]
            changed[at] = counted(changed[at]) if recount else changed[at]
        same(joined(content, changed))

    either_way()


@contextmanager
def in_pieces() -> Iterator[None]:
    """Every message is too long for a block, every loop a piece of its own."""
    with switched(gather, "MOST", 0), switched(split, "LONG", 0), switched(pieces, "SIZE", 1):
        yield


@pytest.mark.parametrize("path", [*PASS, *BAD], ids=lambda p: f"{p.parts[-3]}-{p.parts[-2]}-{p.stem}")
def test_every_file_of_ours_is_read_the_same_in_pieces(path: Path) -> None:
    content = path.read_bytes()
    with in_pieces():
        same(content)
        same(joined(content, copies(content, 2), "\r\n"))


LONG = ("SLSRPT", "INVRPT", "DELFOR", "ORDERS", "SLSFCT")


@pytest.mark.parametrize("path", [p for p in PASS if p.parts[-3][-6:] in LONG], ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_whatever_happens_to_a_long_message_is_told_the_same(path: Path) -> None:
    content = path.read_bytes()
    if segments(content)[0] != "UNA:+.? '":
        return
    messages = copies(content, 2)

    @settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 1), EDITS, st.booleans()), min_size=1, max_size=3))
    def either_way(edits: list[tuple[int, tuple[str, int, int, str], bool]]) -> None:
        changed = [list(rows) for rows in messages]
        for at, edit, recount in edits:
            changed[at] = edited(changed[at], edit) or changed[at]
            changed[at] = counted(changed[at]) if recount else changed[at]
        with in_pieces():
            same(joined(content, changed))

    either_way()


def stores(count: int, lines: int) -> list[str]:
    """The sales of so many stores, each with so many lines."""
    rows = ["BGM+73E::9+SR1+9", "DTM+137:20261122:102", "DTM+90:20261115:102", "DTM+91:20261121:102"]
    rows.append("NAD+SU+4012345000009::9")
    for store in range(count):
        rows += [f"LOC+162+{store:04d}::92", "DTM+356:20261115-20261121:718"]
        for line in range(lines):
            rows += [f"LIN+{line + 1}++{4012345000016 + line}:EN", f"PIA+1+A?+{line}:SA", f"QTY+153:{store}"]
    return rows


@pytest.mark.parametrize(("count", "lines"), [(1, 40), (12, 3), (20, 1), (3, 0), (2, 12)])
@pytest.mark.parametrize("size", [1, 150, 600])
def test_a_long_message_is_cut_within_its_stores_too(count: int, lines: int, size: int) -> None:
    content = edifact(unh(stores(count, lines), 1, "SLSRPT:D:96A:UN:EAN004")).encode()
    with in_pieces(), switched(pieces, "SIZE", size), one_by_one() as seen:
        same(content)
    assert len(seen) == 2  # once checked, once read, both times only to compare


def test_a_store_that_was_cut_counts_once() -> None:
    nodes = E.tables.get("edifact/D96A/SLSRPT").plan.nodes
    content = edifact(unh(stores(1, 40), 1, "SLSRPT:D:96A:UN:EAN004")).encode()
    with in_pieces(), one_by_one() as seen, switched(next(n for n in nodes if n.tag == "LOC"), "limit", 1):
        assert any(isinstance(event, Reading) for event in events(content, True))
    assert not seen


def test_what_is_right_is_read_in_pieces_whatever_kind_of_message_it_is() -> None:
    delfor = [
        "BGM+241+D1+9", "DTM+137:20261122:102", "NAD+BY+5412345000013::9", "NAD+SU+4012345000009::9", "UNS+D",
        *(row for n in range(1, 30) for row in (f"LIN+{n}++{401 + n}:EN", "QTY+113:5", "DTM+2:20261201:102")),
        "UNS+S",
    ]
    lines = (row for n in range(1, 30) for row in (f"LIN+{n}++{401 + n}:EN", "QTY+21:5"))
    orders = [*ORDERS[:5], *lines, "UNS+S", "CNT+2:29"]
    invrpt = [
        "BGM+35+I1+9", "DTM+137:20261122:102", "NAD+GY+5412345000013::9", "NAD+SU+4012345000009::9",
        *(row for n in range(1, 30) for row in (f"LIN+{n}++{401 + n}:EN", "QTY+145:5", "LOC+14+77::92")),
    ]
    for kind, rows in {"DELFOR": delfor, "ORDERS": orders, "INVRPT": invrpt}.items():
        with in_pieces(), one_by_one() as seen:
            same(edifact(unh(rows, 1, f"{kind}:D:96A:UN")).encode())
        assert len(seen) == 2, kind


def test_a_long_message_may_have_too_many_lines_in_a_store() -> None:
    wide = [*stores(1, 0), *(f"LIN+{n}++401:EN" for n in range(200_001))]
    content = edifact(unh(wide, 1, "SLSRPT:D:96A:UN:EAN004")).encode()
    quick, careful = (events(content, columns, False) for columns in (True, False))
    assert quick == careful
    assert any(name_of(f) == "TOO-MANY-LOOPS" for e in quick if isinstance(e, Reading) for f in e.findings)


@pytest.mark.parametrize("place", ["LIN/DTM[2]", "LIN/DTM[2] or DTM[2]"])
def test_what_the_message_reads_out_of_its_lines_is_read_from_the_whole_of_it(place: str) -> None:
    theirs = Edifact({"acme": {"edifact/D96A/ORDERS": f'[map]\ndeliver_on = "{place} | dtm"\n'}})
    rows = [*ORDERS[:5], "LIN+1++401:EN", "QTY+21:5", "LIN+2++402:EN", "QTY+21:6", "DTM+2:20261201:102", "UNS+S"]
    content = edifact(unh(rows)).encode()

    def read(columns: bool) -> list[Event]:
        with switched(batch, "COLUMNS", columns), in_pieces():
            return list(theirs.read(io.BytesIO(content), lambda _: Guide(partner="acme")))

    quick, careful = read(True), read(False)
    assert quick == careful
    said = next(event.document for event in quick if isinstance(event, Reading))
    assert str(said.deliver_on) == "2026-12-01"  # type: ignore[union-attr]


def test_trusted_models_are_equal_to_validated_ones() -> None:
    for path in PASS:
        content = path.read_bytes()
        content = joined(content, copies(content))
        quick = events(content, True)
        with switched(trusted, "TRUSTED", False):
            validated = events(content, True)
        assert quick == validated
        assert details(quick) == details(validated)


def test_released_signs_are_text_by_columns_too() -> None:
    texts = ("A?+B", "ok??", "?'", "C?:D ??", "???'x", "??" * 17)
    rows = [put(ORDERS, 7, f"IMD+F++:::{text}") for text in texts]
    content = edifact(*(unh(r, n) for n, r in enumerate(rows, 1))).encode()
    found = [e for e in same(content) if isinstance(e, Reading)]
    with one_by_one() as seen:
        events(content, True)
    said = [reading.document.lines[0].description for reading in found]  # type: ignore[union-attr]
    assert said == ["A+B", "ok?", "'", "C:D ?", "?'x", "?" * 17]
    assert not seen


def test_any_service_characters_and_charsets_are_read_the_same() -> None:
    rows = put(ORDERS, 7, "IMD+F++:::Käse A?+B")
    messages = "".join(unh(rows, n) for n in range(1, 8))
    for charset in ("UNOA", "UNOB", "UNOC", "UNOD", "UNOE", "UNOF", "UNOK", "UNOW", "UNOY", "UNOZ"):
        file = edifact(*(unh(rows, n) for n in range(1, 8))).replace("UNOC", charset)
        for encoding in ("latin-1", "utf-8"):
            same(file.encode(encoding))
            same(b"UNA>*,\\ ~" + file.translate(OTHERS).encode(encoding))
            same(b"UNA:+,? \n" + file.replace("'", "\n").encode(encoding))
    with one_by_one() as seen:
        found = events(edifact(messages).encode("latin-1"), True)
    assert not seen
    assert all(e.document.lines[0].description == "Käse A+B" for e in found if isinstance(e, Reading))  # type: ignore[union-attr]


def test_a_repetition_sign_of_syntax_4_is_read_the_same() -> None:
    rows = put(ORDERS, 7, "IMD+F++:::A*B")
    for una in ("", "UNA:+.?*'", "UNA:+.? '"):
        same((una + edifact(*(unh(rows, n) for n in range(1, 8))).replace("UNOC:3", "UNOC:4")).encode())


def test_groups_releases_and_repeated_references_in_between_are_read_the_same() -> None:
    orders = [unh(ORDERS, n) for n in range(1, 9)]
    older = [unh(ORDERS, n, "ORDERS:D:97A:UN") for n in range(11, 19)]
    group = "UNG+ORDERS+A+B+261122:1200+1+UN+D:96A'"
    second = group.replace("+1+UN", "+2+UN")
    grouped = edifact(group, *orders, "UNE+8+1'", second, *older, "UNE+8+2'", unz="UNZ+2+REF1'")
    found = same((edifact(*orders, *orders[:5], *older) + grouped + "".join(orders)).encode())
    readings = [e for e in found if isinstance(e, Reading)]
    assert len(readings) == 45
    assert sum("DUPLICATE-CONTROL" in map(name_of, r.findings) for r in readings) == 5
    assert sum("NEAREST-TABLE" in map(name_of, r.findings) for r in readings) == 16


def test_borders_that_are_not_plain_are_read_the_same() -> None:
    orders = [unh(ORDERS, n) for n in range(1, 30)]
    second = "UNH+99+ORDERS:D:96A:UN'BGM+220+PO1+9'"
    odds = (second, " \n", "''", "UNT+1+1'", "UNH'", "XXX+1'", "\0", "UNG+A'", "UNT'", "UNZ+1+1'", "UNA:+.? '", "?'",
            "?UNT+1+1'", "U?NT+1+1'", "?\nUNT+1+1'", "FTX+AAI+++a?'UNT+12+1'", "UNE+1+1'", "?")
    for odd in odds:
        for at in (0, 3, 28):
            same(edifact(*orders[:at], odd, *orders[at:]).encode())


def test_a_broken_off_file_is_read_the_same_wherever_it_ends() -> None:
    rows = put(ORDERS, 7, "IMD+F++:::A?+B?'C??")
    content = edifact(*(unh(rows, n) for n in range(1, 12))).encode()
    for stop in range(60, len(content), 29):
        assert events(content[:stop], True) == events(content[:stop], False)


def test_many_small_and_few_large_messages_are_read_the_same() -> None:
    small = edifact(*(unh(ORDERS, n) for n in range(1, 2000)))
    lines = [
        row
        for n in range(1, 3000)
        for row in (f"LIN+{n}++{n:013d}:EN", f"QTY+21:{n % 900 + 1},5:PCE", f"PRI+AAA:1.{n % 100:02d}")
    ]
    large = edifact(*(unh([*ORDERS[:5], *lines, "UNS+S", "CNT+2:2999"], n) for n in range(1, 8)))
    for content in (small.encode(), large.encode()):
        assert events(content, True) == events(content, False)
