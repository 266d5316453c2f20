"""What is written by templates is what the careful way writes: the same bytes, or the same refusal."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from adapters.mapping.message import Message
from adapters.mapping.templates import scribe
from hub.errors import Reject
from hub.model.exchange import Document, Envelope
from hub.model.order import Order
from tests.edi.test_x12_columns import switched
from tests.messages.test_messages import ENVELOPE, FORMATS, documents

PASS = sorted((Path(__file__).parents[1] / "messages").glob("*-*/pass/*.edi"))
TEXTS = ["", "0", "A", "ABC 1", "100%", "%s", "a*b", "a~b", "a>b", "a+b", "a'b", "a:b?", "x" * 90, "Käse", "日本", " ",
         "a ", "12", "-5", "1\n2", "\x1f", "\ue000", "0012", "4012345000016", "641520749044"]
NUMBERS = [Decimal(text) for text in ("0", "-0", "1.50", "-3", "1E+3", "0.000000001", "123456789012345678901", "1.0")]
DATES = [date(2026, 11, 22), date(1999, 1, 1), date(2049, 12, 31)]
VARIANTS = 40


def written(
    format: str, table: str, batch: Sequence[Document], templates: bool, envelope: Envelope = ENVELOPE
) -> bytes | str:
    """The bytes, or how they are refused."""
    with switched(scribe, "TEMPLATES", templates):
        try:
            content: bytes = FORMATS[format].write(table, batch, envelope, None)  # type: ignore[attr-defined]
            return content
        except (Reject, ValueError, KeyError) as refusal:
            return repr(refusal)


def varied(model: Any, rng: random.Random) -> Any:
    """A document that differs in one value, somewhere."""
    name = rng.choice(list(type(model).model_fields))
    value = getattr(model, name)
    if isinstance(value, BaseModel):
        new: Any = varied(value, rng)
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        at = rng.randrange(len(value))
        new = rng.choice(
            [(*value[:at], varied(value[at], rng), *value[at + 1 :]), (*value, varied(value[at], rng)), value[:at]]
        )
    elif isinstance(value, Decimal):
        new = rng.choice(NUMBERS)
    elif isinstance(value, date):
        new = rng.choice(DATES)
    elif isinstance(value, str) or value is None:
        new = rng.choice([*TEXTS, None])
    else:
        new = value
    try:
        return type(model).model_validate({n: getattr(model, n) for n in model.model_fields_set} | {name: new})
    except ValidationError:
        return model


@pytest.mark.parametrize("path", PASS, ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_whatever_a_document_holds_it_is_written_the_same_by_templates(path: Path) -> None:
    table = path.parts[-3].replace("-", "/")
    format, rng = table.split("/")[0], random.Random(7)
    for document in documents(table, path.read_bytes()):
        if not isinstance(document, BaseModel):
            continue
        batch = [document] * 2
        for _ in range(VARIANTS):
            batch += [varied(document, rng), document]
            batch.append(varied(varied(batch[-2], rng), rng))
        for one in batch:
            assert written(format, table, [one], True) == written(format, table, [one], False)
        some = [one for one in batch if isinstance(written(format, table, [one], False), bytes)]
        assert written(format, table, some, True) == written(format, table, some, False)


@pytest.mark.parametrize("table", ["x12/004010/850", "x12/005010/850", "edifact/D96A/ORDERS", "edifact/D01B/ORDERS"])
def test_orders_of_one_shape_are_written_the_careful_way_once(table: str) -> None:
    format = table.split("/")[0]
    path = next(path for path in PASS if path.parts[-3] == table.replace("/", "-") and path.stem == "small")
    first = next(one for one in documents(table, path.read_bytes()) if isinstance(one, Order))
    scribe._SCRIBES.clear()
    seen: list[Document] = []
    careful = Message.write

    def spy(self: Message, document: Document) -> Any:
        seen.append(document)
        return careful(self, document)

    batch = [first.model_copy(update={"number": f"PO{n}", "lines": first.lines * n}) for n in range(1, 9)]
    with switched(Message, "write", spy):
        quick = written(format, table, batch, True)
    assert len(seen) == 1
    assert quick == written(format, table, batch, False)


def test_other_delimiters_have_templates_of_their_own() -> None:
    table = "x12/004010/850"
    path = next(path for path in PASS if path.parts[-3] == "x12-004010-850")
    batch = documents(table, path.read_bytes()) * 3
    for syntax in ({}, {"element": "|", "segment": "!", "component": "<"}, {"segment": "\n"}, {"element": "P"}):
        envelope = ENVELOPE.model_copy(update={"syntax": syntax})
        assert written("x12", table, batch, True, envelope) == written("x12", table, batch, False, envelope)


@pytest.mark.parametrize("odd", ["14012345000013", "04012345000016", "", "0641520749044", "0064152O749044", "٠" * 14])
@pytest.mark.parametrize("table", ["x12/004010/850", "edifact/D96A/ORDERS"])
def test_article_numbers_of_many_lines_are_shortened_at_once_unless_one_is_longer(table: str, odd: str) -> None:
    path = next(path for path in PASS if path.parts[-3] == table.replace("/", "-"))
    first = next(one for one in documents(table, path.read_bytes()) if isinstance(one, Order))
    line = next(line for line in first.lines if line.gtin)
    numbers = [f"00{641520749000 + number}" for number in range(20)]
    for several in (numbers, [*numbers, odd], [odd, *numbers], [*numbers, odd, *numbers]):
        lines = tuple(line.model_copy(update={"gtin": number, "item_codes": ()}) for number in several)
        batch = [first.model_copy(update={"lines": lines})] * 3
        assert written(table.split("/")[0], table, batch, True) == written(table.split("/")[0], table, batch, False)
