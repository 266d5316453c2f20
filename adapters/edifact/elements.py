"""What a data element may hold (ISO 9735 section 10), and the dialect that the table engine reads with."""

from __future__ import annotations

import re

from adapters.edifact.packing import packing
from adapters.edifact.received import received
from adapters.mapping.dialect import Dialect
from schemas.facts import Element

_NUMBER = re.compile(r"-?(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)


def fault(element: Element, text: str) -> str | None:
    """The name of what is wrong with a text that is not empty; None when nothing is."""
    length = len(text)
    if element.type == "n":
        if not _NUMBER.fullmatch(text):
            return "NOT-NUMERIC"
        length -= text.count("-") + text.count(".") + text.count(",")
    elif not text.isprintable() or (element.type == "a" and any(c.isdigit() for c in text)):
        return "INVALID-CHARACTER"
    if element.codes is not None and text not in element.codes:
        return "UNKNOWN-CODE"
    if length < element.min:
        return "TOO-SHORT"
    return "TOO-LONG" if length > element.max else None


SHAPES = {"packing": packing, "received": received}
DIALECT = Dialect("edifact", "UNH", "UNT", fault, value_first=True, mark="decimal mark", shapes=SHAPES)
