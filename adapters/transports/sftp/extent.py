"""Which bytes of a file are there: requests for one file come in any order and may overlap."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.errors import Reject

ISLANDS = 4096
"""Pieces that may lie beyond the first gap."""


@dataclass(slots=True)
class Extent:
    """`end`: how far the file is there without a gap; beyond it lie `islands` (start -> end)."""

    end: int = 0
    islands: dict[int, int] = field(default_factory=dict)

    def add(self, start: int, end: int) -> None:
        """These bytes are there now. Raises Reject when the pieces are too many to remember."""
        if start > self.end:
            if len(self.islands) >= ISLANDS:
                raise Reject("The file comes in too many separate pieces.", reason="SCATTERED")
            self.islands[start] = max(end, self.islands.get(start, 0))
            return
        self.end = max(self.end, end)
        while reached := [start for start in self.islands if start <= self.end] if self.islands else []:
            self.end = max(self.end, *(self.islands.pop(start) for start in reached))

    @property
    def whole(self) -> bool:
        """Whether there is no gap."""
        return not self.islands
