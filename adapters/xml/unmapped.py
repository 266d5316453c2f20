"""What a document carries and no row reads: told once for each place, never dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Set

from lxml import etree

from adapters.xml.report import Report, short

QUIET = re.compile(r"\{http://www\.w3\.org/2001/XMLSchema-instance\}\w+|\w*(Agency|Version|URI|CodeList)\w*")
"""Attributes that say nothing about the content: who keeps a code list, in which version, and where."""


def tell_unmapped(node: etree._Element, known: Set[tuple[str, ...]], report: Report, told: set[tuple[str, ...]],
                  way: tuple[str, ...] = ()) -> None:
    """One note for each place below `node` that holds something and that no row reads; `told` remembers them. `way`
    leads from the root to `node`."""
    _walk(node, way, known, report, told)


def _walk(node: etree._Element, way: tuple[str, ...], known: Set[tuple[str, ...]], report: Report,
          told: set[tuple[str, ...]]) -> None:
    for kid in node.iterchildren("*"):
        here = (*way, str(kid.tag))
        if here in told:
            continue
        if here not in known and not any(at[:len(here)] == here for at in known):
            if any(text.strip() for text in kid.itertext()):
                told.add(here)
                report.add("UNMAPPED", kid, item=f"the element {_said(here, report)}")
            continue
        for name in kid.attrib:
            at = (*here, f"@{name}")
            if at not in known and at not in told and not QUIET.fullmatch(str(name)):
                told.add(at)
                report.add("UNMAPPED", kid, item=f"the attribute {_said(here, report)}/@{name}")
        _walk(kid, here, known, report, told)


def _said(way: tuple[str, ...], report: Report) -> str:
    return "/".join(short(tag, report.prefixes) for tag in way)
