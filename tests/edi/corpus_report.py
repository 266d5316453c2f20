"""How a directory of real files is read: `python -m tests.edi.corpus_report DIR [--json] [--unmapped N]`.

Counts files, messages, documents and findings by code; says what share of the files is mapped whole; and holds the
count of segments against an independent one, so that nothing is lost in silence. A file counts towards the share when
it is X12 or EDIFACT, its own counts and control numbers are right, and all its message types have tables.

    whole   every message became a document
    fully   and no row was missing for anything in it (no UNMAPPED), nor a word for a code (no UNKNOWN-WORD)

Exit code 1 when a file raises, or a segment is neither read nor named in a finding.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.promises import findings_of
from hub.cli.explain import formats
from hub.errors import Finding
from hub.flow.identify import identify
from hub.model.exchange import Event, Opening, Reading
from hub.model.finding import name_of
from hub.ports import Guide

KNOWN = formats()
FAMILIES = ("x12", "edifact")
ANSWERS = {"997", "999", "TA1", "CONTRL"}
"""Read without a table: they become what was acknowledged."""
MISCOUNTED = {
    *("SEGMENT-COUNT", "CONTROL-MISMATCH", "MISSING-TRAILER", "MISSING-CONTROL", "DUPLICATE-CONTROL", "TRUNCATED"),
    *("GROUP-COUNT", "GROUP-CONTROL", "GROUP-TRAILER", "INTERCHANGE-COUNT", "INTERCHANGE-CONTROL", "GARBAGE"),
    *("INTERCHANGE-HEADER", "NO-TERMINATOR", "STRAY-SEGMENT", "EMPTY", "NO-FORMAT", "INTERACTIVE", "NO-HEADER"),
}
LEFT_OUT = {"UNMAPPED", "UNKNOWN-WORD"}
_ISA = re.compile(rb"ISA([^A-Za-z0-9\s])")


@dataclass(slots=True)
class File:
    """How one file was read."""

    path: Path
    family: str | None = None
    messages: int = 0
    documents: int = 0
    tables: set[str] = field(default_factory=set)
    untabled: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    segments: int = 0
    lost: list[str] = field(default_factory=list)
    raised: str | None = None

    @property
    def names(self) -> set[str]:
        return {name_of(f) for f in self.findings}

    @property
    def counts(self) -> bool:
        """Whether it is one of those that must be mapped."""
        return self.family in FAMILIES and bool(self.messages) and not self.untabled and not self.names & MISCOUNTED

    @property
    def whole(self) -> bool:
        return self.documents == self.messages

    @property
    def fully(self) -> bool:
        return self.whole and not self.names & LEFT_OUT


def read(path: Path) -> File:
    """One file through the front door, as it comes."""
    content = path.read_bytes()
    file = File(path)
    try:
        events = list(identify(io.BytesIO(content), list(KNOWN.values()), lambda _: Guide()))
    except Exception:
        file.raised = traceback.format_exc()
        return file
    for event in events:
        file.findings += findings_of(event)
        if isinstance(event, Opening):
            file.family = event.interchange.format
        elif isinstance(event, Reading):
            file.messages += 1
            file.documents += event.document is not None
            named = event.table or (event.message if event.message in ANSWERS else None)
            kind = f"{event.message or '?'} {event.version or ''}".strip()
            (file.tables if named else file.untabled).add(named or kind)
    if file.family in FAMILIES:
        file.segments = len(segments(content, file.family))
        file.lost = list(lost(content, events, file.family))
    return file


# -- the independent count -----------------------------------------------------------------------------------------


def segments(content: bytes, family: str) -> list[tuple[int, str]]:
    """(byte, name) of everything that a terminator ends, cut by plain lines that share nothing with the engine."""
    return list(_edifact(content) if family == "edifact" else _x12(content))


def _x12(content: bytes) -> Iterator[tuple[int, str]]:
    """From each ISA to the next, by the sign that stands behind its sixteenth element."""
    starts = [m.start() for m in _ISA.finditer(content) if _is_header(content, m.start())]
    for start, stop in zip(starts, [*starts[1:], len(content)], strict=True):
        sign = content[start + 3 : start + 4]
        at = start
        for _ in range(16):
            at = content.index(sign, at) + 1
        width = next((n for n in (1, 2, 3) if _is_one_sign(content[at + 1 : at + 1 + n])), 1)
        end = content[at + 1 : at + 1 + width]
        if end == b" " and content[at + 2 : at + 4].lstrip(b"\r")[:1] == b"\n":
            end = b"\n"
        if end == b"\r" and content[at + 2 : at + 3] == b"\n":
            end = b"\r\n"
        place = start
        for piece in content[start:stop].split(end):
            name = b"".join(piece.split(b"\n")).strip().partition(sign)[0].replace(b"\r", b"")
            if piece.strip(b" \t\r\n\0\x1a"):
                yield place + len(piece) - len(piece.lstrip()), name.decode("latin-1")[:3]
            place += len(piece) + len(end)


def _is_one_sign(content: bytes) -> bool:
    """Whether bytes are one character of UTF-8; what is none there is one of Latin-1."""
    try:
        return len(content.decode("utf-8")) == 1
    except UnicodeDecodeError:
        return False


def _is_header(content: bytes, at: int) -> bool:
    return content[at : at + 300].count(content[at + 3 : at + 4]) >= 16


def _edifact(content: bytes) -> Iterator[tuple[int, str]]:
    """Sign by sign: a release takes the next one along."""
    release, end, start, at = b"?", b"'", 0, 0
    if b"'" not in content[:400] and re.match(rb"\s*UNB\+[^\n]*\r?\nUN", content):
        end = b"\n"
    while at < len(content):
        here = content[start:at].strip(b"\xef\xbb\xbf \t\r\n\0\x1a")
        if not here and content[at : at + 3] == b"UNA":
            short = content[at + 8 : at + 9] in (b"\r", b"\n") and content[at + 7 : at + 8] != b" "
            release, end = content[at + 6 : at + 7].strip(), content[at + 8 - short : at + 9 - short]
            start = at = at + 9 - short
        elif release and content[at : at + 1] == release:
            at += 2
        elif content[at : at + 1] == end:
            if here:
                yield start, _name(here)
            at += 1
            start = at
        else:
            at += 1
    if here := content[start:].strip(b" \t\r\n\0\x1a"):
        yield start, _name(here)


def _name(segment: bytes) -> str:
    """What stands before the first separator; a line may be broken inside of it."""
    return re.split(r"\W", segment[:12].decode("latin-1").replace("\r", "").replace("\n", ""), maxsplit=1)[0][:3]


ENVELOPE = {"ISA", "IEA", "GS", "GE", "ST", "SE", "UNA", "UNB", "UNZ", "UNG", "UNE", "UNH", "UNT", "TA1"}


def lost(content: bytes, events: Iterable[Event], family: str) -> Iterator[str]:
    """Segments that were neither read nor named: counted by number over the file, and by name within it."""
    events = list(events)
    found = segments(content, family)
    told = [f for event in events for f in findings_of(event)]
    read_ = sum(event.segments for event in events if isinstance(event, Reading))
    around = sum(name in ENVELOPE - {"ST", "SE", "UNH", "UNT", "TA1"} for _, name in found)
    strays = sum(name_of(f) == "STRAY-SEGMENT" for f in told)
    excused = any(name_of(f) in ("GARBAGE", "INTERCHANGE-HEADER", "NO-TERMINATOR", "INTERACTIVE") for f in told)
    if read_ + around + strays < len(found) and not excused:
        yield f"{len(found)} segments, but {read_} read, {around} around messages and {strays} told"
    named = {re.split(r"\W", f.where.tag.strip(), maxsplit=1)[0][:3] for f in told if f.where.tag}
    mapped = {tag for event in events if isinstance(event, Reading) for tag in _tags(event)}
    whole = any(name_of(f) in ("UNKNOWN-SET", "UNKNOWN-MESSAGE", "MISSING-IDENTIFIER", "MANY-FINDINGS") for f in told)
    for _, name in found:
        if name not in ENVELOPE and name not in mapped and name not in named and not whole and not excused:
            yield f"{name} is neither read nor named"


def _tags(reading: Reading) -> set[str]:
    """The names of all segments that the table of a reading has a use for."""
    if reading.table is None:
        return {"AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "IK3", "IK4", "IK5", "CTX", "UCI", "UCF", "UCM", "UCS", "UCD"}
    plan = KNOWN[reading.interchange.format].tables.get(reading.table).plan  # type: ignore[attr-defined]
    return {plan.nodes[at].tag for at in (*plan.mapped, *plan.paired)}


# -- the report ----------------------------------------------------------------------------------------------------


def report(directory: Path) -> dict[str, object]:
    """All files below a directory."""
    files = [read(path) for path in sorted(directory.rglob("*")) if path.is_file()]
    ours = [file for file in files if file.family in FAMILIES]
    must = [file for file in ours if file.counts]
    codes = Counter(f.code for file in files for f in file.findings)
    unmapped = Counter(
        (f.code.split("-")[1].lower(), f.message.partition(": ")[2])
        for file in must
        for f in file.findings
        if name_of(f) in LEFT_OUT
    )
    return {
        "files": len(files),
        "x12 and edifact": len(ours),
        "messages": sum(file.messages for file in ours),
        "documents": sum(file.documents for file in ours),
        "segments": sum(file.segments for file in ours),
        "raised": [f"{file.path.name}: {file.raised}" for file in files if file.raised],
        "lost": [f"{file.path.name}: {what}" for file in ours for what in file.lost],
        "must be mapped": len(must),
        "whole": sum(file.whole for file in must),
        "fully": sum(file.fully for file in must),
        "not whole": [file.path.name for file in must if not file.whole],
        "without table": dict(Counter(kind for file in ours for kind in file.untabled).most_common()),
        "findings": dict(codes.most_common()),
        "left out": {f"{family}: {words}": count for (family, words), count in unmapped.most_common()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--unmapped", type=int, default=25, help="so many of the places that no row reads")
    asked = parser.parse_args()
    told = report(asked.directory)
    if asked.json:
        json.dump(told, sys.stdout, indent=1)
    else:
        _print(told, asked.unmapped)
    return int(bool(told["raised"] or told["lost"]))


def _print(told: dict[str, object], most: int) -> None:
    must = int(str(told["must be mapped"]))
    for name, value in told.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for key, count in list(value.items())[:most]:
                print(f"  {count:>6,}  {key}")
        elif isinstance(value, list):
            print(f"{name}: {len(value)}", *value[:20], sep="\n  ")
        else:
            share = f"  ({value / must:.1%})" if name in ("whole", "fully") and must and isinstance(value, int) else ""
            print(f"{name}: {value:,}{share}")


if __name__ == "__main__":
    raise SystemExit(main())
