"""The demo does what it says, with other numbers for another seed, and cannot claim what did not happen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.cli.demo.checks import everything
from hub.cli.demo.command import _push
from hub.cli.demo.stage import Stage, stage
from hub.settings import Settings
from partners.world.sending import AS_OF

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seed", [3, 20261122])
def test_every_claim_holds_and_the_exit_code_says_so(seed: int, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    command = [sys.executable, "-c", "from hub.cli import main; main()", "demo", "--seed", str(seed), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
                          env={**os.environ, "TMPDIR": str(tmp_path)})
    checks = [json.loads(line) for line in done.stdout.splitlines()]
    assert [c["claim"] for c in checks if not c["holds"]] == [], done.stderr
    assert len(checks) == 18
    assert done.returncode == 0


@pytest.fixture
async def idle(settings: Settings) -> AsyncIterator[Stage]:
    """The hub with its partners, to which nobody has said anything yet."""
    async with stage(settings, 3, AS_OF) as scene:
        yield scene


async def test_nothing_is_claimed_that_did_not_happen(idle: Stage) -> None:
    """Only the retailer's orders are pushed: what follows from anything else must not hold."""
    order = next(p for p in idle.world.postings() if p.name == "850")
    await _push(idle, order)
    await idle.rest()
    held = {check.claim for check in [c async for c in everything(idle)] if check.holds}
    assert "the retailer's 850 reached the manufacturer as ORDERS" in held
    assert not held & {
        "its ORDRSP returned as 855", "the manufacturer's UBL Forecast became a plan and got an ApplicationResponse",
        "every planted disagreement is an exception", "every agreement's cycle finished",
        "released orders lie in the sellers' mailboxes, quantity for quantity",
        "an unknown unit and an unknown item were found and named",
    }
