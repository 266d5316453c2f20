"""Many together, or one alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from hub.jobs.room import Room


async def visit(room: Room, diary: list[str], name: str, *, alone: bool, until: asyncio.Event) -> None:
    async with room.entered(alone=alone):
        diary.append(f"+{name}")
        await until.wait()
        diary.append(f"-{name}")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_who_is_alone_waits_for_the_others_and_is_waited_for() -> None:
    room, diary, go = Room(), list[str](), [asyncio.Event() for _ in range(4)]
    visits = []
    for number, (name, alone) in enumerate([("a", False), ("b", False), ("x", True), ("c", False)]):
        visits.append(asyncio.create_task(visit(room, diary, name, alone=alone, until=go[number])))
        await settle()
    assert diary == ["+a", "+b"]
    for event in go:
        event.set()
        await settle()
    await asyncio.gather(*visits)
    assert diary == ["+a", "+b", "-a", "-b", "+x", "-x", "+c", "-c"]


async def test_one_who_gives_up_waiting_holds_nobody_up() -> None:
    room, diary, never, now = Room(), list[str](), asyncio.Event(), asyncio.Event()
    now.set()
    first = asyncio.create_task(visit(room, diary, "a", alone=False, until=never))
    await settle()
    impatient = asyncio.create_task(visit(room, diary, "x", alone=True, until=now))
    second = asyncio.create_task(visit(room, diary, "b", alone=False, until=now))
    await settle()
    assert diary == ["+a"]
    impatient.cancel()
    with suppress(asyncio.CancelledError):
        await impatient
    await second
    never.set()
    await first
    assert diary == ["+a", "+b", "-b", "-a"]


async def test_two_who_want_to_be_alone_take_turns() -> None:
    room, diary, now = Room(), list[str](), asyncio.Event()
    now.set()
    await asyncio.gather(*(visit(room, diary, name, alone=True, until=now) for name in "xyz"))
    assert diary == ["+x", "-x", "+y", "-y", "+z", "-z"]
