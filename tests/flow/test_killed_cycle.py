"""`hub plan run`, killed (SIGKILL, a process of its own) in every step of the cycle, goes on where it stopped: no
version, exception or order is there twice, and none is missing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from hub.flow.cycle import STEPS
from partners.world.sending import AS_OF
from tests.flow.conftest import Trading

PATIENCE = 240
MADE = ("baseline", "forecast_error", "consensus", "order_forecast", "proposed_order", "on_hand_projection",
        "safety_stock")


async def plan_and_die(trading: Trading, point: str) -> None:
    """One `hub plan run` on the same database that dies at `point` of hub/killpoint.py."""
    settings = trading.hub.settings
    urls = {f"HUB_{name.upper()}": found.get_secret_value()
            for name in ("database_url", "worker_url", "door_url") if (found := getattr(settings, name)) is not None}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from hub.cli import main; main()", "plan", "run", "wholesale", "--as-of", str(AS_OF),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **urls, "HUB_HOME": str(settings.home), "HUB_GLN": settings.gln,
             "HUB_PLANNING_PROCESSES": "1", "HUB_KILL_POINT": point})
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == -signal.SIGKILL, said.decode()


async def standing(trading: Trading) -> str | None:
    """The last step of the day's only run that is committed."""
    async with trading.hub.units.worker() as unit:
        [run] = await unit.runs.list("wholesale")
    return run.step


async def test_a_cycle_killed_in_every_step_makes_everything_once(wholesale: Trading) -> None:
    await plan_and_die(wholesale, "cycle.worked")
    assert await standing(wholesale) is None
    for step in STEPS[:-1]:
        await plan_and_die(wholesale, "cycle.worked:2")
        assert await standing(wholesale) == step.__name__
    assert await wholesale.outbox("quillfield", "ORDERS") == []
    await plan_and_die(wholesale, "cycle.committed")
    run = await wholesale.hub.plan("wholesale", AS_OF)
    assert (run.state, run.step) == ("finished", "release")
    async with wholesale.hub.units.worker() as unit:
        for measure in MADE:
            made = await unit.plans.versions("wholesale", author="hub", measure=measure)  # type: ignore[arg-type]  # one of PlanMeasure
            assert len(made) == 1, measure
        found = (await unit.exceptions.list(agreement="wholesale", limit=5000)).rows
        booked = (await unit.orders.list(limit=50)).rows
    cells = [(one.gtin, one.gln, one.period) for one in found]
    assert len(cells) == len(set(cells)) == run.detail["exceptions"]
    assert len(booked) == len(run.detail["orders"]) == len(await wholesale.outbox("quillfield", "ORDERS")) == 2
