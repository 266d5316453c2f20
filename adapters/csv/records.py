"""From physical lines to cells. A line that cannot be cut is set aside; the next one is read as if nothing had been."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass

DELIMITERS = (";", "\t", ",", "|")


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that could not be cut into cells. `code` is the end of the finding's code."""

    line: int
    code: str


Record = tuple[int, list[str]]


class _Feed:
    """Physical lines for `csv.reader`, remembering those of the record in hand so that they can be read again."""

    def __init__(self, lines: Iterator[tuple[int, str | None]]) -> None:
        self.lines, self.taken, self.again = lines, list[tuple[int, str | None]](), list[tuple[int, str | None]]()
        self.stopped = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        numbered = self.again.pop() if self.again else next(self.lines)
        self.taken.append(numbered)
        if numbered[1] is None:
            raise _TooLong
        return numbered[1]

    def give_back(self) -> None:
        """Everything taken for the failed record but its first line is read again."""
        self.again.extend(reversed(self.taken[1:]))


class _TooLong(Exception):
    pass


def records(lines: Iterator[tuple[int, str | None]], delimiter: str) -> Iterator[Record | Broken]:
    """Cells of each record with the number of its first line; blank lines are skipped.

    A quote that never closes would swallow the rest of the file: the record is given up at 128 KiB and only its first
    line is lost.
    """
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Broken(feed.taken[0][0], "QUOTES")
            feed.give_back()
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
            continue
        except _TooLong:
            first = feed.taken[0]
            yield Broken(first[0], "TOO-LONG" if first[1] is None else "QUOTES")
            feed.give_back()
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
            continue
        if any(cells):
            yield feed.taken[0][0], cells


def cut(line: str, delimiter: str) -> list[str]:
    """The cells of one line; [] when its quotes are broken."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def best_delimiter(line: str, score: Callable[[list[str]], int]) -> str | None:
    """The delimiter under which the header `line` scores highest; None when it scores nowhere."""
    ranked = max(DELIMITERS, key=lambda d: score(cut(line, d)))
    return ranked if score(cut(line, ranked)) > 0 else None
