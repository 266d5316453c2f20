"""What one dialect says and another has no place for is refused or named: nothing of a document vanishes in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import BaseModel

from adapters.mapping.codecs import MUTUAL
from adapters.mapping.part import Part
from hub.errors import Reject
from hub.model.party import Party
from hub.model.reference import Reference
from tests.messages.drawn import whole
from tests.messages.test_messages import ENVELOPE, FORMATS, documents, plain, read
from tests.messages.test_random import joined

KNOWN: dict[str, Any] = dict(FORMATS)
PAIRS = [
    ("x12/004010/850", "edifact/D96A/ORDERS"),
    ("edifact/D96A/ORDERS", "x12/004010/850"),
    ("x12/004010/860", "edifact/D96A/ORDCHG"),
    ("x12/004010/855", "edifact/D96A/ORDRSP"),
    ("x12/004010/810", "edifact/D96A/INVOIC"),
    ("edifact/D96A/INVOIC", "x12/004010/810"),
]


def differing(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The fields that say something in `before` and not the same in `after`."""
    if isinstance(before, BaseModel) and isinstance(after, BaseModel):
        for name, field in type(before).model_fields.items():
            if getattr(before, name) not in (None, (), field.default):
                yield from differing(getattr(before, name), getattr(after, name), f"{path}.{name}" if path else name)
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from differing(one, other, path)
    elif before != after and after != MUTUAL:
        yield path


def carried(value: Any, part: Part) -> Any:
    """The document without the fields for which it would be refused: those that the part has no place for, and that
    matter to everybody."""
    said = part.said() | getattr(part.model, "spare", frozenset())
    fields = {name: field for name, field in part.model.model_fields.items() if not field.is_required()}
    kept: dict[str, Any] = {name: field.default for name, field in fields.items() if name not in said}
    for loop in part.loops:
        below = getattr(value, loop.name)
        kept[loop.name] = tuple(carried(one, loop.part) for one in below) if isinstance(below, tuple) else (
            below and carried(below, loop.part))
    return value.model_copy(update=kept)


@pytest.mark.parametrize(("source", "target"), PAIRS, ids=lambda name: name.replace("/", "-"))
def test_every_field_is_there_again_or_named(source: str, target: str) -> None:
    format = KNOWN[target.split("/")[0]]
    message = KNOWN[source.split("/")[0]].tables.get(source)
    written = refused = 0

    @settings(max_examples=300, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(whole(message, source.split("/")[0]))
    def there(document: Any) -> None:
        nonlocal written, refused
        document = carried(document, format.tables.get(target).part)
        try:
            content = format.write(target, [document], ENVELOPE, None)
        except Reject:
            refused += 1
            return
        written += 1
        named = {f.where.path for f in format.left_out(target, document, None)}
        again = joined(documents(target, content))
        silent = [at for at in differing(document, again) if not any(f"{n}.".startswith(f"{at}.") for n in named)]
        assert silent == []

    there()
    assert written >= 40, f"too few to prove anything: {refused} were refused"


def test_a_field_without_a_place_is_named_with_its_path_and_how_often() -> None:
    [path] = [p for p in KNOWN["x12"].tables.names() if p == "x12/004010/850"]
    order = documents_of_golden(path)
    party = Party(id="9012345000011", scheme="gln", name="SHOP", name_2="BACK DOOR")
    told = order.model_copy(update={"buyer": party, "references": (Reference(kind="project", number="1", line="7"),)})
    assert [f.where.path for f in KNOWN["x12"].left_out(path, told, None)] == ["references.line", "references.kind"]
    [named] = [f for f in KNOWN["edifact"].left_out("edifact/D96A/ORDERS", told, None) if "name_2" in f.message]
    assert named.code == "W-EDIFACT-LOST-FIELD"
    assert named.message.startswith("buyer.name_2 (1 times) was left out")


def documents_of_golden(table: str) -> Any:
    """A plain order."""
    from tests.edi.samples import ORDER, st, x12

    [reading] = read(table, x12(st(ORDER)).encode())
    assert plain(reading.document)  # type: ignore[arg-type]
    return reading.document
