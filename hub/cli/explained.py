"""The page that a person reads: what a file is, what is wrong in it, and how it would be answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hub.cli.terminal import out
from hub.errors import Finding, Severity
from hub.flow.explain import Outcome, Verdict, acknowledgements
from hub.model.bulk import Bulk
from hub.model.exchange import Address, Closing, Document, Event, Interchange, Opening, Reading, Remark, Status
from hub.ports import Format

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}
STATUS = {
    Status.ACCEPTED: "[green]accepted[/]",
    Status.ACCEPTED_WITH_ERRORS: "[yellow]accepted with errors[/]",
    Status.REJECTED: "[red]rejected[/]",
}
SEGMENT_SHOWN = 160
FINDINGS_SHOWN = 50
TEXT_SHOWN = 3000


@dataclass(slots=True)
class Page:
    """Prints one file while it is read."""

    path: Path
    formats: Mapping[str, Format]
    now: datetime
    max_lines: int
    summary: bool
    verdict: Verdict = field(default_factory=Verdict)
    counts: dict[str, int] = field(default_factory=dict)

    def show(self, events: Iterable[Event]) -> Outcome:
        """Print every event; how the file came out."""
        out.rule(f"[bold]{escape(str(self.path))}[/]", align="left")
        for event in events:
            self.verdict.take(event)
            if isinstance(event, Remark):
                self._findings([event.finding], None)
            elif isinstance(event, Opening):
                self._opening(event.interchange)
            elif isinstance(event, Reading):
                self._reading(event)
            else:
                self._closing(event)
        return self.verdict.outcome

    def _opening(self, head: Interchange) -> None:
        test = "  [yellow]TEST[/]" if head.test else ""
        at = f"  prepared {head.prepared_at:%Y-%m-%d %H:%M}" if head.prepared_at else ""
        out.print(
            f"[bold]{head.format.upper()}[/] interchange {escape(head.control or 'without number')}"
            f"  from {_who(head.sender)} to {_who(head.receiver)}{at}{test}"
        )

    def _reading(self, reading: Reading) -> None:
        self.counts[reading.status.value] = self.counts.get(reading.status.value, 0) + 1
        if self.summary and not reading.findings:
            return
        version = f" ({reading.version})" if reading.version else ""
        out.print(
            f"  [bold]{escape(reading.message or '?')}[/]{escape(version)} "
            f"{escape(reading.control or 'without number')}: "
            f"{STATUS[reading.status]}, {reading.segments} segments"
        )
        self._findings(reading.findings, reading.interchange)
        if reading.document is not None and not self.summary:
            self._document(reading.document)

    def _closing(self, closing: Closing) -> None:
        self._findings([*closing.findings, *(f for g in closing.groups for f in g.findings)], closing.interchange)
        out.print("  " + (", ".join(f"{n} {s.replace('_', ' ')}" for s, n in self.counts.items()) or "no messages"))
        self.counts = {}
        if closing.rejected:
            out.print("  [red]The envelope is damaged, so the whole interchange is rejected.[/]")
        if self.summary:
            return
        for answer in acknowledgements(closing, self.formats, self.now):
            out.print(f"  would be answered with [bold]{answer.type}[/]:")
            end = "'" if closing.interchange.format == "edifact" else closing.interchange.syntax.get("segment", "\n")
            text = answer.content.decode("utf-8", "replace").replace(end, end + "\n" if end != "\n" else end)
            for line in text[:TEXT_SHOWN].splitlines():
                out.print(Text("    " + line), soft_wrap=True)
            if len(text) > TEXT_SHOWN:
                out.print(f"    … {len(text) - TEXT_SHOWN} more characters")

    # -- findings --------------------------------------------------------------------------------------------------

    def _findings(self, findings: Iterable[Finding], head: Interchange | None) -> None:
        found = sorted(findings, key=lambda f: (list(COLOURS).index(f.severity), f.where.segment or 0))
        for item in found[:FINDINGS_SHOWN]:
            colour = COLOURS[item.severity]
            out.print(f"    [{colour}]{item.code}[/] {escape(item.message)}", highlight=False, soft_wrap=True)
            if item.severity is Severity.INFO:
                continue
            if shown := self._segment(item, head):
                out.print(Text(f"      at byte {item.where.offset}: {shown}", style="dim"), soft_wrap=True)
            out.print(f"      [cyan]Fix:[/] {escape(item.hint)}", highlight=False, soft_wrap=True)
        if len(found) > FINDINGS_SHOWN:
            out.print(f"    … and {len(found) - FINDINGS_SHOWN} more; --json shows all")

    def _segment(self, item: Finding, head: Interchange | None) -> str:
        """The text of the segment that a finding is about, read again from the file."""
        if item.where.offset is None or head is None or not self.path.is_file():
            return ""
        with self.path.open("rb") as file:
            file.seek(item.where.offset)
            text = file.read(4 * SEGMENT_SHOWN).decode("utf-8", "replace")
        segment = text.split(head.syntax.get("segment") or "\n")[0].strip()
        return segment if len(segment) <= SEGMENT_SHOWN else segment[:SEGMENT_SHOWN] + "…"

    # -- documents -------------------------------------------------------------------------------------------------

    def _document(self, document: Document) -> None:
        bulk = isinstance(document, Bulk)
        body = document.as_json(self.max_lines) if isinstance(document, Bulk) else document.model_dump(mode="json")
        rows: list[dict[str, Any]] = list(body.pop("lines", None) or body.pop("transactions", None) or ())
        count = body.pop("line_count", len(rows))
        facts = "  ".join(f"{k} [bold]{escape(_short(v))}[/]" for k, v in body.items() if v not in (None, [], {}))
        out.print(f"    {type(document).__name__}: {facts}", highlight=False, soft_wrap=True)
        if not rows:
            return
        shown = rows[: self.max_lines]
        names = [name for name in rows[0] if any(row[name] is not None for row in shown)]
        table = Table(box=None, pad_edge=True, header_style="bold dim")
        for name in names:
            numeric = name in ("quantity", "price", "ordered")
            table.add_column(name, justify="right" if numeric else "left", overflow="fold")
        for row in shown:
            table.add_row(*(escape(_short(row[name])) for name in names))
        out.print(table)
        if count > len(shown):
            out.print(f"      … {count - len(shown)} more {'rows' if bulk else 'lines'} (--max-lines)")


def _short(value: object) -> str:
    """A party as "name (id)", anything else as it is."""
    if isinstance(value, dict):
        name, id = value.get("name"), value.get("id")
        return f"{name} ({id})" if name and id else str(name or id or "")
    if isinstance(value, float):
        return f"{value:g}" if value < 1e6 else f"{value:.0f}"
    return "" if value is None else str(value)


def _who(address: Address | None) -> str:
    if address is None:
        return "nobody named"
    return f"[bold]{escape(address.id)}[/]" + (f" ({escape(address.qualifier)})" if address.qualifier else "")
