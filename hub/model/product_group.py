"""Lines of a catalogue that belong together."""

from __future__ import annotations

from typing import ClassVar

from hub.model.said import Said


class ProductGroup(Said):
    """The lines from number `first_line` up to the next group. `kind` says what kind of group it is (EDIFACT 5379),
    `code` and `name` which; what holds for all of its lines stands aside. EDIFACT PGI."""

    gathers: ClassVar[str] = "first_line"
    """The field that says which of the loops written before it stand in it."""

    kind: str
    code: str | None = None
    code_list: str | None = None
    agency: str | None = None
    name: str | None = None
    first_line: str | None = None
