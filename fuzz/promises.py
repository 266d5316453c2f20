"""What every target checks with: the formats, what is told of an event, and that what was read can be written."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from adapters.edifact.format import Edifact
from adapters.mapping.carried import carried, only
from adapters.x12.format import X12
from hub.errors import Finding, Reject, Severity
from hub.model.despatch import Despatch
from hub.model.exchange import Address, Closing, Document, Envelope, Event, Numbers, Reading, Remark
from hub.ports import Guide

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBERS = Numbers(interchange=7, group=3, also=9)
ENVELOPE = Envelope(sender=Address(id="A"), receiver=Address(id="B"), numbers=NUMBERS, prepared_at=NOW)
FORMATS: dict[str, X12 | Edifact] = {"x12": X12(), "edifact": Edifact()}


class Wrong(AssertionError):
    """What a target promises does not hold."""


def demand(holds: object, what: str, *about: object) -> None:
    if not holds:
        raise Wrong(f"{what}: {about!r}"[:2000])


def findings_of(event: Event) -> list[Finding]:
    if isinstance(event, Remark):
        return [event.finding]
    if isinstance(event, Closing):
        return [*event.findings, *(f for group in event.groups for f in group.findings)]
    return list(event.findings) if isinstance(event, Reading) else []


def written_again(reading: Reading, content: bytes) -> None:
    """What was read without a fault can be written again by its own table, or is refused with a sentence; and what we
    wrote we read without an error, as the same. Of segments that were sent twice one may be left out."""
    if reading.document is not None and reading.table is not None:
        clean = not any(f.severity is not Severity.INFO for f in reading.findings)
        rows = [row.strip() for row in re.split(rb"[~'\\^|\n]", content) if row.strip()]
        repeated = len(set(rows)) < len(rows)
        _again(reading.interchange.format, reading.table, reading.document, clean, repeated)


def _again(name: str, table: str, document: Document, clean: bool, repeated: bool) -> None:
    try:
        content = FORMATS[name].write(table, [document], ENVELOPE, None)
    except Reject as refused:
        demand(str(refused), "a sentence")
        return
    found = list(FORMATS[name].read(io.BytesIO(content), lambda _: Guide()))
    errors = [f for event in found for f in findings_of(event) if f.severity is Severity.ERROR]
    demand(not clean or not errors, "what we write is right", content, errors[:2])
    documents = [event.document for event in found if isinstance(event, Reading)]
    if clean and len(documents) == 1 and documents != [document]:
        lost = carried(FORMATS[name].tables.get(table), document).lost  # what stands aside may be left out, by name
        fewer = repeated or bool(lost)  # a number that stands there anyway goes with the day that was told of it
        same = _holds(only(document, _nothing), only(documents[0], _nothing), fewer)
        spare = lost or repeated or _holds(document, documents[0], False)
        demand(spare and same, "it says the same", lost, document, documents)


def _nothing(path: str) -> bool:
    return False


def _holds(said: object, again: object, fewer: bool) -> bool:
    """Whether both say the same; of several there may be `fewer`."""
    if said == again or not (isinstance(said, BaseModel) and isinstance(again, BaseModel)):
        return said == again
    one, other = _meant(said), _meant(again)
    return one == other or (fewer and all(
        one.get(name) == other.get(name)
        or (isinstance(one.get(name), list) and set(map(repr, other.get(name, ()))) <= set(map(repr, one[name])))
        for name in one.keys() | other.keys()
    ))


def _meant(document: BaseModel) -> dict[str, Any]:
    """What a document says, without values that say nothing. In an advice of one order whatever is sent is of that."""
    said = document.model_dump(mode="json", exclude_none=True)
    orders = document.orders if isinstance(document, Despatch) else ()
    told: dict[str, Any] = _filled(_of_order(said, orders[0].number) if len(orders) == 1 else said)
    return told


def _of_order(content: Any, number: str | None) -> Any:
    if isinstance(content, dict):
        inside = {name: _of_order(one, number) for name, one in content.items()}
        items = [{"order_number": number, **one} for one in inside.get("items", ())]
        return inside | ({"items": items} if items else {})
    return [_of_order(one, number) for one in content] if isinstance(content, list) else content


def _filled(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: one for name, inside in content.items() if (one := _filled(inside)) not in ([], {})}
    if isinstance(content, list):
        return [one for inside in content if (one := _filled(inside)) not in ([], {})]
    return content
