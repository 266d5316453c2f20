"""`hub partner`, as an operator types it, on a real database."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli import agreement as _agreement  # noqa: F401  (registers the command)
from hub.cli import alerts as _alerts  # noqa: F401  (registers the command)
from hub.cli import deliveries as _deliveries  # noqa: F401  (registers the command)
from hub.cli import messages as _messages  # noqa: F401  (registers the command)
from hub.cli import partner  # noqa: F401  (registers the command)
from hub.cli import plan as _plan  # noqa: F401  (registers the command)
from hub.cli import sandbox as _sandbox  # noqa: F401  (registers the command)
from hub.cli.terminal import app
from hub.store import Urls
from partners.book import example_directories

ALL = [str(d) for d in example_directories()]


@pytest.fixture
def hub(urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A terminal whose hub has a fresh, empty database."""
    for name, value in (("HOME", str(tmp_path / "home")), ("DATABASE_URL", urls.owner), ("WORKER_URL", urls.worker),
                        ("DOOR_URL", urls.door), ("PLANNING_PROCESSES", "1")):
        monkeypatch.setenv(f"HUB_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")
    return CliRunner()


def rows(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


def test_partners_are_applied_once_listed_shown_and_given_a_token(hub: CliRunner) -> None:
    applied = hub.invoke(app, ["partner", "apply", *ALL])
    assert applied.exit_code == 0, applied.output
    assert "Applied: pebbleworth, quillfield, larkmoor, vandermoor." in applied.output
    assert "nothing new" in hub.invoke(app, ["partner", "apply", *ALL]).output

    listed = rows(hub.invoke(app, ["partner", "list", "--json"]).output)
    assert {r["name"]: r["agreements"] for r in listed} == {
        "larkmoor": "retail", "pebbleworth": "copack", "quillfield": "copack retail wholesale",
        "vandermoor": "wholesale"}

    shown = hub.invoke(app, ["partner", "show", "larkmoor"])
    assert "x12/004010/855" in shown.output
    assert "quillfield" in shown.output.split("Agreements")[1]
    assert "safety_stock" in shown.output.split("Sees")[1]

    [agreement] = rows(hub.invoke(app, ["agreement", "show", "retail", "--json"]).output)
    assert (agreement["scenario"], agreement["decimals"]) == ("dc_replenishment", 3)
    said = hub.invoke(app, ["agreement", "show", "retail"]).output
    assert "1 week(s): nothing changes unless both sign" in said
    assert "sales forecasting" in said
    assert hub.invoke(app, ["agreement", "show", "nothing"]).exit_code == 1
    assert "Nobody is told" in hub.invoke(app, ["agreement", "tell", "retail"]).output
    targets = rows(hub.invoke(app, ["plan", "business", "retail", "--as-of", "2026-09-30", "--json"]).output)
    assert {t["measure"]: t["stands"] for t in targets} == dict.fromkeys(
        ["in_stock", "sales", "turns", "fill_rate"], "unknown"), "nothing was reported yet"
    assert hub.invoke(app, ["plan", "business", "copack"]).exit_code == 1
    for command, words in ((["total", "retail", "--by", "region", "--per", "fiscal"], "has said nothing"),
                           (["revise", "retail", "5", "--as", "larkmoor", "--group", "soups"], "no sales forecast")):
        refused = hub.invoke(app, ["plan", *command])
        assert (refused.exit_code, words in refused.stderr) == (1, True)
    hashed = rows(hub.invoke(app, ["plan", "exceptions", "--hash", "--json"]).output)
    assert {row["agreement"]: row["sha256"] for row in hashed} == dict.fromkeys(["copack", "retail", "wholesale"])
    assert "No exception is open." in hub.invoke(app, ["plan", "exceptions", "retail", "--state", "open"]).output
    odd = hub.invoke(app, ["plan", "exceptions", "retail", "--state", "opne"])
    assert (odd.exit_code, "'opne' is none of open" in odd.stderr) == (2, True)
    assert rows(hub.invoke(app, ["plan", "due", "--json"]).output) == [{"escalated or expired": 0}]

    assert rows(hub.invoke(app, ["sandbox", "show", "larkmoor", "--json"]).output) == []
    cleared = rows(hub.invoke(app, ["sandbox", "clear", "larkmoor", "--json"]).output)
    assert {row["what"]: row["gone"] for row in cleared} == dict.fromkeys(
        ["orders", "forecasts", "reports", "numbers", "events", "files"], 0)
    assert hub.invoke(app, ["sandbox", "show", "nobody"]).exit_code == 2

    [token] = rows(hub.invoke(app, ["partner", "token", "larkmoor", "--json"]).output)
    assert token["token"].startswith("hub_")


def test_a_directory_with_faults_applies_nothing_and_says_every_fault(hub: CliRunner, tmp_path: Path) -> None:
    broken = tmp_path / "quillfield"
    shutil.copytree(example_directories()[1], broken)
    (broken / "items.csv").write_text((broken / "items.csv").read_text().replace("9521001100106,", "9521001100107,"))
    result = hub.invoke(app, ["partner", "apply", str(broken), "--json"])
    assert result.exit_code == 1
    found = rows(result.stdout)
    assert {"quillfield/items.csv#gtin:2", "quillfield/agreements/copack.toml#members"} <= {f["where"] for f in found}
    assert rows(hub.invoke(app, ["partner", "list", "--json"]).output) == []


def test_a_check_changes_nothing(hub: CliRunner) -> None:
    checked = hub.invoke(app, ["partner", "apply", "--check", *ALL])
    assert "Sound: pebbleworth, quillfield, larkmoor, vandermoor." in checked.output
    assert rows(hub.invoke(app, ["partner", "list", "--json"]).output) == []


def test_a_wrong_row_in_an_overlay_is_found_before_anything_is_applied(hub: CliRunner, tmp_path: Path) -> None:
    broken = tmp_path / "larkmoor"
    shutil.copytree(next(d for d in example_directories() if d.name == "larkmoor"), broken)
    (broken / "x12/004010/850.toml").write_text('[map]\nsmell = "REF[19]-02"\n')
    others = [d for d in ALL if not d.endswith("larkmoor")]
    result = hub.invoke(app, ["partner", "apply", str(broken), *others, "--json"])
    assert result.exit_code == 1
    assert [f["where"] for f in rows(result.stdout)] == ["larkmoor/x12/004010/850.toml"]


@pytest.mark.parametrize("words", [["show", "nobody"], ["token", "nobody"]])
def test_an_unknown_partner_is_one_sentence_and_no_traceback(hub: CliRunner, words: list[str]) -> None:
    result = hub.invoke(app, ["partner", *words])
    assert result.exit_code == 2
    assert "No partner is called 'nobody'" in result.output


@pytest.mark.parametrize("asked", [
    ["deliveries", "--partner", "nobody"], ["deliveries", "--state", "lost"], ["messages", "--partner", "nobody"],
], ids=" ".join)
def test_what_does_not_exist_is_refused_and_not_listed_as_nothing(hub: CliRunner, asked: list[str]) -> None:
    assert hub.invoke(app, asked).exit_code == 2
    assert hub.invoke(app, ["deliveries", "--state", "failed"]).exit_code == 0


def test_a_new_partner_has_its_folders_and_its_tokens_can_be_taken_back(hub: CliRunner, tmp_path: Path) -> None:
    assert hub.invoke(app, ["partner", "apply", "--check", "--json", *ALL]).output == ""
    assert hub.invoke(app, ["partner", "apply", *ALL]).exit_code == 0
    assert sorted(p.name for p in (tmp_path / "home" / "mailboxes" / "larkmoor").iterdir()) == ["in", "out"]
    [shown, *_] = rows(hub.invoke(app, ["partner", "show", "larkmoor", "--json"]).output)
    assert shown["delivery"] == "folder"

    for _ in range(2):
        assert hub.invoke(app, ["partner", "token", "larkmoor", "--label", "erp"]).exit_code == 0
    revoked = hub.invoke(app, ["partner", "revoke", "larkmoor", "--label", "erp", "--json"])
    assert rows(revoked.output) == [{"partner": "larkmoor", "label": "erp", "tokens": 2}]
    again = hub.invoke(app, ["partner", "revoke", "larkmoor", "--label", "erp"])
    assert (again.exit_code, again.stderr) == (2, "'larkmoor' has no token 'erp' in force.\n")
    for command in (["partner", "certificates"], ["alerts", "list"]):
        assert hub.invoke(app, [*command, "--partner", "nobody"]).exit_code == 2, command
