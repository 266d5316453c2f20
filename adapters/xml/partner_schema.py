"""A partner's own XML schema, laid over ours: a document must pass both.

    [xsd]                                  # in profile.toml
    "ubl/Order" = "order.xsd"              # the file xsd/order.xsd in the partner's directory, which may include others

It is compiled twice, and both times nothing can be reached but the partner's own files: by libxml2, which is fast, and
by xmlschema, which explains one rejected element in words. A file with a DOCTYPE, or one that asks for a file that is
not there, is refused when the partner is applied.
"""

from __future__ import annotations

import posixpath
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from adapters.xml.door import Limits, Refused, whole
from adapters.xml.report import Report, found_at
from hub.errors import BrokenTable

if TYPE_CHECKING:
    import xmlschema

XS = "{http://www.w3.org/2001/XMLSchema}"
ASKING = (f"{XS}include", f"{XS}import", f"{XS}redefine", f"{XS}override")
FOLDER = "xsd/"
SETTING = "xsd/profile"
"""Under this name the overlays of a partner say which file is for which document, one pair in each line."""
SHELF = "https://partner.invalid/"
"""Where the partner's files seem to be while they are compiled; no such place can exist (RFC 2606)."""
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


class _Resolver(etree.Resolver):
    """The same for libxml2."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def resolve(self, url: str | None, public_id: str | None, context: Any) -> Any:
        name = (url or "").removeprefix(SHELF)
        return self.resolve_string(self.texts.get(name, ""), context, base_url=url)


@dataclass(frozen=True, slots=True)
class Compiled:
    """`fast` says whether, `friendly` says why not. `name` is the file."""

    name: str
    fast: etree.XMLSchema
    friendly: xmlschema.XMLSchema

    def why(self, node: etree._Element) -> str | None:
        """What is wrong with one element itself, whatever is inside of its children; None where nothing is found."""
        declared = self._declared(node)
        if declared is None:
            return None
        bare = etree.Element(node.tag, dict(node.attrib), nsmap=node.nsmap)
        bare.text = node.text
        for kid in node.iterchildren("*"):
            etree.SubElement(bare, kid.tag)
        for error in declared.iter_errors(bare):
            if error.elem is bare and error.reason:
                return str(error.reason)
        return None

    def _declared(self, node: etree._Element) -> Any:
        """The declaration of an element: found from the next one above that is declared by itself."""
        way = [node]
        while str(way[0].tag) not in self.friendly.maps.elements:
            above = way[0].getparent()
            if above is None:
                return None
            way.insert(0, above)
        found: Any = self.friendly.maps.elements[str(way[0].tag)]
        for step in way[1:]:
            content: Any = getattr(found.type, "content", None)
            kids = content.iter_elements() if hasattr(content, "iter_elements") else ()
            found = next((kid for kid in kids if kid.name == step.tag), None)
            if found is None:
                return None
        return found.ref if found.ref is not None else found


@lru_cache(maxsize=64)
def compiled(main: str, files: tuple[tuple[str, str], ...]) -> Compiled:
    """The schema that begins in `main`. Raises BrokenTable, in words for whoever wrote it."""
    import xmlschema  # slow to load, and most partners have no schema of their own

    from adapters.xml.partner_files import Files

    texts = {name: _DECLARATION.sub("", text) for name, text in files}
    _check(main, texts)
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    parser.resolvers.add(_Resolver(texts))
    try:
        fast = etree.XMLSchema(etree.fromstring(texts[main].encode(), parser, base_url=SHELF + main))
        with warnings.catch_warnings():
            warnings.simplefilter("error", xmlschema.XMLSchemaIncludeWarning)
            warnings.simplefilter("error", xmlschema.XMLSchemaImportWarning)
            friendly = xmlschema.XMLSchema(SHELF + main, allow="remote", defuse="always", opener=Files(SHELF, texts))
    except (etree.XMLSchemaParseError, xmlschema.XMLSchemaException, Warning) as wrong:
        raise BrokenTable(f"{main}: {' '.join(str(wrong).split())[:300]}") from None
    return Compiled(main, fast, friendly)


def _check(main: str, texts: Mapping[str, str]) -> None:
    """Raises BrokenTable for a file that is absent, broken, or asks for one that is."""
    waiting, seen = [main], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in texts:
            raise BrokenTable(f"{name} is not among the partner's files")
        try:
            root = whole(iter((texts[name].encode(),)), Limits())
        except Refused as refused:
            raise BrokenTable(f"{name}: {refused.finding.message}") from None
        waiting += _asked(name, root)


def _asked(name: str, root: etree._Element) -> Iterator[str]:
    for row in root.iterchildren(*ASKING):
        location = row.get("schemaLocation")
        if location is None:
            continue
        asked = posixpath.normpath(posixpath.join(posixpath.dirname(name), location))
        if ":" in location or location.startswith("/") or asked.startswith(".."):
            raise BrokenTable(f"{name} asks for {location}, which is not in the partner's directory")
        yield asked


@dataclass(slots=True)
class PartnerJudge:
    """One partner's schema as a judge of one document, beside `validate.Judge`."""

    compiled: Compiled
    head: etree._Element | None = None
    """The document without its lines: what a line is judged in where the schema does not declare lines by themselves.
    """
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @property
    def schema(self) -> PartnerJudge:
        return self

    def validate(self, node: etree._Element) -> bool:
        return self.compiled.fast.validate(node if self._alone(node) else self._within(node))

    def _alone(self, node: etree._Element) -> bool:
        known = str(node.tag) in self.compiled.friendly.maps.elements
        return self.head is None or node.tag == self.head.tag or known

    def _within(self, line: etree._Element) -> etree._Element:
        around = _copy(self.head) if self.head is not None else line
        around.append(_copy(line))
        return around

    def holds(self, node: etree._Element, report: Report, but: str | None = None, only: str | None = None) -> bool:
        """What `validate.Judging` says."""
        if but is not None:
            self.head = _copy(node)
            for kid in self.head.findall(but):
                self.head.remove(kid)
        if self.validate(node):
            return True
        told = 0
        for error in self.compiled.fast.error_log:
            at = found_at(node, error.path or "", 1 if self._alone(node) else 2)
            if (but is None or not _inside(at, but)) and (only is None or _inside(at, only)):
                self._tell(error, at, report)
                told += 1
        return only is not None and not told

    def _tell(self, error: Any, at: etree._Element, report: Report) -> None:
        about = at
        if error.type_name == "SCHEMAV_ELEMENT_CONTENT" and "not expected" in error.message:
            above = at.getparent()
            about = above if above is not None else at
        reason = self.compiled.why(about) or error.message.partition(": ")[2]
        report.add("PARTNER-XSD", at, (at.text or "").strip()[:80] or None, item=etree.QName(at).localname,
                   reason=_plain(reason), schema=self.compiled.name)


def _inside(node: etree._Element, tag: str) -> bool:
    return node.tag == tag or next(node.iterancestors(tag), None) is not None


def _copy(node: etree._Element) -> etree._Element:
    """A document of its own."""
    return etree.fromstring(etree.tostring(node, with_tail=False))


def _plain(text: str) -> str:
    """A reason without namespaces, as one clause."""
    return re.sub(r"\{[^{}]*\}", "", " ".join(text.split())).rstrip(".")[:300]


class PartnerSchemas:
    """The schemas of all partners, out of their overlays."""

    def __init__(self, overlays: Mapping[str, Mapping[str, str]]) -> None:
        self.files = {
            partner: tuple(sorted((name.removeprefix(FOLDER), text) for name, text in rows.items()
                                  if name.startswith(FOLDER) and name != SETTING))
            for partner, rows in overlays.items() if SETTING in rows}
        self.settings = {partner: dict(line.split("=", 1) for line in overlays[partner][SETTING].splitlines())
                         for partner in self.files}

    def judge(self, partner: str | None, document: str) -> PartnerJudge | None:
        """Who judges a document ("ubl/Order") of that partner by its own schema; None where it has none. Raises
        BrokenTable."""
        main = self.settings.get(partner or "", {}).get(document)
        return PartnerJudge(compiled(main, self.files[str(partner)])) if main else None

    def check(self) -> None:
        """Compile all of them. Raises BrokenTable for the first wrong one."""
        for partner, rows in self.settings.items():
            for document in rows:
                self.judge(partner, document)
