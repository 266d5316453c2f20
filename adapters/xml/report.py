"""Faults of one document become findings, with line, XPath, what was expected and what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from lxml import etree

from hub.errors import Finding, Severity, Where
from hub.model.finding import finding, is_unusable

LIMIT = 200
"""So many findings of one document are told in full."""


def short(tag: str, prefixes: Mapping[str, str]) -> str:
    """ "{namespace}name" with the prefix that the standard's readers know; the document's own namespace has none."""
    namespace, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    prefix = prefixes.get(namespace, "")
    return f"{prefix}:{local}" if prefix else local


def found_at(node: etree._Element, path: str, depth: int) -> etree._Element:
    """The element that libxml2 names by a path of which `node` is the step number `depth`; `node` where there is none.
    """
    rest = "/".join(path.split("/")[depth + 1:])
    if not rest:
        return node
    spaces = {prefix: uri for prefix, uri in node.nsmap.items() if prefix}
    try:
        found = node.xpath(rest, namespaces=spaces)
    except etree.XPathError:
        return node
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else node


class Report:
    """Collects the findings of one document. `prefixes` maps namespaces to prefixes."""

    def __init__(self, prefixes: Mapping[str, str], transaction: int = 1) -> None:
        self.prefixes, self.transaction = prefixes, transaction
        self.findings: list[Finding] = []
        self.total = 0
        self.faulty: set[str | None] = set()
        """The paths of all errors so far."""
        self.numbers: dict[str, int] = {}
        """The number of the line that is being read, by its tag, once it was taken out of its document; that of a
        document that was taken out of its message."""
        self.sent: dict[etree._Element, str] = {}
        """Where elements stood before they were moved (`remember`)."""

    def add(self, name: str, node: etree._Element | None = None, value: str | None = None, *, line: int | None = None,
            path: str | None = None, **told: Any) -> None:
        """Note one fault at an element, or at a line and path; beyond `LIMIT` it is only counted."""
        self.total += 1
        if node is not None:
            line, path = node.sourceline, self.path(node)
        where = Where(interchange=1, transaction=self.transaction, line=line, path=path)
        made = finding("xml", name, where, value, **told)
        if made.severity is Severity.ERROR:
            self.faulty.add(path)
        if self.total <= LIMIT or is_unusable(name):
            self.findings.append(made)

    def aside(self) -> Report:
        """An empty one for the same document, for what may be joined later."""
        other = Report(self.prefixes, self.transaction)
        other.numbers = dict(self.numbers)
        return other

    def join(self, other: Report) -> None:
        """Tell what `other` has collected, too."""
        self.findings += other.findings[:max(0, LIMIT - len(self.findings))]
        self.total += other.total
        self.faulty |= other.faulty

    def path(self, node: etree._Element) -> str:
        """The XPath of an element; a number only where several of that name stand side by side."""
        if node in self.sent:
            return self.sent[node]
        steps: list[str] = []
        while True:
            above = node.getparent()
            if above is None:
                break
            if known := self.numbers.get(str(node.tag)):
                number = f"[{known}]"
            else:
                alike = list(above.iterchildren(str(node.tag)))
                number = f"[{alike.index(node) + 1}]" if len(alike) > 1 else ""
            steps.append(short(str(node.tag), self.prefixes) + number)
            node = above
        return "/" + "/".join([short(str(node.tag), self.prefixes), *reversed(steps)])

    def remember(self, node: etree._Element, path: str | None = None) -> None:
        """Tell of everything below `node` where it stands now, wherever it is moved."""
        path = self.path(node) if path is None else path
        alike = Counter(str(kid.tag) for kid in node)
        count: Counter[str] = Counter()
        for kid in node:
            tag = str(kid.tag)
            count[tag] += 1
            number = f"[{count[tag]}]" if alike[tag] > 1 else ""
            self.sent[kid] = f"{path}/{short(tag, self.prefixes)}{number}"
            self.remember(kid, self.sent[kid])

    def take(self) -> tuple[Finding, ...]:
        """All findings so far, with a note where there were more; the next ones are collected anew."""
        found, hidden = list(self.findings), self.total - len(self.findings)
        found.sort(key=lambda f: f.where.line or 0)
        if hidden > 0:
            where = Where(interchange=1, transaction=self.transaction)
            found.append(finding("xml", "MANY-FINDINGS", where, actual=self.total, limit=len(self.findings)))
        self.findings, self.total, self.faulty = [], 0, set()
        return tuple(found)
