"""`hub explain` and `hub convert` as a script sees them: shape, exit codes, sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import hub.cli.explain  # noqa: F401  (registers the commands)
from hub.cli.terminal import app
from tests.edi.samples import ACTIVITY, ORDER, ORDERS, edifact, put, st, unh, x12

WHERE = [
    "interchange",
    "group",
    "transaction",
    "segment",
    "tag",
    "offset",
    "element",
    "component",
    "repeat",
    "line",
    "path",
]
PD = "GS*PD*SENDER*RECEIVER*20261122*1200*1*X*004010~"


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "misleading.csv"
    path.write_text(x12(st(ORDER)))
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.x12"
    path.write_text(x12(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"), 1), st(ORDER, 2)))
    return path


def told(path: Path, *options: str) -> dict[str, Any]:
    _, out, _ = run("explain", "--json", *options, str(path))
    return dict(json.loads(out))


def test_the_json_has_exactly_the_agreed_keys(bad: Path) -> None:
    file = told(bad)
    assert list(file) == ["file", "interchanges", "findings"]
    (interchange,) = file["interchanges"]
    assert list(interchange) == [
        "format",
        "version",
        "sender",
        "receiver",
        "control",
        "transactions",
        "findings",
        "acknowledgements",
    ]
    assert (interchange["format"], interchange["version"], interchange["control"]) == ("x12", "004010", "000000001")
    assert interchange["sender"] == {"qualifier": "ZZ", "id": "SENDERID"}
    first, second = interchange["transactions"]
    assert list(first) == ["message", "control", "status", "documents", "findings"]
    assert (first["status"], second["status"]) == ("rejected", "accepted")
    finding = next(f for f in first["findings"] if f["severity"] == "error")
    assert list(finding) == ["code", "severity", "where", "message", "hint"]
    assert list(finding["where"]) == WHERE
    assert {k: finding["where"][k] for k in ("interchange", "group", "transaction", "segment", "tag", "element")} == {
        "interchange": 1,
        "group": 1,
        "transaction": 1,
        "segment": 8,
        "tag": "PO1",
        "element": 2,
    }
    assert finding["where"]["line"] is None
    (answer,) = interchange["acknowledgements"]
    assert list(answer) == ["type", "content"]
    assert (answer["type"], "AK9*P*2*2*1~" in answer["content"]) == ("997", True)


def test_documents_are_canonical(good: Path) -> None:
    (document,) = told(good)["interchanges"][0]["transactions"][0]["documents"]
    assert (document["number"], document["lines"][0]["quantity"], document["line_count"]) == ("PO1", "841", 2)
    assert not [name for name, said in document.items() if said in (None, [], {})]


def test_lines_are_capped_beside_the_true_count(tmp_path: Path) -> None:
    path = tmp_path / "a.x12"
    path.write_text(x12(st(ACTIVITY, kind="852"), gs=PD))
    (document,) = told(path, "--max-lines", "1")["interchanges"][0]["transactions"][0]["documents"]
    assert (len(document["lines"]), document["line_count"]) == (1, 3)


def test_a_summary_gives_counts_and_findings_only(good: Path) -> None:
    interchange = told(good, "--summary")["interchanges"][0]
    assert interchange["transactions"][0]["documents"] == [{"type": "Order", "line_count": 2}]


def test_exit_codes_follow_the_worst_file(good: Path, bad: Path, tmp_path: Path) -> None:
    zeros = tmp_path / "zeros"
    zeros.write_bytes(bytes(4096))
    assert run("explain", str(good))[0] == 0
    assert run("explain", str(good), str(bad))[0] == 1
    assert run("explain", str(zeros), str(bad), str(good))[0] == 2


def test_an_unreadable_file_has_no_interchanges_and_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "zeros"
    path.write_bytes(bytes(4096))
    file = told(path)
    assert file["interchanges"] == []
    assert [f["code"] for f in file["findings"]] == ["E-FILE-NO-FORMAT"]


def test_one_line_for_each_file(good: Path, bad: Path) -> None:
    _, out, _ = run("explain", "--json", str(good), str(bad))
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(good), str(bad)]


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    code, _, said = run("explain", str(tmp_path / "nope"))
    assert code == 2
    assert "no such file" in said
    assert "Traceback" not in said


def test_the_page_shows_the_segment_and_the_remedy(bad: Path) -> None:
    _, out, _ = run("explain", str(bad))
    for words in ("SENDERID", "rejected", "PO1*1*8x1*EA*68.12", "Fix:", "997", "AK5*R*5"):
        assert words in out



def test_a_document_shows_its_facts_and_below_them_what_has_facts_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "order.x12"
    path.write_text(x12(st([
        "BEG*00*SA*PO1**20261122", "N1*ST*DALLAS DC*UL*0614141000012",
        f"PO1*1*24*EA*9.4**IN*A1*VN*{'N' * 48}", "SAC*A*F050***2400**********DAMAGE",
        f"PO1*2*6*EA*1**IN*{'B' * 48}", f"SDQ*EA*92*{'*'.join(f'{n:04d}*1' for n in range(1, 6))}", "CTT*2",
    ])))  # fmt: skip
    _, page, _ = run("explain", str(path))
    _, cut, _ = run("explain", "--max-lines", "1", str(path))
    lines = [line.rstrip() for line in page.splitlines() if line.startswith("    ")][:9]
    assert lines == [
        "    Order  number PO1  purpose original  kind standard  placed on 2026-11-22",
        "      ship to  DALLAS DC (0614141000012) scheme gln",
        f"      number  quantity  unit  price  buyer item{' ' * 40}seller item",
        f"      1             24  each    9.4  A1{' ' * 48}{'N' * 48}",
        "          charges  allowance service other amount 24.00 description DAMAGE",
        f"      2              6  each      1  {'B' * 48}",
        "          stores    unit each scheme buyer",
        "            stores  location 0001 quantity 1",
        "                    location 0002 quantity 1",
    ]
    assert "1 more lines (--max-lines)" in cut
    html = tmp_path / "order.html"
    run("explain", "--html", str(html), str(path))
    assert "<dt>charges</dt><dd>allowance service other amount 24.00 description DAMAGE</dd>" in html.read_text()

def test_an_x12_order_becomes_an_edifact_order_and_comes_back_the_same(good: Path, tmp_path: Path) -> None:
    code, out, _ = run("convert", str(good), "--to", "edifact/D96A/ORDERS")
    assert (code, out[:9]) == (0, "UNA:+.? '")
    there = tmp_path / "there.edi"
    there.write_text(out)
    back = tmp_path / "back.x12"
    back.write_text(run("convert", str(there), "--to", "x12/004010/850")[1])
    assert json.loads(run("convert", str(back), "--to", "json")[1]) == json.loads(
        run("convert", str(good), "--to", "json")[1]
    )


def test_the_conversion_to_json_is_a_list_of_documents(tmp_path: Path) -> None:
    path = tmp_path / "orders.edi"
    path.write_text(edifact(unh(ORDERS, 1), unh(ORDERS, 2)))
    code, out, _ = run("convert", str(path), "--to", "json")
    assert code == 0
    assert [d["number"] for d in json.loads(out)] == ["PO1", "PO1"]


def test_what_a_table_cannot_say_is_one_sentence(good: Path, tmp_path: Path) -> None:
    for target in ("x12/004010/852", "x12/004010/999", "smoke/signals/1"):
        code, _, said = run("convert", str(good), "--to", target)
        assert code == 1, target
        assert "Traceback" not in said
    path = tmp_path / "star.edi"
    path.write_text(edifact(unh(put(ORDERS, 7, "IMD+F++:::5*3 BAR"))))
    code, _, said = run("convert", str(path), "--to", "x12/004010/850")
    assert (code, "cannot escape it" in said) == (1, True)
