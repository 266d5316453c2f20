"""The mapping guide says what the reader does, because both are made of one table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hub.cli.guide
from adapters.edifact.format import Edifact
from adapters.mapping.guide import Guidebook
from adapters.x12.format import X12
from hub.cli.guide import example
from hub.cli.guide_html import page
from hub.cli.guide_markdown import markdown
from schemas import facts
from tests.edi.test_explain import run

FAMILIES = {"x12": X12(), "edifact": Edifact()}
OVERLAY = """
base = "x12/004010/850"
[map]
department = "REF[19]-02"
promotion = ""
"""


def book(table: str, partner: str | None = None, overlay: str = OVERLAY) -> Guidebook:
    if partner:
        return X12({partner: {table: overlay}}).guide(table, partner)
    return FAMILIES[table.split("/")[0]].guide(table)


@pytest.mark.parametrize("table", facts.message_tables())
def test_every_table_has_a_guide_in_markdown_and_html(table: str) -> None:
    if table.split("/")[0] not in FAMILIES:
        return
    made = book(table)
    text = markdown(made)
    assert text.startswith(f"# {made.title}")
    assert page(made).count("<section") == page(made).count("</section>")
    for row in made.fields:
        assert f"`{row.path}`" in text
    assert any(segment.mapped for segment in made.segments)


def test_the_guide_of_an_order_says_where_each_value_stands() -> None:
    text = markdown(book("x12/004010/850"))
    assert "| `number` | `BEG-03` | text | yes |" in text
    assert re.search(r"\| `lines\[\]\.quantity` \| `PO1-02` \| a number \| yes \|", text)
    assert "| 02 | 330 | Quantity Ordered | a number with an optional decimal point, up to 15 digits | O |" in text
    assert "- PO1-02 (Quantity Ordered) and PO1-03" in text or "- If PO1-03" in text
    assert re.search(r"^PO1 +M 100000 +Baseline Item Data +-> lines\[\]", text, re.M)
    assert "`00` = original" in text


def test_the_guide_of_an_edifact_order_names_components() -> None:
    made = book("edifact/D96A/ORDERS")
    quantity = next(s for s in made.segments if s.tag == "QTY")
    row = next(r for r in quantity.elements if r.at == "01.2")
    assert (row.number, row.holds, row.must) == ("6060", "a number, up to 15 digits", True)
    assert any("lines[].quantity" in land for land in row.lands)


@pytest.mark.parametrize("table", ["x12/004010/852", "edifact/D96A/SLSRPT", "x12/004010/856"])
def test_frames_and_trees_have_their_fields_in_the_guide(table: str) -> None:
    paths = {row.path for row in book(table).fields}
    assert {"lines[].quantity", "lines[].gtin"} <= paths or {"item.gtin", "pack.sscc"} <= paths


def test_a_partner_guide_begins_with_what_is_otherwise() -> None:
    made = book("x12/004010/850", "acme")
    assert "department is read from REF[19]-02, not from REF[DP]-02" in made.changes
    assert "promotion is not read" in made.changes
    assert len(made.changes) == 2
    assert "## What acme does otherwise" in markdown(made)


def test_the_example_partner_has_a_guide_by_name_and_by_directory() -> None:
    code, said, _ = run("guide", "x12/004010/850", "--partner", "larkmoor")
    assert (code, "REF[19]-02" in said) == (0, True)
    directory = Path(hub.cli.guide.PARTNERS / "larkmoor")
    assert run("guide", "x12/004010/850", "--partner", str(directory))[1] == said


def test_brief_leaves_out_what_is_only_checked() -> None:
    made = book("x12/004010/850")
    assert "### ADV" in markdown(made)
    assert "### ADV" not in markdown(made, brief=True)
    assert "### PO1" in markdown(made, brief=True)


def test_the_page_asks_for_nothing(tmp_path: Path) -> None:
    target = tmp_path / "guide.html"
    assert run("guide", "edifact/D96A/ORDERS", "--html", str(target))[0] == 0
    said = target.read_text()
    assert re.findall(r"(?i)<script|<link|<img|\ssrc=|\shref=|@import|url\(", said) == []
    assert "UNH+" in said
    assert "\n  RFF" in said or "\nRFF" in said


@pytest.mark.parametrize(
    "arguments",
    [("x12/004010/123",), ("smoke/1/signals",), ("x12",), ("x12/004010/850", "--partner", "nobody"), ("csv/1/order",)],
)
def test_what_there_is_not_is_one_sentence(arguments: tuple[str, ...]) -> None:
    code, _, said = run("guide", *arguments)
    assert code == 2
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1


def test_the_example_is_a_right_message_written_by_hand() -> None:
    assert example("x12/004010/850").startswith("ISA")
    assert example("x12/004010/nothing") == ""
