"""What the printed page and the one in HTML share: documents, addresses and answers in a few words."""

from __future__ import annotations

from typing import Any

from hub.cli.explain_excerpt import visible
from hub.model.bulk import Bulk
from hub.model.exchange import Address, Document, Interchange

ANSWER_SHOWN = 3000
"""Characters of an acknowledgement."""
LINES = ("lines", "transactions", "items", "units")
"""Where a document keeps its lines: the first of these that it has."""


def body(document: Document, max_lines: int) -> dict[str, Any]:
    """The document as plain values; of a long frame only the first lines, beside their true number."""
    return document.as_json(max_lines) if isinstance(document, Bulk) else document.model_dump(mode="json")


def lines_of(held: dict[str, Any], max_lines: int = 1_000_000) -> tuple[list[dict[str, Any]], int]:
    """The lines (taken out of `held`), and how many there are."""
    for name in LINES:
        if held.get(name):
            rows = held.pop(name)
            return list(rows[:max_lines]), int(held.pop("line_count", len(rows)))
    return [], int(held.pop("line_count", 0))


def short(value: object) -> str:
    """A party as "name (id)", a list as its number, anything else as it is."""
    if isinstance(value, dict):
        name, id = value.get("name"), value.get("id")
        said = f"{name} ({id})" if name and id else name or id
        return visible(str(said or " ".join(f"{k} {short(v)}" for k, v in value.items() if v not in (None, [], {}))))
    if isinstance(value, list | tuple):
        return ", ".join(map(short, value)) if len(value) <= 3 else f"{len(value)} entries"
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    return "" if value is None else visible(str(value))


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
