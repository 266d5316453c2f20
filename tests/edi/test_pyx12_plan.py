"""Our verdict and that of pyx12 on planning schedules (830) with faults in them.

Its map is one buyer's guide to the 830, so that it demands more than the standard; its codes are taken out.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.errors import Finding
from hub.model.finding import name_of
from tests.edi.pyx12_verdict import maps, verdict
from tests.edi.test_pyx12 import ISA, THEIRS_ALONE, errors, mutated

MUTATIONS = 120
HEAD = ISA.format("U", "00401") + "GS*PS*S*R*20261122*1200*1*X*004010~"
PLAN = [
    "BFR*05**R1*SH*A*20261122*20270122*20261122",
    "N1*ST*DC*92*0791",
    "LIN**BP*60816*VP*OF-1",
    "UIT*EA",
    "PID*F****LAMP",
    "FST*100*C*W*20261129",
    "FST*80*D*W*20261206",
    "SHP*01*60*011*20261101",
    "CTT*1*180",
]
NARROWER = THEIRS_ALONE | {
    r'Mandatory (segment|loop) "(Unit Detail|Supplier|Ship/RecInfo|Forecast|Table 3)': "the standard leaves them open",
    r"\(BFR07\) is missing": "the standard leaves the end of the horizon open",
    r"Segment PID.* not found": "the guide has no PID in the heading",
    r'\(UIT01\) is too long: len\("EA "\)': "blanks at the end are a warning",
}
WIDER = {
    "TOO-MANY-SEGMENTS": "the guide lets the heading stand again",
    "UNKNOWN-CODE": "its codes are taken out",
    "MISSING-CONDITIONAL PID": "the guide has none of the syntax rules of a PID",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return maps(tmp_path_factory.mktemp("maps"))


def plan(rows: list[str]) -> str:
    body = ["ST*830*0001", *rows, f"SE*{len(rows) + 2}*0001"]
    return HEAD + "".join(row + "~" for row in body) + "GE*1*1~IEA*1*000000001~"


def test_both_find_nothing_in_a_right_plan(home: Path) -> None:
    assert errors(plan(PLAN)) == []
    assert verdict(plan(PLAN), home) == []


def test_verdicts_on_plans_with_a_fault_agree_or_differ_for_a_named_reason(home: Path) -> None:
    both, apart, unexplained = 0, 0, []
    for seed in range(MUTATIONS):
        rows = mutated(PLAN, seed)
        if rows is None:
            continue
        theirs, ours = verdict(plan(rows), home), errors(plan(rows))
        if bool(theirs) == bool(ours):
            both += 1
        elif _has_a_reason(theirs, ours):
            apart += 1
        else:
            unexplained.append((rows, theirs, [f.code for f in ours]))
    assert unexplained == []
    assert both > 4 * apart


def _has_a_reason(theirs: list[tuple[str, str, str]], ours: list[Finding]) -> bool:
    if theirs:
        return all(any(re.search(said, sentence) for said in NARROWER) for _, _, sentence in theirs)
    return all(WIDER.keys() & {name_of(f), f"{name_of(f)} {f.where.tag}"} for f in ours)
