"""Scorecards put together: sums are added, and every ratio follows from the sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, Self, TypeVar

from hub.model.performance import Accuracy, Commitment, Scorecard, ValueAdded

Key = tuple[str | int, ...]


class Summable(Protocol):
    def plus(self, other: Self) -> Self: ...


Row = TypeVar("Row", bound=Summable)


def accuracies(cards: Iterable[Scorecard], key: Callable[[Scorecard, Accuracy], Key]) -> dict[Key, Accuracy]:
    """By agreement, author, measure and `key`, sorted by them."""
    found = _together(
        ((card.agreement, row.author, row.measure, *key(card, row)), row) for card in cards for row in card.accuracy)
    return {at: found[at] for at in sorted(found)}


def steps(cards: Iterable[Scorecard]) -> dict[Key, ValueAdded]:
    """By agreement, author, measure, what it began with, and kind of edit."""
    return _together(((card.agreement, row.author, row.measure, row.against, row.edit), row)
                     for card in cards for row in card.value_added)


def promises(cards: Iterable[Scorecard]) -> dict[Key, Commitment]:
    """By agreement and who promised."""
    return _together(((card.agreement, row.author), row) for card in cards for row in card.commitments)


def _together(rows: Iterable[tuple[Key, Row]]) -> dict[Key, Row]:
    found: dict[Key, Row] = {}
    for key, row in rows:
        found[key] = found[key].plus(row) if key in found else row
    return found
