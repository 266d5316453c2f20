"""The columns of a frame are made from bytes: whatever stands there, they say what reading segment by segment says."""

from __future__ import annotations

import io
import pickle
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest

from adapters.edifact import batch as edifact_batch
from adapters.edifact import gather as edifact_gather
from adapters.edifact.format import Edifact
from adapters.mapping.columns import arrow, pieces
from adapters.mapping.columns.folded import FoldedRows
from adapters.x12 import batch, gather
from adapters.x12.format import X12
from hub.model.activity import Activity, ActivityHeader
from hub.model.bulk import Bulk, Stretch
from hub.model.exchange import Reading
from hub.ports import Guide

ISA = "ISA*00*          *00*          *ZZ*US             *ZZ*THEM           *261122*1200*U*00401*000000001*0*P*>~"
MESSAGES, LINES = 12, 10


def bulks(content: bytes, format: X12 | Edifact) -> list[Bulk]:
    readings = [one for one in format.read(io.BytesIO(content), lambda _: Guide()) if isinstance(one, Reading)]
    assert all(not reading.findings for reading in readings), readings[0].findings
    return [reading.document for reading in readings if isinstance(reading.document, Bulk)]


def some(rng: Random, *texts: str) -> str:
    return rng.choice(texts)


def line(rng: Random, number: int) -> list[str]:
    """An item as one sender writes it today and another tomorrow."""
    digits = "".join(rng.choices("0123456789", k=some_width(rng)))
    item = "".join(rng.choices("ABC-0123456789", k=rng.randrange(1, 21)))
    pairs = [some(rng, f"*UP*{digits}", f"*EN*{digits}", "*UP*NOT-A-NUMBER", ""), some(rng, "*IN*", "*VN*") + item]
    price = some(rng, "12.50", "0.07", ".5", "-3", "1234567.89", "100")
    rows = [f"LIN*{number}{''.join(pairs)}"]
    if rng.random() < 0.7:
        rows.append(f"CTP**{some(rng, 'RES', 'RTL')}*{price}")
    codes = rng.sample(["QS", "QA", "QP", "QR", "QO", "QC"], 3)
    rows += [f"ZA*{code}*{some(rng, '5', '17', '-2', '1234567890', '2.25')}*{some(rng, 'EA', 'CA')}" for code in codes]
    return rows


def some_width(rng: Random) -> int:
    return rng.choice([8, 12, 13, 14, 10])


def interchange(rng: Random) -> bytes:
    sets = []
    for number in range(1, MESSAGES + 1):
        body = [f"XQ*H*202611{rng.randrange(10, 15)}*20261121", f"N1*ST*STORE*92*{'7' * rng.randrange(2, 16)}"]
        body += [row for at in range(1, LINES + 1) for row in line(rng, at)]
        body.append(f"CTT*{LINES}")
        sets.append("".join(f"{row}~" for row in (f"ST*852*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}")))
    return f"{ISA}GS*PD*US*THEM*20261122*1200*1*X*004010~{''.join(sets)}GE*{MESSAGES}*1~IEA*1*000000001~".encode()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_stands_in_a_column_it_is_read_the_same(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    content = interchange(Random(seed))
    monkeypatch.setattr(batch, "WORTHWHILE", 1)
    monkeypatch.setattr(gather, "SHORTEST", 1)
    quick = bulks(content, X12())
    monkeypatch.setattr(batch, "COLUMNS", False)
    careful = bulks(content, X12())
    assert len(quick) == MESSAGES
    assert quick == careful
    assert [one.lines.schema for one in quick] == [one.lines.schema for one in careful]
    assert all(isinstance(one.__dict__["lines"], Stretch) for one in quick)


def test_texts_that_are_not_of_ascii_are_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["UNH+1+SLSRPT:D:96A:UN:EAN004", "BGM+73E::9+S1+9", "DTM+137:20261122:102", "NAD+SE+1::9", "NAD+SU+2::9"]
    for store in range(3):
        rows += [f"LOC+162+M\xfcnchen {store}::92", "DTM+356:20261115-20261121:718"]
        rows += ["LIN+1++4012345000016:EN", "PIA+1+K\xe4se:SA", "QTY+153:5"]
        rows += ["LIN+2", f"PIA+1+{'L' * 18}:SA", "QTY+153:7"]
    rows.append(f"UNT+{len(rows) + 1}+1")
    content = "".join(f"{row}'" for row in ("UNB+UNOC:3+1:14+2:14+261122:1200+1", *rows, "UNZ+1+1")).encode("latin-1")
    monkeypatch.setattr(edifact_batch, "WORTHWHILE", 1)
    monkeypatch.setattr(edifact_gather, "SHORTEST", 1)
    quick = bulks(content, Edifact())
    monkeypatch.setattr(edifact_batch, "COLUMNS", False)
    assert quick == bulks(content, Edifact())
    assert quick[0].lines["seller_item"].to_list() == ["K\xe4se", "L" * 18] * 3


@pytest.mark.parametrize("count", [0, 1, 3000])
def test_a_column_borrows_nothing_once_it_is_there(count: int) -> None:
    """Were something still lent when Python ends, giving it back would call into a program that is gone."""
    views = np.zeros((count, 2), dtype=np.uint64)
    views.view(np.uint8)[:, :7] = [3, 0, 0, 0, *b"abc"]
    column = arrow.texts("code", views)
    assert arrow._HELD == {}
    assert column.to_list() == ["abc"] * count


def test_nothing_that_polars_read_is_held_once_the_frames_are_made() -> None:
    documents = bulks(interchange(Random(1)), X12())
    assert arrow._HELD == {}
    assert sum(document.height for document in documents) == MESSAGES * LINES * 3


def activity(items: int) -> bytes:
    """One message: each item with four figures, as most senders write it."""
    rows = ["ST*852*0001", "XQ*H*20261115*20261121", "N1*ST*STORE*92*6468"]
    for at in range(1, items + 1):
        rows += [f"LIN*{at}*UP*{at:012}*VN*{at:06}*IN*{at:06}", f"CTP**RES*{at % 100}.50"]
        rows += [f"ZA*{code}*{at % 500}*EA" for code in ("QS", "QA", "QP", "QR")]
    rows += [f"CTT*{items}", f"SE*{len(rows) + 2}*0001"]
    body = "".join(f"{row}~" for row in rows)
    return f"{ISA}GS*PD*US*THEM*20261122*1200*1*X*004010~{body}GE*1*1~IEA*1*000000001~".encode()


def taken(rows: FoldedRows) -> int:
    """The bytes of all columns and of what leads to them."""
    layers = [layer for column in rows.columns for layer in column]
    arrays = {id(at): at.nbytes for one in layers for at in (one.index, one.level.at) if at is not None}
    values = [one.level.values for one in layers]
    views = sum(16 * len(some) for some in values if some.dtype == pl.String)
    total: int = sum(arrays.values()) + views + sum(int(some.estimated_size("b")) for some in values)
    return total


def test_a_row_takes_less_than_forty_bytes_until_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "WORTHWHILE", 1)
    [document] = bulks(activity(2_000), X12())
    [stretch] = document.stretches
    assert isinstance(stretch.whole, FoldedRows)
    assert (document.height, document.lines.height) == (8_000, 8_000)
    assert taken(stretch.whole) < 40 * document.height


def test_a_long_message_is_put_together_when_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    content = activity(2_000)
    [whole] = bulks(content, X12())
    monkeypatch.setattr(gather, "MOST", 0)
    monkeypatch.setattr(pieces, "SIZE", 10_000)
    [document] = bulks(content, X12())
    assert len(document.stretches) > 5
    assert document.height == 8_000
    assert document == whole
    assert document.lines is document.lines
    assert document.height == 8_000


def frame(rows: int) -> pl.DataFrame:
    nothing: dict[str, Any] = {name: [None] * rows for name in Activity.SCHEMA}
    return pl.DataFrame({**nothing, "quantity": [float(row) for row in range(rows)]}, schema=Activity.SCHEMA)


def test_documents_that_share_a_frame_are_those_that_have_their_own() -> None:
    whole, header = frame(6), ActivityHeader(number="1")
    shared, own = Activity(header, Stretch(whole, 2, 3)), Activity(header, whole.slice(2, 3))
    assert (shared, hash(shared), shared.height) == (own, hash(own), 3)
    assert shared.lines["quantity"].to_list() == [2.0, 3.0, 4.0]
    assert replace(shared, lines=whole).height == 6
    assert replace(shared, header=ActivityHeader()).lines.equals(own.lines)


def test_a_document_takes_only_its_own_lines_along() -> None:
    one = Activity(ActivityHeader(), Stretch(frame(50_000), 7, 1))
    sent = pickle.dumps(one)
    assert pickle.loads(sent) == one  # noqa: S301  (what was made a line above)
    assert len(sent) < 10_000
