"""Reads that come at once are done together: never for two askers, never from what was read before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from hub.errors import Retry
from hub.rpc.lookups import MOST, Lookups


@dataclass
class Book:
    """What there is to look up. A look waits until `open`."""

    said: dict[str, int] = field(default_factory=lambda: {"a": 1, "b": 2})
    looks: list[tuple[str, list[str]]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False

    async def look(self, asker: str, questions: Sequence[str]) -> dict[str, int]:
        self.looks.append((asker, list(questions)))
        await self.open.wait()
        if self.away:
            raise Retry("the database does not answer", reason="DATABASE_AWAY")
        return {one: self.said[one] for one in questions if one in self.said}


async def asked(lookups: Lookups[str, str, int], *questions: tuple[str, str]) -> list[asyncio.Task[int | None]]:
    """Each question in a call of its own, as far as they come without an answer."""
    calls = [asyncio.create_task(lookups.ask(asker, question)) for asker, question in questions]
    for _ in range(5):
        await asyncio.sleep(0)
    return calls


async def test_who_comes_first_is_looked_up_at_once_and_those_after_it_share_the_next_look() -> None:
    book = Book()
    lookups = Lookups(book.look)
    calls = await asked(lookups, ("north", "a"))
    calls += await asked(lookups, ("north", "b"), ("north", "a"), ("north", "b"), ("north", "none"))
    assert book.looks == [("north", ["a"])]
    book.open.set()
    assert await asyncio.gather(*calls) == [1, 2, 1, 2, None]
    assert book.looks == [("north", ["a"]), ("north", ["b", "a", "none"])]


async def test_looks_of_one_asker_keep_a_pace_and_who_comes_meanwhile_shares_the_next(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.rpc.lookups.PACE", 0.5)
    book = Book()
    book.open.set()
    lookups = Lookups(book.look)
    assert await lookups.ask("north", "a") == 1
    calls = await asked(lookups, ("north", "a"))
    calls += await asked(lookups, ("north", "b"), ("south", "b"))
    assert book.looks == [("north", ["a"]), ("south", ["b"])]
    assert await asyncio.gather(*calls) == [1, 2, 2]
    assert book.looks[2:] == [("north", ["a", "b"])]


async def test_two_askers_never_share_a_look_and_do_not_wait_for_each_other() -> None:
    book = Book()
    lookups = Lookups(book.look)
    calls = await asked(lookups, ("north", "a"), ("south", "a"))
    assert book.looks == [("north", ["a"]), ("south", ["a"])]
    book.open.set()
    assert await asyncio.gather(*calls) == [1, 1]


async def test_nothing_is_remembered() -> None:
    book = Book()
    book.open.set()
    lookups = Lookups(book.look)
    assert await lookups.ask("north", "a") == 1
    book.said["a"] = 5
    assert await lookups.ask("north", "a") == 5
    await asyncio.sleep(0)
    assert (lookups._waiting, lookups._tasks) == ({}, {})


async def test_a_change_that_came_before_a_call_is_in_its_answer() -> None:
    book = Book()
    lookups = Lookups(book.look)
    (first,) = await asked(lookups, ("north", "a"))
    book.said = {}
    (second,) = await asked(lookups, ("north", "a"))
    book.said = {"a": 7}
    book.open.set()
    assert (await first, await second) == (7, 7)
    assert len(book.looks) == 2, "the second call did not take what the first one's look found"


async def test_a_look_that_fails_fails_its_own_calls_and_no_later_ones() -> None:
    book = Book(away=True)
    lookups = Lookups(book.look)
    calls = await asked(lookups, ("north", "a"))
    book.open.set()
    with pytest.raises(Retry):
        await calls[0]
    book.away = False
    assert await lookups.ask("north", "a") == 1


async def test_a_call_that_has_ended_takes_nobody_with_it() -> None:
    book = Book()
    lookups = Lookups(book.look)
    gone, here = await asked(lookups, ("north", "a"), ("north", "a"))
    gone.cancel()
    book.open.set()
    assert await here == 1
    assert gone.cancelled()


async def test_a_look_has_an_end() -> None:
    book = Book(said={str(number): number for number in range(250)})
    lookups = Lookups(book.look)
    calls = await asked(lookups, *(("north", str(number)) for number in range(250)))
    book.open.set()
    assert await asyncio.gather(*calls) == list(range(250))
    assert max(len(questions) for _, questions in book.looks) == MOST
