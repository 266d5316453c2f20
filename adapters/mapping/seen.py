"""The control numbers that a group has had: a file may have a hundred thousand, nearly always each one more than the
one before."""

from __future__ import annotations

from hub.model.exchange import counts_up


class Seen:
    """Numbers that count up by one are kept, by their width, as the first and the last; others as they are."""

    __slots__ = ("_next", "_others", "_row", "_rows")

    def __init__(self) -> None:
        self._rows: dict[int, list[int]] = {}
        self._others: set[str] = set()
        self._row: list[int] = []
        """The row of the last number that counts up."""
        self._next: str | None = None
        """What goes on counting in that row, if it surely was not there yet."""

    def __contains__(self, control: str) -> bool:
        if control == self._next:
            return False
        row = self._rows.get(len(control)) if counts_up(control) else None
        return (row is not None and row[0] <= int(control) <= row[1]) or control in self._others

    def add(self, control: str) -> None:
        if control == self._next:
            self._row[1] += 1
        elif counts_up(control):
            self._add_number(control)
        else:
            self._others.add(control)
            return
        following = str(self._row[1] + 1).zfill(len(control))
        self._next = following if len(following) == len(control) and following not in self._others else None

    def _add_number(self, control: str) -> None:
        number = int(control)
        row = self._row = self._rows.setdefault(len(control), [number, number])
        if number == row[1] + 1:
            row[1] = number
        elif not row[0] <= number <= row[1]:
            self._others.add(control)
