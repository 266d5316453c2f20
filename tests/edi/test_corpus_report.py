"""What the report counts, proven on files whose numbers are known; and the real files, of which nothing may be lost."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from hub.flow.identify import identify
from hub.ports import Guide
from tests.edi.corpus_report import KNOWN, lost, read, report, segments
from tests.edi.samples import ORDER, ORDERS, edifact, put, st, unh, x12
from tests.edi.test_corpus import CORPUS, needs_corpus


def kept(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        (directory / f"{name}.edi").write_text(text)
    return directory


def test_a_right_file_is_whole_and_fully_mapped(tmp_path: Path) -> None:
    told = report(kept(tmp_path, a=x12(st(ORDER, 1), st(ORDER, 2)), b=edifact(unh(ORDERS))))
    assert (told["files"], told["messages"], told["documents"]) == (2, 3, 3)
    assert (told["must be mapped"], told["whole"], told["fully"]) == (2, 2, 2)
    assert told["segments"] == 2 * 13 + 4 + 14 + 2
    assert (told["raised"], told["lost"]) == ([], [])


def test_a_place_that_no_row_reads_is_not_fully_mapped_and_is_listed(tmp_path: Path) -> None:
    told = report(kept(tmp_path, a=x12(st(put(ORDER, 5, ORDER[5], "ADV*ZZ*SOMETHING")))))
    assert (told["must be mapped"], told["whole"], told["fully"]) == (1, 1, 0)
    assert any("ADV" in words for words in told["left out"])  # type: ignore[attr-defined]


def test_files_with_wrong_counts_or_unknown_types_are_not_held_against_us(tmp_path: Path) -> None:
    told = report(kept(tmp_path, a=x12(st(ORDER, se="SE*99*0001")), b=x12(st(["XX*1"], kind="999999")), c="hello"))
    assert (told["files"], told["x12 and edifact"], told["must be mapped"]) == (3, 2, 0)


@pytest.mark.parametrize("end", ["~", "~\r\n", "\n", "\r\n", " \r\n", "Ö"])
def test_segments_are_counted_by_whatever_ends_them(end: str) -> None:
    found = segments(x12(st(ORDER)).replace("~", end).encode(), "x12")
    assert [name for _, name in found][:4] == ["ISA", "GS", "ST", "BEG"]
    assert len(found) == 13 + 4


def test_released_terminators_end_nothing() -> None:
    found = segments(edifact(unh(put(ORDERS, 7, "IMD+F++:::x?'UNT?+1??"))).encode(), "edifact")
    assert len(found) == 14 + 2


def test_a_segment_that_vanishes_is_seen_by_both_counts() -> None:
    """The events of a shorter file are held against the longer one: what is not in them is missed."""
    longer, shorter = x12(st([*ORDER[:2], "ADV*ZZ*LOST", *ORDER[2:]], se="SE*13*0001")), x12(st(ORDER))
    events = list(identify(io.BytesIO(shorter.encode()), list(KNOWN.values()), lambda _: Guide()))
    missed = list(lost(longer.encode(), events, "x12"))
    assert missed == ["18 segments, but 13 read, 4 around messages and 0 told", "ADV is neither read nor named"]


@pytest.mark.parametrize("end", [" \r\n", "\x15 ", "~ "])
def test_blanks_around_terminators_do_not_matter(end: str, tmp_path: Path) -> None:
    path = tmp_path / "blank.x12"
    path.write_text(x12(st(ORDER)).replace("~", end), newline="")
    file = read(path)
    assert (file.messages, file.documents, file.lost) == (1, 1, [])


def test_a_una_whose_terminator_is_a_line_end_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "lines.edi"
    path.write_text("UNA:+.? \n" + edifact(unh(ORDERS)).replace("'", "\n"))
    file = read(path)
    assert (file.messages, file.documents, file.lost) == (1, 1, [])


def test_the_command_prints_and_fails_only_when_something_is_lost(tmp_path: Path) -> None:
    directory = kept(tmp_path, a=x12(st(ORDER)))
    command = [sys.executable, "-m", "tests.edi.corpus_report", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "whole: 1  (100.0%)" in done.stdout) == (0, True)
    told = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    assert told["documents"] == 1


@needs_corpus
@pytest.mark.parametrize("family", ["x12", "edifact"])
def test_of_the_real_files_none_raises_and_no_segment_is_lost(family: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = report(CORPUS / family)
    with capsys.disabled():
        shown = {k: v for k, v in told.items() if isinstance(v, int)}
        print(f"\n  {family}: {shown}")
    assert told["raised"] == []
    assert told["lost"] == []
