"""Places and conditions that a document names."""

from __future__ import annotations

from typing import ClassVar

from hub.model.said import Said


class NamedPlace(Said):
    """`code` of a place and its `name`; `kind` says what happens there (EDIFACT 3227). EDIFACT LOC."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"agency", "within", "within_agency", "within_name", "beyond", "beyond_agency", "beyond_name", "relation",
         "list"}
    )

    kind: str
    code: str | None = None
    agency: str | None = None
    name: str | None = None
    list: str | None = None
    within: str | None = None
    within_agency: str | None = None
    within_name: str | None = None
    """A place that has to do with the first, as a gate has with a hall; `beyond` is another one."""
    beyond: str | None = None
    beyond_agency: str | None = None
    beyond_name: str | None = None
    relation: str | None = None


class Condition(Said):
    """`origin` is the country that goods come from, `duty` their customs regime (EDIFACT 9213), `special` what else
    is to be heeded (EDIFACT 4183). EDIFACT ALI."""

    origin: str | None = None
    duty: str | None = None
    special: str | None = None
    special_2: str | None = None
    special_3: str | None = None
    special_4: str | None = None
    special_5: str | None = None
    spare: ClassVar[frozenset[str]] = frozenset({"special_3", "special_4", "special_5"})
