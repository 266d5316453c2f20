"""Real worker processes, killed in the middle of a job."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from hub.store import StoredUnits
from tests.jobs.conftest import Crew, Jobs, Post, eventually
from tests.jobs.hand import Diary


async def test_a_job_of_a_killed_worker_is_taken_up_by_another_and_finished(
    crew: Crew, post: Post, diary: Diary, jobs: Jobs
) -> None:
    victim = crew.hire()
    await post("ONCE a", "acme")
    await eventually(lambda: diary.count("start", "ONCE a") == 1)
    crew.hire()
    victim.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    await eventually(lambda: diary.count("end", "ONCE a") == 1)
    assert time.monotonic() - killed < 10
    await eventually(jobs.over)
    assert jobs.all() == []
    assert len({pid for what, pid, _ in diary.read() if what == "start"}) == 2


async def test_a_message_that_kills_its_workers_is_given_up_after_three_and_its_lane_goes_on(
    crew: Crew, post: Post, diary: Diary, jobs: Jobs, units: StoredUnits
) -> None:
    poison = await post("KILL", "acme")
    await post("after the poison", "acme")
    await post("of another", "bolt")
    async with asyncio.timeout(60):
        while not (diary.count("end", "after the poison") and diary.count("end", "of another")):
            crew.keep_one()
            await asyncio.sleep(0.1)
    assert diary.count("start", "KILL") == 3
    async with units.worker() as unit:
        letters, message = await unit.dead_letters.list(), await unit.inbox.get(poison)
        content = b"".join([chunk async for chunk in unit.inbox.content(poison)])
    assert [(letter.message, letter.job, letter.attempts) for letter in letters] == [(poison, "process", 3)]
    assert letters[0].reason.startswith("WORKER_DIED: ")
    assert (message.state, content) == ("dead", b"KILL")
    await eventually(jobs.over)


async def test_those_who_died_beside_a_killer_are_not_buried_for_it(
    crew: Crew, post: Post, diary: Diary, jobs: Jobs, units: StoredUnits
) -> None:
    bystanders = ["SLEEP 1 a", "SLEEP 1 b", "SLEEP 1 c"]
    for text in bystanders:
        await post(text, f"lane of {text[-1]}")
    poison = await post("KILL", "acme")
    async with asyncio.timeout(60):
        while not jobs.over():
            crew.keep_one()
            await asyncio.sleep(0.1)
    assert all(diary.count("end", text) == 1 for text in bystanders)
    assert diary.count("start", "KILL") == 3
    async with units.worker() as unit:
        assert [letter.message for letter in await unit.dead_letters.list()] == [poison]


async def test_a_worker_that_computes_for_long_is_not_taken_for_dead(
    crew: Crew, post: Post, diary: Diary, jobs: Jobs
) -> None:
    crew.hire()
    crew.hire()
    await post("BUSY 5", "acme")
    await eventually(lambda: diary.count("end", "BUSY 5") == 1)
    await eventually(jobs.over)
    assert diary.count("start", "BUSY 5") == 1


async def test_a_stopped_worker_finishes_what_is_short_and_hands_back_what_is_long(
    crew: Crew, post: Post, diary: Diary, jobs: Jobs
) -> None:
    worker = crew.hire()
    await post("SLEEP 0.7", "acme")
    await post("ONCE long", "bolt")
    await eventually(lambda: diary.count("start", "SLEEP 0.7") == diary.count("start", "ONCE long") == 1)
    worker.send_signal(signal.SIGTERM)
    await eventually(lambda: worker.poll() is not None)
    assert worker.returncode == 0
    assert diary.count("end", "SLEEP 0.7") == 1
    assert jobs.all() == [("process", "todo", 1)]
    crew.hire()
    await eventually(lambda: diary.count("end", "ONCE long") == 1)


async def test_two_workers_share_the_lanes_and_keep_each_ones_order(
    crew: Crew, post: Post, diary: Diary, jobs: Jobs
) -> None:
    for n in range(30):
        await post(f"{n:02d} of {n % 3}", f"lane-{n % 3}")
    crew.hire()
    crew.hire()
    await eventually(jobs.over)
    ends = [text for what, _, text in diary.read() if what == "end"]
    assert len(ends) == 30
    for lane in range(3):
        mine = [text for text in ends if text.endswith(f"of {lane}")]
        assert mine == sorted(mine)


async def test_random_kills_lose_nothing_and_give_up_nothing(
    crew: Crew, post: Post, diary: Diary, jobs: Jobs, units: StoredUnits
) -> None:
    posted = {f"SLEEP 0.{n % 5} {n}" for n in range(20)}
    messages = [await post(text, f"lane-{n % 4}") for n, text in enumerate(sorted(posted))]
    assert len(set(messages)) == 20
    crew.hire()
    await eventually(lambda: len(diary.read()) > 4)
    os.kill(crew.members[0].pid, signal.SIGKILL)
    crew.hire()
    await eventually(jobs.over, 30)
    assert {text for what, _, text in diary.read() if what == "end"} == posted
