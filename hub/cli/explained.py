"""The page that a person reads: what a file is, what is wrong in it, and how it would be answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from rich.markup import escape
from rich.text import Text

from hub.cli.explain_excerpt import excerpt, visible
from hub.cli.explain_rule import rule
from hub.cli.explain_said import Told, aligned, page
from hub.cli.explain_words import ANSWER_SHOWN, NUMBERS, segments_of, who
from hub.cli.terminal import out
from hub.errors import Finding, Severity
from hub.flow.explain import Outcome, Verdict, acknowledgements
from hub.model.bulk import Bulk
from hub.model.exchange import Closing, Document, Event, Interchange, Opening, Reading, Remark, Status
from hub.ports import Format

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
STATUS = {
    Status.ACCEPTED: "[green]accepted[/]",
    Status.ACCEPTED_WITH_ERRORS: "[yellow]accepted with errors[/]",
    Status.REJECTED: "[red]rejected[/]",
}
FINDINGS_SHOWN = 50
WIDEST = 48
"""Characters of a cell; --json shows more."""


def heading(name: str) -> None:
    """The line above what is said of one file."""
    out.rule(f"[bold]{escape(visible(name))}[/]", align="left")


def interchange(head: Interchange) -> None:
    """One line about the envelope."""
    test = "  [yellow]TEST[/]" if head.test else ""
    at = f"  prepared {head.prepared_at:%Y-%m-%d %H:%M}" if head.prepared_at else ""
    out.print(
        f"[bold]{head.format.upper()}[/] interchange {_plain(head.control or 'without number')}"
        f"  from [bold]{_plain(who(head.sender))}[/] to [bold]{_plain(who(head.receiver))}[/]{at}{test}"
    )


@dataclass(slots=True)
class Page:
    """Prints one file while it is read. `source` is the file once more, to cut segments out of."""

    name: str
    source: BinaryIO
    formats: Mapping[str, Format]
    now: datetime
    max_lines: int
    verdict: Verdict = field(default_factory=Verdict)
    counts: dict[str, int] = field(default_factory=dict)

    def show(self, events: Iterable[Event]) -> Outcome:
        """Print every event; how the file came out."""
        heading(self.name)
        for event in events:
            self.verdict.take(event)
            if isinstance(event, Remark):
                self._findings([event.finding], {}, None)
            elif isinstance(event, Opening):
                interchange(event.interchange)
            elif isinstance(event, Reading):
                self._reading(event)
            else:
                self._closing(event)
        return self.verdict.outcome

    def _reading(self, reading: Reading) -> None:
        self.counts[reading.status.value] = self.counts.get(reading.status.value, 0) + 1
        version = f" ({reading.version})" if reading.version else ""
        out.print(
            f"  [bold]{_plain(reading.message or '?')}[/]{_plain(version)} "
            f"{_plain(reading.control or 'without number')}: "
            f"{STATUS[reading.status]}, {reading.segments} segments"
        )
        self._findings(reading.findings, reading.interchange.syntax, reading.table)
        if reading.document is not None:
            self._document(reading.document)

    def _closing(self, closing: Closing) -> None:
        found = [*closing.findings, *(f for g in closing.groups for f in g.findings)]
        self._findings(found, closing.interchange.syntax, None)
        out.print("  " + (", ".join(f"{n} {s.replace('_', ' ')}" for s, n in self.counts.items()) or "no messages"))
        self.counts = {}
        if closing.rejected:
            out.print("  [red]The envelope is damaged, so the whole interchange is rejected.[/]")
        for answer in acknowledgements(closing, self.formats, self.now):
            out.print(f"  would be answered with [bold]{answer.type}[/]:")
            lines = segments_of(answer.content, closing.interchange)
            text = "\n".join(lines)
            for line in text[:ANSWER_SHOWN].splitlines():
                out.print(Text("    " + line), soft_wrap=True)
            if len(text) > ANSWER_SHOWN:
                out.print(f"    … {len(text) - ANSWER_SHOWN} more characters")

    # -- findings --------------------------------------------------------------------------------------------------

    def _findings(self, findings: Iterable[Finding], syntax: Mapping[str, str], table: str | None) -> None:
        found = sorted(findings, key=lambda f: (list(COLOURS).index(f.severity), f.where.segment or 0))
        for item in found[:FINDINGS_SHOWN]:
            colour = COLOURS[item.severity]
            out.print(f"    [{colour}]{item.code}[/] {_plain(item.message)}", highlight=False, soft_wrap=True)
            if item.severity is Severity.INFO:
                continue
            self._segment(item, syntax)
            if demanded := rule(item, table):
                out.print(f"      [cyan]Rule:[/] {_plain(demanded)}", highlight=False, soft_wrap=True)
            out.print(f"      [cyan]Fix:[/]  {_plain(item.hint)}", highlight=False, soft_wrap=True)
        if len(found) > FINDINGS_SHOWN:
            out.print(f"    … and {len(found) - FINDINGS_SHOWN} more; --json shows all")

    def _segment(self, item: Finding, syntax: Mapping[str, str]) -> None:
        """The segment, with what is meant underlined: by the terminal, or by carets where there is none."""
        shown = excerpt(self.source, item, syntax)
        if shown is None:
            return
        shown = shown.narrowed()
        text = Text("      " + shown.text, style="bold")
        if shown.meant:
            text.stylize(f"bold underline {COLOURS[item.severity]}", 6 + shown.start, 6 + shown.stop)
        text.append(f"   byte {item.where.offset}", style="dim not bold")
        out.print(text, soft_wrap=True)
        if not (out.is_terminal and shown.meant):
            out.print(Text("      " + shown.carets, style=COLOURS[item.severity]), soft_wrap=True)

    # -- documents -------------------------------------------------------------------------------------------------

    def _document(self, document: Document) -> None:
        told = page(document, self.max_lines)
        facts = "  ".join(f"{name} [bold]{_plain(text)}[/]" for name, text in told.head.facts.items())
        out.print(f"    [bold]{told.name}[/]  {facts}", highlight=False, soft_wrap=True)
        _below(told.head, 6)
        if told.lines:
            heading, *rows = aligned(told.lines, told.columns, NUMBERS, WIDEST)
            out.print(Text("      " + "  ".join(heading).rstrip(), style="bold dim"), soft_wrap=True)
            for row, line in zip(rows, told.lines, strict=True):
                out.print(Text("      " + "  ".join(row).rstrip()), soft_wrap=True)
                _below(line, 10)
        if told.count > len(told.lines):
            what = "rows" if isinstance(document, Bulk) else "lines"
            out.print(f"      … {told.count - len(told.lines)} more {what} (--max-lines)")


def _below(told: Told, margin: int) -> None:
    """What has facts of its own, each under what it belongs to."""
    lines = list(told.below())
    width = max((2 * deep + len(name) for deep, name, _ in lines), default=0)
    for deep, name, text in lines:
        out.print(Text.assemble(" " * (margin + 2 * deep), (name.ljust(width - 2 * deep), "dim"), "  ", text),
                  soft_wrap=True)


def _plain(text: str) -> str:
    """Text out of a file: neither markup nor an order to the terminal."""
    return escape(visible(text))
