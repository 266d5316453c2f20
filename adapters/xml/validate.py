"""Is it what the standard allows? The schema's complaints become findings: line, path, expected, found.

A document that claims no version may hold elements of a version that no fact knows yet: those are told, passed over,
and the rest is judged without them. What a later version brought than the document claims is told as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lxml import etree

from adapters.xml.misplaced import Content, why
from adapters.xml.report import LIMIT, Report, found_at, short

SHOWN = 80
_TAG = re.compile(r"\{([^{}]*)\}([\w.-]+)")
_ELEMENT = re.compile(r"Element '([^']+)'(?:, attribute '([^']+)')?: ")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*?) \)")
_VALUE = re.compile(r"'(.*)' is not a valid value of the (?:atomic|local atomic|list|union) type '([^']+)'", re.S)
_REQUIRED = re.compile(r"The attribute '([^']+)' is required but missing")
_WORDS = {
    "xs:date": "a date like 2026-11-22", "xs:time": "a time like 12:30:00", "xs:decimal": "a number like 12.5",
    "xs:boolean": "true or false", "xs:base64Binary": "base64 text", "xs:language": "a language like en",
    "xs:integer": "a whole number", "xs:dateTime": "a moment like 2026-11-22T12:30:00",
    "xs:nonNegativeInteger": "a whole number that is not negative",
}
NEWER_LIMIT = 200


class Judging(Protocol):
    """Who says whether an element is right: our schema (`Judge`), or a partner's own (`partner_schema`)."""

    @property
    def schema(self) -> Any:
        """With `validate(element)`, which says so in the shortest time."""

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Namespace to prefix, for what is told."""

    def holds(self, node: etree._Element, report: Report, but: str | None = None, only: str | None = None) -> bool:
        """Whether `node` is valid; what is wrong goes to `report`, except inside of children of the name `but`. Where
        `only` is named, nothing but what is inside of such children counts."""


def judged(judges: Sequence[Judging], node: etree._Element, report: Report, but: str | None = None,
           only: str | None = None) -> bool:
    """Whether `node` is valid for all of them. Only where the first has no complaint are those of the others told; they
    judge it as it was sent, before newer elements are taken out."""
    first, *others = judges
    aside, before = report.aside(), len(report.faulty)
    verdicts = [judge.holds(node, aside, but, only) for judge in others]
    sound = first.holds(node, report, but, only)
    if len(report.faulty) == before:
        report.join(aside)
    return sound and all(verdicts)


@dataclass(frozen=True, slots=True)
class Judge:
    """`newer`: elements that the schema does not know are passed over if they are of these namespaces."""

    schema: etree.XMLSchema
    prefixes: Mapping[str, str]
    newer: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    """Names that the schema knows somewhere: those are misplaced, not newer."""
    version: str = ""
    later: Callable[[str], Mapping[tuple[str, str], str]] = field(default=lambda _: {})
    """What came after a version: (the element around, the element) to the version that brought it; asked when needed.
    """
    free: Callable[[str, str | None], bool] = field(default=lambda tag, attribute: False)
    """Whether any text is right in an element, or in an attribute of it."""

    content: Content = field(default=lambda _: None)
    """What may stand in an element."""

    def right(self, tag: str, text: str) -> bool:
        """Whether an element that may stand by itself is right with this text."""
        node = etree.Element(tag)
        node.text = text
        return self.schema.validate(node)

    def holds(self, node: etree._Element, report: Report, but: str | None = None, only: str | None = None) -> bool:
        """What `Judging` says. Newer elements are taken out of `node`."""
        if self.schema.validate(node):
            return True
        for _ in range(NEWER_LIMIT if self.newer else 0):
            if not self._prune(node, report, but):
                break
            if self.schema.validate(node):
                return True
        told = [error for error in self.schema.error_log if self._counts(error.path or "", but, only)]
        for error in told:
            self._tell(error, node, report)
        return only is not None and not told

    def _counts(self, path: str, but: str | None, only: str | None) -> bool:
        if only is not None:
            return f"/{short(only, self.prefixes)}" in path
        return but is None or f"/{short(but, self.prefixes)}" not in path

    def _prune(self, node: etree._Element, report: Report, but: str | None) -> bool:
        """Take out one element that only a later version can know; whether there was one."""
        for error in self.schema.error_log:
            found = _ELEMENT.match(error.message)
            if not found or error.type_name != "SCHEMAV_ELEMENT_CONTENT" or "not expected" not in error.message:
                continue
            namespace = found[1][1:].partition("}")[0] if found[1].startswith("{") else ""
            if namespace not in self.newer or found[1] in self.known:
                continue
            newer = next((kid for kid in node.iter(found[1]) if kid is not node), None)
            above = newer.getparent() if newer is not None else None
            if newer is None or above is None:
                continue
            if but is None or next(newer.iterancestors(but), None) is None:
                report.add("NEWER", newer, item=short(found[1], self.prefixes))
            above.remove(newer)
            return True
        return False

    def _tell(self, error: Any, node: etree._Element, report: Report) -> None:
        said = _ELEMENT.match(error.message)
        path = self._path(error.path or "", node, report)
        name = short(said[1], self.prefixes) if said else ""
        rest = error.message[said.end():] if said else error.message
        told: dict[str, Any] = {"line": error.line or None, "path": path}
        expected = self._expected(rest)
        if error.type_name == "SCHEMAV_ELEMENT_CONTENT" and expected is not None:
            if rest.startswith("Missing"):
                report.add("INCOMPLETE", item=name, expected=expected, **told)
            elif since := self._since(path, name):
                report.add("SINCE", value=name, item=name, since=since, version=self.version, **told)
            else:
                report.add("NOT-EXPECTED", value=name, item=name,
                           expected=expected + self._why(error, node, report), **told)
        elif error.type_name == "SCHEMAV_ELEMENT_CONTENT" and (since := self._since(path, name)):
            report.add("SINCE", value=name, item=name, since=since, version=self.version, **told)
        elif error.type_name == "SCHEMAV_ELEMENT_CONTENT":
            report.add("NOT-EXPECTED", value=name, item=name,
                       expected="nothing more" + self._why(error, node, report), **told)
        elif value := _VALUE.search(rest):
            attribute = f"/@{said[2]}" if said and said[2] else ""
            report.add("VALUE", value=value[1][:SHOWN], item=name + attribute,
                       expected=_WORDS.get(value[2], value[2]) + _why(value[1], value[2]), **told)
        elif missing := _REQUIRED.search(rest):
            report.add("NO-ATTRIBUTE", item=name, expected=missing[1], **told)
        elif said and said[2] and "is not allowed" in rest:
            report.add("ATTRIBUTE", value=said[2][:SHOWN], item=name, **told)
        else:
            report.add("INVALID", item=name or path, reason=self._plain(rest), **told)

    def _why(self, error: Any, node: etree._Element, report: Report) -> str:
        """What the facts say of an element that must not stand where it does."""
        if report.total >= LIMIT:
            return ""
        at = found_at(node, error.path or "", 1)
        reason = why(at, self.content, lambda tag: short(tag, self.prefixes)) if at is not node else None
        return f" ({reason})" if reason else ""

    def _since(self, path: str, name: str) -> str | None:
        """The later version that allows an element here."""
        around = path.split("/")[-2].partition("[")[0] if "/" in path else ""
        return self.later(self.version).get((around, name))

    def _expected(self, text: str) -> str | None:
        """The names that the schema would accept, the first of them if there are many."""
        found = _EXPECTED.search(text)
        if found is None:
            return None
        names = [short(name, self.prefixes) for name in found[1].split(", ")]
        more = f" or {len(names) - 8} others" if len(names) > 8 else ""
        return " or ".join(names[:8]) + more

    def _plain(self, text: str) -> str:
        """A complaint without the long namespaces."""
        plain = _TAG.sub(lambda found: short(f"{{{found[1]}}}{found[2]}", self.prefixes), " ".join(text.split()))
        return plain[:300].rstrip(".")

    def _path(self, path: str, node: etree._Element, report: Report) -> str:
        """The path that libxml2 gives (from `node` on), continued above by that of the line it is part of."""
        root = short(str(node.tag), self.prefixes)
        below = path.lstrip("/").partition("/")[2]
        first, slash, rest = below.partition("/")
        for tag, number in report.numbers.items():
            if first.partition("[")[0] == short(tag, self.prefixes):
                below = f"{short(tag, self.prefixes)}[{number}]{slash}{rest}"
        above = report.path(node) if node.getparent() is not None else f"/{root}"
        return f"{above}/{below}" if below else above


def _why(value: str, kind: str) -> str:
    """What is wrong with a date or time that looks like one: the 30th of February."""
    if kind not in ("xs:date", "xs:time", "xs:dateTime"):
        return ""
    import xmlschema  # slow to load, and seldom needed

    try:
        xmlschema.XMLSchema.builtin_types()[kind.removeprefix("xs:")].validate(value)
    except xmlschema.XMLSchemaValidationError as wrong:
        reason = wrong.reason or ""
        return f" ({reason})" if reason and value not in reason else ""
    return ""
