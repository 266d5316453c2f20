"""What goes wrong outside of any command is told in a sentence, on standard error, and ends with exit code 1."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hub.cli import main
from hub.cli.trouble import in_a_sentence


def told(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], **environment: str) -> str:
    """What `hub partner list` says under these settings."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["hub", "partner", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    return " ".join(capfd.readouterr().err.split())


def test_a_setting_that_makes_no_sense_is_named_and_its_value_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = told(monkeypatch, capfd, HUB_HOME=str(tmp_path), HUB_HTTP_PORT="hunter2")
    assert said.startswith("HUB_HTTP_PORT is not understood: Input should be a valid integer")
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_a_list_among_the_settings_that_is_no_json_is_shown_an_example(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = told(monkeypatch, capfd, HUB_HOME=str(tmp_path), HUB_ALERT_MAIL_TO="edi@example.com")
    assert said == 'HUB_ALERT_MAIL_TO is not understood: it must be JSON (addresses, as JSON: ["edi@example.com"]).'


def test_a_database_that_is_not_there_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://hub:hunter2@127.0.0.1:{taken.getsockname()[1]}/hub"
        said = told(monkeypatch, capfd, HUB_HOME=str(tmp_path), HUB_DATABASE_URL=url, HUB_WORKER_URL=url,
                    HUB_DOOR_URL=url)
    assert said.startswith("The database does not answer: ")
    assert "HUB_DATABASE_URL" in said
    assert "hunter2" not in said


def test_an_address_without_its_fellows_is_said_to_lack_them(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = told(monkeypatch, capfd, HUB_HOME=str(tmp_path), HUB_DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert said == "HUB_DATABASE_URL is set, so HUB_WORKER_URL must be set too"


def test_a_fault_of_the_hub_itself_is_not_put_into_a_sentence() -> None:
    assert in_a_sentence(KeyError("gtin")) is None
