"""Real files, many of them odd: every one is answered with findings and none with a traceback."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest

from hub.cli.explain import formats
from hub.flow.explain import JsonTeller
from hub.flow.identify import identify
from hub.model.exchange import Closing, Event, Numbers, Opening, Reading, Remark
from hub.ports import Guide
from tests.edi.samples import NOW

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
FILES = sorted(p for family in ("x12", "edifact", "ubl", "gs1") for p in CORPUS.glob(f"{family}/*/*") if p.is_file())
KNOWN = formats()

needs_corpus = pytest.mark.skipif(not FILES, reason="the corpus of real files is not beside this checkout")


def read(path: Path) -> list[Event]:
    with path.open("rb") as source:
        return list(identify(source, list(KNOWN.values()), lambda _: Guide()))


@needs_corpus
def test_every_real_file_is_read_without_an_exception_and_says_something(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    for path in FILES:
        found = read(path)
        assert found, path
        assert all(isinstance(e, Opening | Reading | Closing | Remark) for e in found)
        counts.update(e.status.value for e in found if isinstance(e, Reading))
        counts["files"] += 1
    with capsys.disabled():
        print(f"\n  corpus: {dict(counts)}")
    assert counts["files"] == len(FILES)


@needs_corpus
def test_every_real_interchange_is_answered_unless_nobody_is_named_or_it_is_an_answer_itself() -> None:
    answerless = {"CONTRL", "APERAK", "997", "999", "TA1"}
    for path in FILES:
        if "ubl" in path.parts or "gs1" in path.parts:
            continue
        messages: set[str] = set()
        for event in read(path):
            if isinstance(event, Reading):
                messages.add(event.message)
            if isinstance(event, Closing):
                head, format = event.interchange, KNOWN[event.interchange.format]
                if head.sender and head.receiver and messages - answerless:
                    grouped = [g for g in event.groups if g.control or head.format == "edifact"]
                    answers = format.acknowledge(event, Numbers(interchange=1), NOW)
                    assert answers or not grouped, path
                messages = set()


@needs_corpus
def test_every_opening_has_its_closing() -> None:
    for path in FILES:
        open_ = 0
        for event in read(path):
            open_ += isinstance(event, Opening)
            open_ -= isinstance(event, Closing)
            assert open_ in (0, 1), path
        assert open_ == 0, path


@needs_corpus
def test_every_real_file_becomes_one_line_of_json() -> None:
    import json

    for path in FILES:
        teller = JsonTeller(path.name, KNOWN, NOW, max_lines=3)
        text = "".join(teller.tell(iter(read(path))))
        assert text.count("\n") == 1
        told = json.loads(text)
        assert set(told) == {"file", "interchanges", "findings"}


@needs_corpus
def test_a_real_file_with_any_byte_lost_or_doubled_is_survived() -> None:
    for path in FILES[:: max(1, len(FILES) // 25)]:
        content = path.read_bytes()[:3000]
        for at in range(0, len(content), max(1, len(content) // 12)):
            for broken in (
                content[:at] + content[at + 1 :],
                content[:at] + content[at : at + 1] + content[at:],
                content[at:],
            ):
                list(identify(io.BytesIO(broken), list(KNOWN.values()), lambda _: Guide()))
