"""The control numbers that a group has had: a file may have a hundred thousand, nearly always each one more than the
one before."""

from __future__ import annotations

from hub.model.exchange import counts_up


class Seen:
    """Numbers that count up by one are kept, by their width, as the first and the last; others as they are."""

    __slots__ = ("_others", "_rows")

    def __init__(self) -> None:
        self._rows: dict[int, list[int]] = {}
        self._others: set[str] = set()

    def __contains__(self, control: str) -> bool:
        row = self._rows.get(len(control)) if counts_up(control) else None
        return (row is not None and row[0] <= int(control) <= row[1]) or control in self._others

    def add(self, control: str) -> None:
        if not counts_up(control):
            self._others.add(control)
            return
        number = int(control)
        row = self._rows.setdefault(len(control), [number, number])
        if number == row[1] + 1:
            row[1] = number
        elif not row[0] <= number <= row[1]:
            self._others.add(control)
