"""Numbers that stand on goods and boxes."""

from __future__ import annotations

from typing import ClassVar

from hub.model.contact import OtherNumber
from hub.model.said import Said


class Label(Said):
    """Marks or serial numbers, each alone or from `number` up to `until`. `kind` says what they are (X12 88, EDIFACT
    7405, as sent). X12 MAN, EDIFACT GIN."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"until", "kind_2"} | {f"{name}_{at}" for name in ("number", "until") for at in (2, 3, 4, 5)}
    )

    kind: str | None = None
    number: str | None = None
    until: str | None = None
    kind_2: str | None = None
    """What the second ones are, where not the same."""
    number_2: str | None = None
    until_2: str | None = None
    number_3: str | None = None
    until_3: str | None = None
    number_4: str | None = None
    until_4: str | None = None
    number_5: str | None = None
    until_5: str | None = None


class NumberSet(Said):
    """Numbers of one and the same thing, by what each of them is (EDIFACT 7405, as sent). `kind` says what thing it is
    (EDIFACT 7297). EDIFACT GIR."""

    kind: str
    numbers: tuple[OtherNumber, ...] = ()


class Marking(Said):
    """How packages are marked and what the marks say. `instruction` is the code of who marks how (EDIFACT 4233, as
    sent), `text` the marks. EDIFACT PCI."""

    spare: ClassVar[frozenset[str]] = frozenset({"fullness", "type", "agency"})

    instruction: str | None = None
    text: str | None = None
    fullness: str | None = None
    type: str | None = None
    agency: str | None = None


class Seal(Said):
    """A seal on a container. `set_by` is the code of who set it. EDIFACT SEL."""

    number: str
    set_by: str | None = None
    set_by_name: str | None = None
    condition: str | None = None
