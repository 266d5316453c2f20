"""The page that a partner is sent: what arrived, what is wrong with it and where, the rule, and what to do.

Written while the file is read: the parts go to a temporary file, the verdict above them comes last. Memory stays that
of one message.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, BinaryIO

from hub.cli.explain_excerpt import Excerpt, excerpt
from hub.cli.explain_rule import rule
from hub.cli.explain_said import SHOWN, Told, page
from hub.cli.explain_words import ANSWER_SHOWN, NUMBERS, segments_of, who
from hub.cli.html import CLOSING, Safe, el, facts, joined, opening, table
from hub.errors import Finding, Severity
from hub.flow.explain import Outcome, Verdict, acknowledgements
from hub.model.exchange import Closing, Document, Event, Interchange, Opening, Reading, Remark, Status
from hub.ports import Format

MESSAGES_SHOWN = 200
"""Messages that are shown one by one; of all others the page tells the number and how they were received."""
FINDINGS_SHOWN = 50
OUTCOMES = {
    Outcome.ACCEPTED: ("accepted", "Accepted"),
    Outcome.REJECTED: ("rejected", "Something was rejected"),
    Outcome.UNREADABLE: ("unreadable", "Not readable"),
}
STATUS = {
    Status.ACCEPTED: "accepted",
    Status.ACCEPTED_WITH_ERRORS: "accepted with errors",
    Status.REJECTED: "rejected",
}


@dataclass(slots=True)
class HtmlPage:
    """Writes one file's page. `source` is the file once more, to cut segments out of."""

    name: str
    source: BinaryIO
    formats: Mapping[str, Format]
    now: datetime
    max_lines: int
    verdict: Verdict = field(default_factory=Verdict)
    counts: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    _body: IO[str] = field(init=False)

    def write(self, events: Iterable[Event], target: IO[str]) -> Outcome:
        """The whole page; how the file came out."""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as self._body:
            for event in events:
                self.verdict.take(event)
                self._take(event)
            target.write(opening(f"{self.name}: what was received"))
            target.write(self._top())
            self._body.seek(0)
            shutil.copyfileobj(self._body, target)
        target.write(self._foot())
        target.write(CLOSING)
        return self.verdict.outcome

    def _take(self, event: Event) -> None:
        if isinstance(event, Remark):
            self._put(el("section", self._findings((event.finding,), {}, None), cls="card"))
        elif isinstance(event, Opening):
            self._put(Safe('<section class="card">'), self._opening(event.interchange))
        elif isinstance(event, Reading):
            self._reading(event)
        else:
            self._closing(event)

    def _put(self, *pieces: Safe) -> None:
        for piece in pieces:
            self._body.write(piece + "\n")

    # -- the frame -------------------------------------------------------------------------------------------------

    def _top(self) -> Safe:
        outcome = self.verdict.outcome
        mild = outcome is Outcome.ACCEPTED and self.counts["error"]
        cls, words = ("accepted_with_errors", "Accepted with errors") if mild else OUTCOMES[outcome]
        names = ("interchange", "message", "error", "warning")
        figures = [(n if self.counts[n] == 1 else n + "s", f"{self.counts[n]:,}") for n in names]
        return el(
            "header",
            el("p", "EDI report", cls="kicker"),
            el("h1", self.name),
            el("span", words, cls=f"badge {cls}"),
            el("dl", (el("div", el("dt", name.capitalize()), el("dd", n)) for name, n in figures), cls="figures"),
            cls="top",
        )

    def _foot(self) -> Safe:
        return el("footer", f"Made {self.now:%Y-%m-%d %H:%M} UTC by CPFR Hub. Positions count from 1, bytes from 0.")

    def _opening(self, head: Interchange) -> Safe:
        self.counts["interchange"] += 1
        self.waiting.clear()
        title = f"{head.format.upper()} interchange {head.control or 'without number'}"
        return joined((
            el("div", el("h2", title), el("span", "test", cls="badge warning") if head.test else None, cls="head"),
            facts((
                ("From", who(head.sender)),
                ("To", who(head.receiver)),
                ("Version", head.version),
                ("Prepared", f"{head.prepared_at:%Y-%m-%d %H:%M}" if head.prepared_at else None),
            )),
        ))  # fmt: skip

    def _closing(self, closing: Closing) -> None:
        syntax = closing.interchange.syntax
        found = [*closing.findings, *(f for g in closing.groups for f in g.findings)]
        self._put(self._findings(found, syntax, None, closing.interchange.format))
        if closing.rejected:
            self._put(el("p", "The envelope is damaged, so the whole interchange is rejected."))
        if self.waiting:
            words = ", ".join(f"{n:,} {what}" for what, n in self.waiting.items())
            self._put(el("p", f"Not shown one by one: {words}.", cls="message soft"))
        for answer in acknowledgements(closing, self.formats, self.now):
            text = "\n".join(segments_of(answer.content, closing.interchange))
            more = f"\n… {len(text) - ANSWER_SHOWN:,} more characters" if len(text) > ANSWER_SHOWN else ""
            self._put(
                el(
                    "details",
                    el("summary", f"Would be answered with {answer.type}"),
                    el("pre", text[:ANSWER_SHOWN] + more, cls="raw"),
                )
            )
        self._put(Safe("</section>"))

    # -- messages --------------------------------------------------------------------------------------------------

    def _reading(self, reading: Reading) -> None:
        self.counts["message"] += 1
        told = any(f.severity is not Severity.INFO for f in reading.findings)
        if self.counts["shown"] >= MESSAGES_SHOWN or (self.counts["quiet"] >= MESSAGES_SHOWN // 10 and not told):
            self.waiting[f"{reading.message} {STATUS[reading.status]}"] += 1
            self._count(reading.findings)
            return
        self.counts["shown"] += 1
        self.counts["quiet"] += not told
        head = el(
            "div",
            el("h3", f"{reading.message or '?'} {reading.control or 'without number'}"),
            el("span", STATUS[reading.status], cls=f"badge {reading.status.value}"),
            el("span", f"{reading.version or ''} · {reading.segments:,} segments".lstrip(" ·"), cls="soft"),
            cls="head",
        )
        sent = reading.interchange
        findings = self._findings(reading.findings, sent.syntax, reading.table, sent.format)
        document = self._document(reading.document) if reading.document is not None else None
        self._put(el("article", head, findings, document, cls="message"))

    def _count(self, findings: Iterable[Finding]) -> None:
        for item in findings:
            self.counts[item.severity.value] += 1

    def _findings(
        self, findings: Iterable[Finding], syntax: Mapping[str, str], table: str | None, format: str = ""
    ) -> Safe:
        """Errors and warnings in full, notes as a list that can be opened."""
        found = list(findings)
        self._count(found)
        grave = [f for f in found if f.severity is not Severity.INFO]
        notes = [f.message for f in found if f.severity is Severity.INFO]
        grave.sort(key=lambda f: (f.severity is not Severity.ERROR, f.where.segment or 0))
        more = len(grave) - FINDINGS_SHOWN
        return joined((
            (self._finding(f, syntax, table or (f"{format}/004010/" if format == "x12" else f"{format}/D96A/"))
             for f in grave[:FINDINGS_SHOWN]),
            el("p", f"… and {more:,} more.", cls="soft") if more > 0 else None,
            el("details", el("summary", f"{len(notes)} note{'s'[: len(notes) != 1]}"),
               el("ul", (el("li", note) for note in notes[:FINDINGS_SHOWN]))) if notes else None,
        ))  # fmt: skip

    def _finding(self, item: Finding, syntax: Mapping[str, str], table: str) -> Safe:
        shown = excerpt(self.source, item, syntax)
        demanded = rule(item, table)
        at = f" · byte {item.where.offset:,}" if item.where.offset is not None else ""
        at += f" · line {item.where.line:,}" if item.where.line else ""
        return el(
            "article",
            el("span", item.severity.value, cls=f"badge {item.severity.value}"),
            " ",
            el("span", item.code + at, cls="code"),
            el("h4", item.message),
            _segment(shown.narrowed(400)) if shown else None,
            el(
                "dl",
                (el("dt", "Rule"), el("dd", demanded)) if demanded else None,
                (el("dt", "Remedy"), el("dd", item.hint, cls="fix")),
                cls="advice",
            ),
            cls=f"finding {item.severity.value}",
        )

    def _document(self, document: Document) -> Safe:
        told = page(document, self.max_lines)
        more = f"{told.count - len(told.lines):,} more lines are not shown." if told.count > len(told.lines) else None
        cells = [[line.facts.get(name, "") for name in told.columns] for line in told.lines]
        right = frozenset(n for n, name in enumerate(told.columns) if name in NUMBERS)
        return el(
            "details",
            el("summary", f"What it says: {told.name}" + (f", {told.count:,} lines" if told.count else "")),
            facts(told.head.facts.items()),
            _parts(told.head),
            table(told.columns, cells, right, [_parts(line) for line in told.lines]) if told.lines else None,
            el("p", more, cls="soft") if more else None,
        )


def _parts(told: Told) -> Safe | None:
    """What has facts of its own, each under what it belongs to."""
    kinds = (el("div", el("dt", name), (el("dd", one.phrase, _parts(one)) for one in ones[:SHOWN]),
                el("dd", f"… {len(ones) - SHOWN} more", cls="soft") if len(ones) > SHOWN else None)
             for name, ones in told.parts.items())
    return el("dl", kinds, cls="parts") if told.parts else None


def _segment(shown: Excerpt) -> Safe:
    """The segment with what is meant marked; where something is missing, the gap."""
    meant = el("mark", shown.meant) if shown.meant else el("mark", "▲", title="something is missing here")
    return el("pre", shown.before, meant, shown.after, cls="segment")
