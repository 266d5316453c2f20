"""`hub explain --summary`: counts and findings only. Only numbers are kept, so any file is told in flat memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from hub.cli.explain_excerpt import visible
from hub.cli.explained import COLOURS, heading, interchange
from hub.cli.terminal import out
from hub.errors import Finding, Severity
from hub.flow.explain import Outcome, Verdict
from hub.model.exchange import Event, Opening, Reading, Remark, Status

ORDER = tuple(COLOURS)
LONGEST = 110


@dataclass(slots=True)
class Told:
    """How often a finding was made, in how many messages, and the first of them."""

    first: Finding
    control: str | None
    count: int = 0
    messages: int = 0


@dataclass(slots=True)
class Summary:
    """Counts one file while it is read, and prints after each interchange what there was."""

    name: str
    verdict: Verdict = field(default_factory=Verdict)
    messages: Counter[tuple[str, str, Status]] = field(default_factory=Counter)
    segments: Counter[tuple[str, str]] = field(default_factory=Counter)
    found: dict[str, Told] = field(default_factory=dict)

    def show(self, events: Iterable[Event]) -> Outcome:
        """Read everything; how the file came out."""
        heading(self.name)
        for event in events:
            self.verdict.take(event)
            if isinstance(event, Remark):
                self._count((event.finding,), None)
            elif isinstance(event, Opening):
                interchange(event.interchange)
            elif isinstance(event, Reading):
                self._reading(event)
            else:
                self._count((*event.findings, *(f for g in event.groups for f in g.findings)), None)
                self._print()
                if event.rejected:
                    out.print("  [red]The envelope is damaged, so the whole interchange is rejected.[/]")
        self._print()
        return self.verdict.outcome

    def _reading(self, reading: Reading) -> None:
        kind = (reading.message or "?", reading.version or "")
        self.messages[(*kind, reading.status)] += 1
        self.segments[kind] += reading.segments
        if reading.findings:
            self._count(reading.findings, reading.control)

    def _count(self, findings: Iterable[Finding], control: str | None) -> None:
        here = set()
        for item in findings:
            told = self.found.setdefault(item.code, Told(item, control))
            told.count += 1
            told.messages += item.code not in here
            here.add(item.code)

    def _print(self) -> None:
        if self.messages:
            out.print(self._received())
        if self.found:
            out.print(self._findings())
        self.messages.clear()
        self.segments.clear()
        self.found.clear()

    def _received(self) -> Table:
        table = _table("message", "release", *(">" + s.value.replace("_", " ") for s in Status), ">segments")
        for kind, segments in sorted(self.segments.items()):
            counts = (f"{self.messages[(*kind, status)]:,}" for status in Status)
            table.add_row(*(escape(visible(word)) for word in kind), *counts, f"{segments:,}")
        return table

    def _findings(self) -> Table:
        table = _table("finding", ">times", ">messages", "the first one")
        found = sorted(self.found.items(), key=lambda one: (ORDER.index(one[1].first.severity), -one[1].count))
        for code, told in found:
            severity = told.first.severity
            colour = COLOURS[severity] if severity is not Severity.INFO else "dim"
            words = visible(told.first.message)
            at = f" [{told.control}]" if told.control else ""
            said = escape((words if len(words) <= LONGEST else words[:LONGEST] + "…") + visible(at))
            table.add_row(f"[{colour}]{escape(code)}[/]", f"{told.count:,}", f"{told.messages:,}", said)
        return table


def _table(*columns: str) -> Table:
    """A plain table; a column whose name begins with > holds numbers."""
    table = Table(box=SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), show_edge=False)
    for name in columns:
        number = name.startswith(">")
        table.add_column(name.lstrip(">"), justify="right" if number else "left", no_wrap=number or name == "finding")
    return table
