"""What the printed page and the one in HTML share: addresses and answers in a few words."""

from __future__ import annotations

from hub.cli.explain_excerpt import visible
from hub.model.exchange import Address, Interchange

ANSWER_SHOWN = 3000
"""Characters of an acknowledgement."""
NUMBERS = frozenset({"quantity", "price", "ordered", "amount"})
"""Columns of numbers."""


def who(address: Address | None) -> str:
    """ "5412345000013 (14)"."""
    if address is None:
        return "nobody named"
    return visible(address.id + (f" ({address.qualifier})" if address.qualifier else ""))


def segments_of(content: bytes, head: Interchange) -> list[str]:
    """An acknowledgement, segment by segment."""
    end = "'" if head.format == "edifact" else head.syntax.get("segment", "\n")
    text = content.decode("utf-8", "replace")
    return [visible(line) for line in text.replace(end, end + "\n" if end != "\n" else end).splitlines()]
