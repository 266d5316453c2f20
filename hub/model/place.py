"""Places and conditions that a document names."""

from __future__ import annotations

from typing import ClassVar

from hub.model.value import Value


class NamedPlace(Value):
    """`code` of a place and its `name`; `kind` says what happens there (EDIFACT 3227). EDIFACT LOC."""

    spare: ClassVar[frozenset[str]] = frozenset({"agency"})

    kind: str
    code: str | None = None
    agency: str | None = None
    name: str | None = None


class Condition(Value):
    """`origin` is the country that goods come from, `duty` their customs regime (EDIFACT 9213), `special` what else
    is to be heeded (EDIFACT 4183). EDIFACT ALI."""

    origin: str | None = None
    duty: str | None = None
    special: str | None = None
    special_2: str | None = None
