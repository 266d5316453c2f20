"""Our verdict and that of pyx12 on answers with faults in them: the same, or different for a reason that is named."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from adapters import x12
from fuzz.mutate import double, drop, element, name, swap
from hub.errors import Finding, Severity
from hub.model.exchange import Answers, Closing, Reading
from hub.model.finding import name_of
from tests.edi.corpus_report import findings_of
from tests.edi.pyx12_verdict import maps, verdict
from tests.edi.samples import NOW, ORDER, put, st
from tests.edi.samples import x12 as x12_file

MUTATIONS = 100
ISA = "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *261122*1200*{}*{}*000000001*0*P*>~"
ANSWERED = ["AK2*850*0001", "AK3*PO1*8**8", "AK4*2*330*6*8x1"]
NEWER = [row.replace("AK3", "IK3").replace("AK4", "IK4") for row in ANSWERED]
KINDS = {
    "997": (
        ISA.format("U", "00401") + "GS*FA*S*R*20261122*1200*1*X*004010~",
        ["AK1*PO*1", *ANSWERED, "AK5*R*5", "AK2*850*0002", "AK5*A", "AK9*P*2*2*1"],
    ),
    "999": (
        ISA.format("^", "00501") + "GS*FA*S*R*20261122*1200*1*X*005010~",
        ["AK1*PO*1*005010", *NEWER, "IK5*R*5", "AK2*850*0002", "IK5*A", "AK9*P*2*2*1"],
    ),
}
CHANGES = (drop, double, swap, element, element, element, name)
THEIRS_ALONE = {
    r"is not a valid code for Transaction Set Syntax Error Code": "we hold no list of element 718",
    r"is not a valid code for Implementation Transaction Set": "we hold no list of element 618",
    r"is not a valid code for Functional Group": "we hold no list of element 716",
    r"invalid composite": "a component separator after the last component says nothing, and is passed over",
    r"unnecessary trailing spaces": "blanks at the end are a warning: they were meant by nobody",
    r"trailing element terminators": "empty elements at the end are tolerated",
    r"invalid character\((?=.*[^\x00-\x7f])": "printable letters outside of ASCII are read as they are",
}
"""What pyx12 alone calls an error, by its sentence, and why we do not."""
OURS_ALONE = {
    "MISSING-SEGMENT": "pyx12 does not miss a mandatory AK5 or IK5 when its loop begins again at once",
    "TOO-MANY-COMPONENTS": "pyx12 reads components only where its map has some",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return maps(tmp_path_factory.mktemp("maps"))


def document(kind: str, rows: list[str]) -> str:
    head = KINDS[kind][0]
    body = [f"ST*{kind}*0001", *rows, f"SE*{len(rows) + 2}*0001"]
    return head + "".join(row + "~" for row in body) + "GE*1*1~IEA*1*000000001~"


def errors(text: str) -> list[Finding]:
    found = [f for event in x12.read(text.encode("latin-1", "replace")) for f in findings_of(event)]
    return [f for f in found if f.severity is Severity.ERROR]


def mutated(rows: list[str], seed: int) -> list[str] | None:
    """The rows with one fault; None where it would not be one of rows any more."""
    rng = random.Random(seed)
    broken = [row.encode("latin-1") for row in rows]
    rng.choice(CHANGES)(broken, b"", rng)
    if not broken or any(b"~" in row or not row.strip() for row in broken):
        return None
    return [row.decode("latin-1") for row in broken]


@pytest.mark.parametrize("kind", KINDS)
def test_both_find_nothing_in_a_right_answer(kind: str, home: Path) -> None:
    text = document(kind, KINDS[kind][1])
    assert errors(text) == []
    assert verdict(text, home) == []


@pytest.mark.parametrize("kind", KINDS)
def test_verdicts_on_answers_with_a_fault_agree_or_differ_for_a_named_reason(kind: str, home: Path) -> None:
    agreed, explained, unexplained = 0, 0, []
    for seed in range(MUTATIONS):
        rows = mutated(KINDS[kind][1], seed)
        if rows is None:
            continue
        text = document(kind, rows)
        theirs, ours = verdict(text, home), errors(text)
        if bool(theirs) == bool(ours):
            agreed += 1
        elif _has_a_reason(theirs, ours):
            explained += 1
        else:
            unexplained.append((rows, theirs, [f.code for f in ours]))
    assert unexplained == []
    assert agreed > 9 * explained


def _has_a_reason(theirs: list[tuple[str, str, str]], ours: list[Finding]) -> bool:
    if theirs:
        if any("trailing element terminators" in sentence for _, _, sentence in theirs):
            theirs = [one for one in theirs if "Too many elements" not in one[2]]  # those same empty ones
        return all(any(re.search(said, sentence) for said in THEIRS_ALONE) for _, _, sentence in theirs)
    return all(name_of(f) in OURS_ALONE for f in ours)


@pytest.mark.parametrize("kind", KINDS)
def test_pyx12_finds_nothing_in_the_answers_that_we_write(kind: str, home: Path) -> None:
    release = "004010" if kind == "997" else "005010"
    bad = [st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"), 1), st(put(ORDER, 0), 2), st(ORDER, 3, se="SE*99*0003")]
    text = x12_file(*bad, st(ORDER, 4)).replace("*X*004010~", f"*X*{release}~")
    if kind == "999":
        text = text.replace("*U*00401*", "*^*00501*")
    [closing] = [e for e in x12.read(text.encode()) if isinstance(e, Closing)]
    asked = Closing(
        closing.interchange,
        closing.groups,
        closing.findings,
        closing.receipts,
        Answers.model_validate({"functional": kind}),
    )
    [answer] = x12.acknowledge(asked, now=NOW)
    assert answer.type == kind
    assert verdict(answer.content.decode(), home) == []
    assert errors(answer.content.decode()) == []


def test_an_answer_with_a_missing_segment_is_told_and_still_understood() -> None:
    rows = [row for row in KINDS["997"][1] if row != "AK5*A"]
    [reading] = [e for e in x12.read(document("997", rows).encode()) if isinstance(e, Reading)]
    assert [name_of(f) for f in reading.findings] == ["MISSING-SEGMENT"]
    assert reading.status is x12.Status.ACCEPTED_WITH_ERRORS or reading.status is x12.Status.ACCEPTED
    assert reading.document is not None


def test_an_answer_to_no_group_means_nothing() -> None:
    rows = KINDS["997"][1][1:]
    [reading] = [e for e in x12.read(document("997", rows).encode()) if isinstance(e, Reading)]
    assert reading.document is None
    assert reading.status is x12.Status.REJECTED
