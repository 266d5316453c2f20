"""Faults become findings: a stable code, the exact place, one sentence and a remedy, from `schemas/findings.toml`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from adapters.mapping.columns.trusted import changed
from hub.errors import Finding, Where
from hub.model.finding import finding, is_unusable

LIMIT = 500
"""So many findings of one transaction are told in full."""


SEPARATORS = frozenset({"UNS"})
"""Segments that say nothing but where a section begins."""


class Report:
    """Collects the findings of one transaction. `base` is its place; `offset_of` gives the byte offset of a segment;
    `signs` are those that its interchange sets between components and between repetitions."""

    def __init__(
        self, format: str, base: Where, offset_of: Callable[[int], int | None] = lambda _: None,
        signs: tuple[str, str] = (" ", " "),
    ) -> None:
        self.format, self.base, self.offset_of = format, base, offset_of
        self.signs = signs
        self.findings: list[Finding] = []
        self.total = 0
        self.faulty: set[tuple[int | None, int | None]] = set()
        """(segment, element) of everything told, also beyond the limit."""
        self.foreign = False
        """The message is of another release than the table that reads it: what the table demands, it need not have."""
        self.illegible = False
        """Something was passed over that may change what the rest means: no document is made of it."""
        self.incomplete = False
        """The document lacks what it cannot be used without; it is there for people to see."""
        self.heard: range | None = None
        """The segments that something is told of, None where all are."""
        self.unplaced = False
        """Something was to be told of no segment while only some were heard."""

    def hear(self, segments: range, offset_of: Callable[[int], int | None]) -> None:
        """From now on tell what is found in these segments, and nothing else."""
        self.heard, self.offset_of = segments, offset_of
        self.faulty.clear()

    def add(
        self,
        name: str,
        /,
        *,
        segment: int | None = None,
        tag: str | None = None,
        element: int | None = None,
        component: int | None = None,
        repeat: int | None = None,
        value: str | None = None,
        **told: Any,
    ) -> None:
        """Note one fault; beyond `LIMIT` it is only counted, unless it makes the transaction unusable."""
        if self.foreign and name == "MISSING-SEGMENT":
            if tag in SEPARATORS:
                return
            name = "MISSING-BY-NEAREST"
        self.faulty.add((segment, element))
        if self.heard is not None and (segment is None or segment not in self.heard):
            self.unplaced |= segment is None
            return
        self.total += 1
        if self.total > LIMIT and not is_unusable(name):
            return
        if len(self.findings) > 2 * LIMIT:
            return
        where = changed(
            self.base,
            segment=segment,
            tag=tag,
            element=element,
            component=component,
            repeat=repeat,
            offset=self.base.offset if segment is None else self.offset_of(segment),
        )
        self.findings.append(finding(self.format, name, where, value, **told))

    def take(self, findings: Iterable[Finding]) -> None:
        """Findings that were made elsewhere, which come after all others."""
        for one in findings:
            self.total += 1
            if self.total <= LIMIT:
                self.findings.append(one)

    def close(self) -> tuple[Finding, ...]:
        """All findings in the order of the file, with a note where there were more."""
        hidden = self.total - len(self.findings)
        self.findings.sort(key=lambda f: f.where.segment or 0)
        if hidden:
            self.findings.append(
                finding(self.format, "MANY-FINDINGS", self.base, actual=self.total, limit=len(self.findings))
            )
        return tuple(self.findings)
