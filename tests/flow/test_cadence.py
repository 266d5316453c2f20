"""The calendar starts planning cycles: what is due and has not begun, once, in an order that can be planned."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from hub.flow.cadence import start_due
from partners.world.sending import AS_OF
from tests.flow.conftest import RETAIL, WHOLESALE, Trading, hear

GLN = "9501101530003"


async def test_what_is_due_is_enqueued_until_it_has_begun_and_again_when_it_is_due_again(trading: Trading) -> None:
    units, monday = trading.hub.units, AS_OF
    assert monday.weekday() == 0
    assert await start_due(units, GLN, monday) == ["retail", "wholesale", "copack"], "dependent demand comes last"
    await hear(trading, [*RETAIL, *WHOLESALE])
    await trading.hub.plan("wholesale", monday)
    assert await start_due(units, GLN, monday + timedelta(days=3)) == ["retail", "copack"], "made up for"
    assert "wholesale" in await start_due(units, GLN, monday + timedelta(days=7))


async def test_the_cycles_of_a_day_are_jobs_that_run_one_after_the_other(trading: Trading) -> None:
    await trading.hub.start_cycles(AS_OF.isoformat())
    with psycopg.connect(trading.hub.urls.worker) as connection:
        jobs = connection.execute(
            "SELECT args->>'agreement', args->>'as_of', lock FROM procrastinate_jobs WHERE task_name = 'plan' "
            "ORDER BY id")
        assert jobs.fetchall() == [(name, AS_OF.isoformat(), "plan") for name in ("retail", "wholesale", "copack")]
        due = connection.execute("SELECT job, arguments FROM schedule WHERE name = 'start_cycles'").fetchone()
    assert due == ("start_cycles", {"day": "{due}"})
