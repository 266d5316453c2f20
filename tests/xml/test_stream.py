"""Lines one by one: what is right, what is set aside, what text and tree say alike, and how much memory it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import adapters.xml.stream as stream
from adapters.xml.quick import Quick
from hub.model.exchange import Closing, Reading, Status
from hub.model.forecast import Forecast
from tests.xml.samples import HEAD, LINE, events, findings, forecast, names, readings, ubl

MODERATE = 20_000


def lines(content: str | bytes) -> pl.DataFrame:
    return pl.concat([r.document.lines for r in readings(content) if isinstance(r.document, Forecast)])


def slowly(content: str | bytes, monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """The same through the tree alone."""
    with monkeypatch.context() as without:
        without.setattr(Quick, "feed", lambda self, chunk: self.stop())
        return lines(content)


def test_every_line_becomes_a_row_in_order() -> None:
    found = lines(forecast(1_000))
    assert found["quantity"].to_list() == [float(n) for n in range(1, 1_001)]
    assert found["unit"].unique().to_list() == ["case"]
    assert found["bucket"].unique().to_list() == ["week"]


VARIANTS = {
    "plain": LINE,
    "entity": LINE.replace('unitCode="CS"', 'unitCode="&#67;S"').replace("<cbc:ID>{n}", "<cbc:ID>&#x31;{n}"),
    "cdata": LINE.replace("<cbc:ID>{n}", "<cbc:ID><![CDATA[{n}]]>"),
    "comment": LINE.replace("<cac:SalesItem>", "<cac:SalesItem><!-- <cbc:Quantity>9</cbc:Quantity> -->", 1),
    "false line in a comment": "<!-- " + LINE + " -->" + LINE,
    "instruction": LINE.replace("<cac:SalesItem>", "<?do it?><cac:SalesItem>", 1),
    "blanks in texts": LINE.replace(">{n}</cbc:Quantity>", "> {n}\n</cbc:Quantity>"),
    "carriage returns": LINE.replace("\n", "\r\n"),
    "apostrophes": LINE.replace('"', "'"),
    "spaces in tags": LINE.replace("<cbc:Quantity unitCode", "<cbc:Quantity\n  unitCode").replace(
        "</cac:Item>", "</cac:Item >"),
    "own prefix": LINE.replace("<cac:Item>", '<x:Item xmlns:x="urn:oasis:names:specification:ubl:schema:xsd:'
                               'CommonAggregateComponents-2">').replace("</cac:Item>", "</x:Item>"),
    "tag ends with a blank": LINE.replace("</cac:ForecastLine>", "</cac:ForecastLine >"),
    "location": LINE.replace("<cac:Item>", "<cac:ActivityProperty><cbc:Name>location</cbc:Name><cbc:Value>L{n}"
                             "</cbc:Value></cac:ActivityProperty><cac:Item>"),
    "another property first": LINE.replace(
        "<cac:Item>", "<cac:ActivityProperty><cbc:Name>colour</cbc:Name><cbc:Value>red</cbc:Value>"
        "</cac:ActivityProperty><cac:ActivityProperty><cbc:Name>location</cbc:Name><cbc:Value>L{n}</cbc:Value>"
        "</cac:ActivityProperty><cac:Item>"),
    "greater than in a text": LINE.replace("<cac:Item>", "<cac:Item><cbc:Name>a > b</cbc:Name>"),
    "empty text": LINE.replace("04012345000016", ""),
    "letters": LINE.replace("<cac:Item>", "<cac:Item><cbc:Name>Müsli 燕麦</cbc:Name><cac:BuyersItemIdentification>"
                            "<cbc:ID>ä{n}</cbc:ID></cac:BuyersItemIdentification>"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_text_and_tree_say_the_same(variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = forecast(300, line=VARIANTS[variant])
    assert names(content) == []
    assert lines(content).equals(slowly(content, monkeypatch))
    assert lines(content).height == 300


def test_text_and_tree_say_the_same_of_all_shapes_in_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = ("cdata", "comment", "false line in a comment", "instruction")
    every = [variant for name, variant in VARIANTS.items() if name not in odd]
    body = HEAD + "".join(every[n % len(every)].format(n=n) for n in range(2_000))
    content = ubl("Forecast", body)
    assert lines(content).height == 2_000
    assert lines(content).equals(slowly(content, monkeypatch))


def test_a_comment_in_the_middle_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [LINE.format(n=n) for n in range(3_000)]
    rows[1_500] = VARIANTS["false line in a comment"].format(n=1_500)
    content = ubl("Forecast", HEAD + "".join(rows))
    assert lines(content)["quantity"].to_list() == [float(n) for n in range(3_000)]


def test_a_wrong_line_is_set_aside_and_named_and_the_others_are_taken() -> None:
    rows = [LINE.format(n=n) for n in range(1, 1_001)]
    rows[499] = rows[499].replace(">500</cbc:Quantity>", ">many</cbc:Quantity>")
    rows[700] = rows[700].replace("<cbc:ForecastTypeCode>TOTAL</cbc:ForecastTypeCode>", "")
    content = ubl("Forecast", HEAD + "\n" + "\n".join(rows))
    (only,) = readings(content)
    assert only.status is Status.ACCEPTED_WITH_ERRORS
    assert lines(content).height == 998
    assert [(f.code, f.where.path) for f in only.findings if f.severity.value == "error"] == [
        ("E-XML-VALUE", "/Forecast/cac:ForecastLine[500]/cac:SalesItem/cbc:Quantity"),
        ("E-XML-NOT-EXPECTED", "/Forecast/cac:ForecastLine[701]/cac:ForecastPeriod"),
    ]
    at = [f.where.line for f in only.findings if f.severity.value == "error"]
    assert at[0] == next(n for n, text in enumerate(content.split("\n"), 1) if ">many<" in text)
    (refused,) = readings(content, "reject")
    assert refused.status is Status.REJECTED


CERTAIN = LINE.replace("<cbc:ForecastTypeCode>", "<cbc:FrozenDocumentIndicator>true</cbc:FrozenDocumentIndicator>"
                       "<cbc:ForecastTypeCode>")


@pytest.mark.parametrize(("right", "wrong"), [
    (">500</cbc:Quantity>", ">5e2</cbc:Quantity>"),
    (">500</cbc:Quantity>", "></cbc:Quantity>"),
    ("<cbc:StartDate>2026-11-23<", "<cbc:StartDate>2026-11-23 at noon<"),
    ("<cbc:EndDate>2026-11-29<", "<cbc:EndDate>2026-02-30<"),
    ("Indicator>true<", "Indicator>yes<"),
    ("</cac:Item></cac:SalesItem>", "</cac:Item>text</cac:SalesItem>"),
    ('unitCode="CS"', 'unitCode="CS" unitCod="CS"'),
])
def test_a_line_with_the_markup_of_right_ones_is_refused_for_a_wrong_value(right: str, wrong: str) -> None:
    rows = [CERTAIN.format(n=n) for n in range(1, 1_001)]
    assert right in rows[499]
    rows[499] = rows[499].replace(right, wrong)
    (told,) = findings(events(ubl("Forecast", HEAD + "".join(rows))))
    assert told.where.path is not None
    assert told.where.path.startswith("/Forecast/cac:ForecastLine[500]")
    assert lines(ubl("Forecast", HEAD + "".join(rows))).height == 999


@pytest.mark.parametrize("at", [2, 500, 1_000], ids=["early", "late", "last"])
def test_a_text_between_lines_is_refused(at: int) -> None:
    content = forecast(1_000).replace(f"</cac:SalesItem>\n</cac:ForecastLine>\n<cac:ForecastLine><cbc:ID>{at}<",
                                      f"</cac:SalesItem>\n</cac:ForecastLine>stray<cac:ForecastLine><cbc:ID>{at}<")
    assert "stray" in content
    assert names(content) == ["NOT-EXPECTED"]


def test_line_numbers_beyond_65535_are_right() -> None:
    content = forecast(20_000).replace(">19999</cbc:Quantity>", ">x</cbc:Quantity>")
    (wrong,) = [f for f in findings(events(content)) if f.code == "E-XML-VALUE"]
    assert wrong.where.line == next(n for n, text in enumerate(content.split("\n"), 1) if ">x</cbc" in text)
    assert wrong.where.line is not None
    assert wrong.where.line > 65_535


def test_what_is_no_line_between_lines_is_refused() -> None:
    second = "<cac:ForecastLine><cbc:ID>2"
    content = forecast(3).replace(second, "<cbc:Note>stray</cbc:Note>" + second)
    assert names(content) == ["NOT-EXPECTED"]
    assert not readings(content)


def test_a_head_that_is_wrong_is_told_once_with_its_line() -> None:
    content = forecast(50).replace("<cbc:IssueDate>2026-11-22<", "<cbc:IssueDate>22.11.2026<")
    (only,) = findings(events(content))
    assert (only.code, only.where.path) == ("E-XML-VALUE", "/Forecast/cbc:IssueDate")


def test_a_long_document_comes_in_blocks_and_a_break_rejects_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HELD", 1_000)
    content = forecast(5_000)
    found = [e for e in events(content) if isinstance(e, Reading)]
    assert len(found) > 3
    assert sum(r.segments for r in found) == 5_000
    cut = events(content[: len(content) * 2 // 3])
    assert isinstance(cut[-1], Closing)
    assert cut[-1].rejected
    assert 0 < len([e for e in cut if isinstance(e, Reading)]) < len(found)


def test_what_no_row_reads_is_told_once_for_the_whole_document() -> None:
    content = forecast(500, line=LINE.replace("<cac:Item>", "<cac:Item><cbc:PackQuantity>6</cbc:PackQuantity>"))
    notes = [f for r in readings(content) for f in r.findings if f.code == "W-XML-UNMAPPED"]
    assert [f.where.path for f in notes] == ["/Forecast/cac:ForecastLine[1]/cac:SalesItem/cac:Item/cbc:PackQuantity"]


def test_an_element_that_only_a_later_version_has_is_passed_over_and_told() -> None:
    newer = LINE.replace("<cac:Item>", "<cac:Item><cbc:CarbonFootprintIndicator>true</cbc:CarbonFootprintIndicator>")
    content = forecast(3, line=newer)
    unclaimed = content.replace("<cbc:UBLVersionID>2.1</cbc:UBLVersionID>", "", 1)
    assert names(unclaimed) == ["NEWER"] * 3
    assert lines(unclaimed).height == 3
    for version in ("2.1", "2.4"):
        assert set(names(content.replace(">2.1<", f">{version}<", 1))) == {"NOT-EXPECTED"}


RUN = """
import sys
from adapters.xml.format import Xml
from hub.ports import Guide
with open(sys.argv[1], "rb") as file:
    rows = sum(e.document.lines.height for e in Xml().read(file, lambda _: Guide()) if getattr(e, "document", None))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(rows, int(peak.split()[1]) // 1024)
"""


def test_memory_does_not_grow_with_the_document(tmp_path: Path) -> None:
    peaks = {}
    for count in (MODERATE, 4 * MODERATE):
        path = tmp_path / f"{count}.xml"
        path.write_text(forecast(count))
        done = subprocess.run([sys.executable, "-c", RUN, str(path)], capture_output=True, text=True, check=True,
                              env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
        rows, peaks[count] = map(int, done.stdout.split())
        assert rows == count
    assert peaks[4 * MODERATE] < peaks[MODERATE] + 15
