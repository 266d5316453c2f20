"""What a document carries and no row reads: told once for each place, never dropped in silence."""

from __future__ import annotations

import re

from lxml import etree

from adapters.xml.report import Report, short
from adapters.xml.table import Table

QUIET = re.compile(r"\{http://www\.w3\.org/2001/XMLSchema-instance\}\w+|\w*(Agency|Version|URI|CodeList)\w*")
"""Attributes that say nothing about the content: who keeps a code list, in which version, and where."""


def tell_unmapped(node: etree._Element, table: Table, report: Report, told: set[tuple[str, ...]],
                  way: tuple[str, ...] = ()) -> None:
    """One note for each place below `node` that holds something and that no row reads; `told` remembers them. `way`
    leads from the root to `node`."""
    for kid in node.iterchildren("*"):
        here = (*way, str(kid.tag))
        if here in told:
            continue
        if not _known(kid, here, table):
            if any(text.strip() for text in kid.itertext()):
                told.add(here)
                report.add("UNMAPPED", kid, item=f"the element {_said(here, report)}")
            continue
        for name in kid.attrib:
            at = (*here, f"@{name}")
            if at not in table.known and at not in told and not QUIET.fullmatch(str(name)):
                told.add(at)
                report.add("UNMAPPED", kid, item=f"the attribute {_said(here, report)}/@{name}")
        tell_unmapped(kid, table, report, told, here)


def _known(kid: etree._Element, here: tuple[str, ...], table: Table) -> bool:
    """Whether a row reads this element or something inside of it, and not only under a condition that it fails."""
    if here not in table.known and not any(at[:len(here)] == here for at in table.known):
        return False
    conditions = table.only.get(here)
    return conditions is None or any(all(test.holds(kid) for test in tests) for tests in conditions)


def _said(way: tuple[str, ...], report: Report) -> str:
    return "/".join(short(tag, report.prefixes) for tag in way)
