"""Functions of bytes that raise only when we are wrong: a traceback, bytes lost in silence, two ways that disagree."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from adapters.edifact.split import split as split_edifact
from adapters.mapping.codecs import CODECS, Spot, codec
from adapters.mapping.dialect import COMPONENT
from adapters.mapping.report import Report
from adapters.x12 import gather
from adapters.x12.split import Run
from adapters.x12.split import split as split_x12
from fuzz.layers import layers
from fuzz.promises import FORMATS, NOW, NUMBERS, demand, findings_of, written_again
from fuzz.trees import trees
from fuzz.ways import columns, long
from hub.errors import Severity, Where
from hub.flow.identify import identify
from hub.model.exchange import Closing, Opening, Reading
from hub.ports import Guide
from schemas import facts

REPEATS = ("GS", "AK1", "AK2", "TA1", "UCI", "UCF", "UCM")
"""Segments of an answer that name what is answered."""


# -- split ---------------------------------------------------------------------------------------------------------


def split(data: bytes) -> None:
    """Parts come in the order of the file, each inside of it; and a file in small pieces has the same parts."""
    for cut in (split_x12, split_edifact):
        offsets = [part.offset for part in cut(io.BytesIO(data))]
        demand(all(a < b for a, b in pairwise(offsets)), "parts in order", offsets)
        demand(all(0 <= at < len(data) for at in offsets), "parts inside", offsets)
        demand(offsets == [part.offset for part in cut(Drops(data))], "parts of pieces", offsets)
    runs = [part for part in split_x12(io.BytesIO(data), gather.Gatherer()) if isinstance(part, Run)]
    demand(all(len(run.heads) == len(run.tails) for run in runs), "runs are whole")


class Drops(io.BytesIO):
    """A stream that gives a few bytes at a time, as a slow network does."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 7, 7) if size and size > 0 else 7)


# -- envelope ------------------------------------------------------------------------------------------------------


def envelope(data: bytes) -> None:
    """Whatever comes is read to the end; every opening has its closing; findings point into the file; every interchange
    is answered by something that we can read ourselves, without a fault in it."""
    found = list(identify(io.BytesIO(data), list(FORMATS.values()), lambda _: Guide()))
    demand(found, "something is said")
    open_ = 0
    for event in found:
        open_ += isinstance(event, Opening)
        open_ -= isinstance(event, Closing)
        demand(open_ in (0, 1), "openings and closings")
        demand(not isinstance(event, Reading) or open_ == 1, "readings inside")
        for item in findings_of(event):
            at = item.where.offset
            demand(at is None or 0 <= at <= len(data), "offset inside", item)
            filled = "{" not in item.hint or b"{" in data  # else it is the file's own, which the sentence repeats
            demand(item.message and item.hint and filled, "a sentence", item)
        if isinstance(event, Closing):
            _answered(event)
    demand(open_ == 0, "all closed")


def _answered(closing: Closing) -> None:
    if not closing.interchange.control:  # an answer cannot name what has no number
        return
    format = FORMATS[closing.interchange.format]
    for answer in format.acknowledge(closing, NUMBERS, NOW):
        again = list(format.read(io.BytesIO(answer.content), lambda _: Guide()))
        errors = [f for event in again for f in findings_of(event) if f.severity is Severity.ERROR]
        errors = [f for f in errors if f.where.tag not in REPEATS]  # what was sent wrongly is repeated as it was sent
        demand(not errors, "our answer is right", answer.content, errors[:2])


# -- structure -----------------------------------------------------------------------------------------------------


def structure(data: bytes) -> None:
    """Segments in any order through any table: no traceback, each segment is placed or told, never both."""
    names = _tables()
    name = names[data[0] % len(names)] if data else names[0]
    message = FORMATS[name.split("/")[0]].tables.get(name)
    tags = [*sorted({node.tag for node in message.plan.nodes[1:]}), "ZZZ", "ZA", "QTY"]
    rows = []
    for at in range(1, len(data) - 1, 2):
        filler = ["1", "", "AB", f"1{COMPONENT}2", "20261122", "X" * 90][data[at + 1] % 6]
        rows.append([tags[data[at] % len(tags)], *([filler] * (data[at + 1] >> 4))])
    report = Report(message.plan.dialect.name, Where())
    tag_at: Callable[[int], str] = lambda n: rows[n - 2][0] if n - 2 < len(rows) else ""  # noqa: E731
    walk = message.check([message.plan.dialect.head], [list(row) for row in rows], report, tag_at)
    demand(walk.segments == len(rows) + 1, "all were walked")
    read = Report(message.plan.dialect.name, Where())
    _, segments = message.read([message.plan.dialect.head], [list(row) for row in rows], read, tag_at)
    demand(segments == len(rows) + 1, "all were read")
    told = {(f.code, f.where.segment, f.where.element, f.where.component, f.where.repeat) for f in report.findings}
    again = {(f.code, f.where.segment, f.where.element, f.where.component, f.where.repeat) for f in read.findings}
    demand(report.total > 500 or told <= again, "reading tells what checking tells", told - again)


@lru_cache(maxsize=1)
def _tables() -> list[str]:
    return [name for name in facts.message_tables() if name.split("/")[0] in FORMATS]


# -- writing, codecs -----------------------------------------------------------------------------------------------


def written(data: bytes) -> None:
    """What was read is written again, and is the same."""
    for event in identify(io.BytesIO(data), list(FORMATS.values()), lambda _: Guide()):
        if isinstance(event, Reading):
            written_again(event, data)


def codecs(data: bytes) -> None:
    """A codec reads a text or raises ValueError; what it read it can write, and reads that as the same."""
    text = data[1:].decode("utf-8", "replace")
    names = sorted(CODECS)
    name = names[data[0] % len(names)] if data else names[0]
    argument = "unit" if name in ("code", "known") else ""
    for format in FORMATS:
        for spot in (Spot(format), Spot(format, pair="UP"), Spot(format, qualifier="137")):
            try:
                made = codec(f"{name} {argument}".strip(), spot)
            except LookupError:
                continue
            try:
                value = made.load(text)
            except (ValueError, OverflowError):
                continue
            if value is None:  # nothing was said, so nothing is written
                continue
            try:
                told = made.dump(value, "")
            except (ValueError, OverflowError):
                continue
            demand(made.load(told) == value, f"codec {name}", text, value, told)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "split": split,
    "envelope": envelope,
    "structure": structure,
    "columns": columns,
    "long": long,
    "written": written,
    "trees": trees,
    "layers": layers,
    "codecs": codecs,
}
