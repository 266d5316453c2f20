"""What a log line holds, and what it never does."""

from __future__ import annotations

import json
import subprocess
import sys

from hub.logs import frames
from tests.jobs.conftest import ROOT

TALK = """
import logging, structlog
from hub.logs import configure
configure("INFO")
structlog.contextvars.bind_contextvars(message="msg_1")
secret = "swordfish"
structlog.get_logger("hub").info("received", length=3)
structlog.get_logger("hub").debug("never written")
logging.getLogger("uvicorn").info("never written either")
logging.getLogger("uvicorn").warning("written")
try:
    raise ValueError("broken")
except ValueError:
    structlog.get_logger("hub").exception("failed")
"""


def test_a_log_is_one_json_object_per_event_with_the_message_id_on_every_line() -> None:
    done = subprocess.run([sys.executable, "-c", TALK], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["received", "written", "failed"]
    assert {line["message"] for line in lines} == {"msg_1"}
    assert all({"level", "timestamp"} <= line.keys() for line in lines)
    assert "ValueError: broken" in lines[2]["exception"]
    assert "swordfish" not in done.stderr


def test_frames_tell_where_and_not_what() -> None:
    def settle(payload: str) -> None:
        raise ValueError(payload)

    try:
        settle("PRICE 12.50")
    except ValueError as error:
        said = frames(error)
    assert said.startswith("ValueError < settle:")
    assert "PRICE" not in said
