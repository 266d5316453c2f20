"""A listing for people: what one copies is whole, and a sentence leaves room for the next."""

from __future__ import annotations

import pytest
from rich.console import Console

from hub.cli import terminal


def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **row: str) -> str:
    monkeypatch.setattr(terminal, "out", Console(width=80))
    terminal.listing("Findings", [row], as_json=False)
    return capsys.readouterr().out


def test_a_long_sentence_is_folded_so_that_its_remedy_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = shown(monkeypatch, capsys, code="E-PARTNER-FIELD", message="one word after the other " * 5,
                 hint="and what is to be done about it in the end")
    words = said.split()
    assert {"E-PARTNER-FIELD", "other", "done", "end"} <= set(words)


def test_an_id_is_never_folded(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(monkeypatch, capsys, id="msg_" + "x" * 40, told="one word after the other " * 5)
    assert "msg_" + "x" * 40 in said


def test_why_something_cannot_be_keeps_its_square_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.complain("Compare [delivery] in the profile.")
    assert capsys.readouterr().err == "Compare [delivery] in the profile.\n"
