"""How a format puts the rows of a message into text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.mapping.dialect import Row


@dataclass(frozen=True, slots=True)
class Ink:
    """How one format puts a row into text: `clean` is what an element looks like (it may raise Reject)."""

    clean: Callable[[str], str]
    between: str
    end: str

    def row(self, row: Row) -> str:
        return self.between.join(map(self.clean, row)) + self.end


@dataclass(frozen=True, slots=True)
class Body:
    """One message between its header and its trailer, as text and in segments."""

    text: str
    segments: int
