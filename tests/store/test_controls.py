"""Control numbers that arrive: what each means after those before it, in a book that does not grow with them."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from hub.model.exchange import Address
from hub.store import StoredUnits, Urls

BOLT, HUB = Address(qualifier="ZZ", id="BOLT"), Address(id="9501101530003")


async def arrive(book: StoredUnits, *numbers: int, sender: Address = BOLT) -> list[tuple[str, tuple[int, int] | None]]:
    async with book.worker() as unit:
        found = [await unit.controls.arrive("x12", "bolt", sender, HUB, number) for number in numbers]
    return [(one.kind, one.missing) for one in found]


def ranges(urls: Urls) -> list[tuple[int, int, int]]:
    with psycopg.connect(urls.owner) as connection:
        return connection.execute("SELECT cycle, low, high FROM control_range ORDER BY cycle, low").fetchall()  # type: ignore[return-value]


async def test_numbers_in_order_are_one_range(book: StoredUnits, urls: Urls) -> None:
    assert [kind for kind, _ in await arrive(book, 41, *range(42, 60))] == ["first", *["next"] * 18]
    assert ranges(urls) == [(1, 41, 59)]


async def test_a_gap_is_named_and_what_fills_it_later_closes_it(book: StoredUnits, urls: Urls) -> None:
    assert await arrive(book, 1, 2, 6) == [("first", None), ("next", None), ("gap", (3, 5))]
    assert ranges(urls) == [(1, 1, 2), (1, 6, 6)]
    assert await arrive(book, 4, 3, 5) == [("late", None)] * 3
    assert ranges(urls) == [(1, 1, 6)]


async def test_a_repeat_is_told_wherever_it_stands_and_changes_nothing(book: StoredUnits, urls: Urls) -> None:
    await arrive(book, 1, 2, 3, 7)
    assert await arrive(book, 2, 7, 1) == [("repeated", None)] * 3
    assert ranges(urls) == [(1, 1, 3), (1, 7, 7)]


@pytest.mark.parametrize("last", [999_999_999, 99_999, 9_999])
async def test_a_counter_that_turns_over_begins_again_and_remembers_the_turn_before(
    book: StoredUnits, urls: Urls, last: int
) -> None:
    assert [kind for kind, _ in await arrive(book, last - 2, last, 1, 2)] == ["first", "gap", "wrapped", "next"]
    assert await arrive(book, 1, last - 1, last) == [("repeated", None), ("late", None), ("repeated", None)]
    assert ranges(urls) == [(1, last - 2, last), (2, 1, 2)]


async def test_each_pair_of_addresses_counts_for_itself(book: StoredUnits) -> None:
    await arrive(book, 10)
    assert await arrive(book, 10, sender=Address(id="OTHER")) == [("first", None)]


async def test_many_at_once_are_each_taken_once(book: StoredUnits, urls: Urls) -> None:
    kinds = await asyncio.gather(*(arrive(book, number) for number in [1, 2, 3, 4] * 2))
    assert sorted(kind == "repeated" for [(kind, _)] in kinds) == [False] * 4 + [True] * 4
    assert ranges(urls) == [(1, 1, 4)]


async def test_a_partner_that_leaves_a_gap_each_time_does_not_fill_the_book(
    book: StoredUnits, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.store.controls.RANGES", 10)
    await arrive(book, *range(1, 101, 2))
    found = ranges(urls)
    assert len(found) <= 11
    assert (found[0][1], found[-1][2]) == (1, 99)
    assert await arrive(book, 1, 99) == [("repeated", None)] * 2
