"""Real processes under a supervisor: crashed, stopped, orphaned."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.jobs.conftest import ROOT, eventually

PARENT = """
import json, sys
from hub.jobs.supervisor import supervise
sys.exit(supervise(json.loads(sys.argv[1]), grace=float(sys.argv[2])))
"""
CHILD = """
import os, signal, sys, time
name, log, how = sys.argv[1:4]
def say(what):
    with open(log, "a") as file:
        file.write(f"{name} {what} {os.getpid()}\\n")
def end(number, frame):
    say("asked")
    if how != "deaf":
        sys.exit(3 if how == "sour" else 0)
signal.signal(signal.SIGTERM, end)
say("up")
if how == "broken":
    sys.exit(78)
while True:
    time.sleep(0.05)
"""


class House:
    """A supervisor with two children, all of them real processes."""

    def __init__(self, log: Path, one: str, two: str, grace: float) -> None:
        self.log = log
        hows = {"one": one, "two": two}
        commands = {name: [sys.executable, "-c", CHILD, name, str(log), how] for name, how in hows.items()}
        self.parent = subprocess.Popen([sys.executable, "-c", PARENT, json.dumps(commands), str(grace)], cwd=ROOT)

    def said(self, name: str, what: str) -> list[int]:
        lines = [line.split() for line in self.log.read_text().splitlines()] if self.log.exists() else []
        return [int(pid) for who, word, pid in lines if (who, word) == (name, what)]

    async def up(self) -> None:
        await eventually(lambda: bool(self.said("one", "up") and self.said("two", "up")))

    def alive(self) -> list[int]:
        pids = {*self.said("one", "up"), *self.said("two", "up")}
        return [pid for pid in pids if is_running(pid)]


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


Build = Callable[..., House]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    houses: list[House] = []

    def build(one: str = "calm", two: str = "calm", grace: float = 10.0) -> House:
        houses.append(House(tmp_path / "log", one, two, grace))
        return houses[-1]

    yield build
    for house in houses:
        house.parent.kill()
        house.parent.wait()
        for pid in house.alive():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_reaches_both_and_the_house_ends_well(build: Build, number: int) -> None:
    house = build()
    await house.up()
    house.parent.send_signal(number)
    assert await asyncio.to_thread(house.parent.wait, 10) == 0
    assert house.said("one", "asked")
    assert house.said("two", "asked")
    assert house.alive() == []


async def test_a_crashed_process_is_started_again_and_the_other_is_left_alone(build: Build) -> None:
    house = build()
    await house.up()
    os.kill(house.said("one", "up")[0], signal.SIGKILL)
    await eventually(lambda: len(house.said("one", "up")) == 2)
    assert len(house.said("two", "up")) == 1


async def test_a_process_that_cannot_start_ends_the_house_with_its_exit_code(build: Build) -> None:
    house = build(two="broken")
    assert await asyncio.to_thread(house.parent.wait, 30) == 78
    assert len(house.said("two", "up")) == 5
    assert house.said("one", "asked")
    assert house.alive() == []


async def test_a_process_that_does_not_listen_is_killed_after_the_grace(build: Build) -> None:
    house = build(two="deaf", grace=0.5)
    await house.up()
    house.parent.terminate()
    started = time.monotonic()
    assert await asyncio.to_thread(house.parent.wait, 10) == 128 + signal.SIGKILL
    assert time.monotonic() - started < 5
    assert house.alive() == []


async def test_the_exit_code_of_a_bad_end_is_kept(build: Build) -> None:
    house = build(one="sour")
    await house.up()
    house.parent.terminate()
    assert await asyncio.to_thread(house.parent.wait, 10) == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children of their parent's end")
async def test_nobody_is_left_when_the_parent_is_killed(build: Build) -> None:
    house = build()
    await house.up()
    house.parent.kill()
    await eventually(lambda: house.alive() == [], 5)
    assert house.said("one", "asked")
    assert house.said("two", "asked")

