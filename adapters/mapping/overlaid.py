"""The hub's own tables of one format and what its partners lay over them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

Overlays = Mapping[str, Mapping[str, str]]
"""Partner's short name -> table name ("x12/004010/850") -> TOML text with the rows that differ."""


class Overlaid(ABC):
    """`texts` are further tables by name (tests, a table that is being written). Of the overlays only those of the
    format `name` are kept."""

    def __init__(self, name: str, overlays: Overlays | None, texts: Mapping[str, str] | None) -> None:
        self.texts = dict(texts or {})
        self.overlays = {
            partner: {table: text for table, text in rows.items() if table.startswith(f"{name}/")}
            for partner, rows in (overlays or {}).items()
        }

    @abstractmethod
    def names(self, partner: str | None = None) -> list[str]:
        """All tables that this partner's messages may be read by."""

    @abstractmethod
    def get(self, name: str, partner: str | None = None) -> object:
        """The table of that name under the partner's overlay. Raises NotFound or BrokenTable."""

    def check(self) -> int:
        """Compile everything; how many tables there are. Raises BrokenTable for the first wrong one."""
        ours = self.names()
        for name in ours:
            self.get(name)
        return len(ours) + self.check_overlays()

    def check_overlays(self) -> int:
        """Compile what partners wrote; how many tables that are. Raises BrokenTable or NotFound."""
        theirs = [(name, partner) for partner, rows in self.overlays.items() for name in rows]
        for name, partner in theirs:
            self.get(name, partner)
        return len(theirs)
