"""A planner's sheet as it comes back: what it says is read, what it cannot mean is refused by its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hub.cli.plan.edit import read_sheet
from hub.errors import Reject
from hub.flow.views import Edit, require
from hub.model.agreement import Agreement, Member

GTIN, GLN, TODAY = "09521001100106", "9521002001013", date(2026, 11, 16)
AGREEMENT = Agreement(
    name="retail", valid_from=date(2026, 1, 1), items=(GTIN,), locations=(GLN,), horizon_weeks=6,
    members=(Member(partner="alder", role="buyer", sees=()), Member(partner="birch", role="seller", sees=())))
HEAD = "gtin,gln,week,buyer,seller\n"


def read(path: Path, text: str, encoding: str = "utf-8") -> list[Edit]:
    sheet = path / "weeks.csv"
    sheet.write_bytes(text.encode(encoding))
    return read_sheet(sheet, AGREEMENT, "alder")


@pytest.mark.parametrize("text", [
    f"{HEAD}{GTIN},{GLN},2026-11-16,12.5,7\n{GTIN},{GLN},2026-11-23,,9\n",
    f"\ufeff{HEAD}{GTIN},{GLN},2026-11-16,12.5,7\r\n",
    f"{HEAD}{GTIN},{GLN},2026-11-16,12.5,7\n".replace(",", ";"),
    f"week,note,quantity,gln,gtin\n2026-11-16,hm,12.5,{GLN},9521001100106\n"])
def test_a_side_s_own_column_is_read_and_empty_cells_say_nothing(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == [Edit(GTIN, GLN, TODAY, 12.5)]


@pytest.mark.parametrize(("text", "reason", "words"), [
    ("gtin,gln,week,seller\n", "MISSING_COLUMN", "no column buyer"),
    ("", "MISSING_COLUMN", "no column gtin, gln, week, buyer"),
    (f"{HEAD}{GTIN},{GLN},16.11.2026,5\n", "BAD_CELL", "line 2: a week is written 2026-11-23"),
    (f"{HEAD}{GTIN},{GLN},2026-11-16,many\n", "BAD_CELL", "line 2.*'many'"),
    ("buyer,gtin,gln,week\n5\n", "BAD_CELL", "line 2"),
    (2 * f"{GTIN},{GLN},2026-11-16,5,\n", "MISSING_COLUMN", "no column"),
    (HEAD + 2 * f"{GTIN},{GLN},2026-11-16,5,\n", "DUPLICATE_PERIOD", "line 3: .* twice"),
    (f"{HEAD}{GTIN},{GLN},2026-11-16,\"5\n", "NOT_CSV", "no CSV"),
])
def test_what_a_sheet_cannot_mean_is_refused_by_its_line(tmp_path: Path, text: str, reason: str, words: str) -> None:
    with pytest.raises(Reject, match=words) as refused:
        read(tmp_path, text)
    assert refused.value.reason == reason


def test_a_sheet_in_another_encoding_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="save it as CSV UTF-8"):
        read(tmp_path, f"{HEAD}Käse,{GLN},2026-11-16,5,\n", "latin-1")


@pytest.mark.parametrize(("cell", "reason"), [
    (f"{GTIN},{GLN},2026-11-16,-1", "BAD_QUANTITY"), (f"{GTIN},{GLN},2026-11-16,1e12", "BAD_QUANTITY"),
    (f"{GTIN},{GLN},2026-11-16,nan", "BAD_QUANTITY"), (f"{GTIN},{GLN},2026-11-16,inf", "BAD_QUANTITY"),
    (f"{GTIN},{GLN},2026-11-18,5", "OUTSIDE_HORIZON"), (f"{GTIN},{GLN},2026-11-09,5", "OUTSIDE_HORIZON"),
    (f"{GTIN},{GLN},2026-12-28,5", "OUTSIDE_HORIZON"), (f"09521001100205,{GLN},2026-11-16,5", "OUTSIDE_AGREEMENT"),
    (f"{GTIN},9521002001020,2026-11-16,5", "OUTSIDE_AGREEMENT")])
def test_a_sheet_meets_the_rules_of_every_door(tmp_path: Path, cell: str, reason: str) -> None:
    edits = read(tmp_path, f"{HEAD}{cell},\n")
    with pytest.raises(Reject) as refused:
        require(AGREEMENT, "alder", edits, TODAY)
    assert refused.value.reason == reason
