"""The facts of the standards agree with each other: code lists with elements, goldens with GS1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from hub.model.item import valid_gln, valid_gtin
from schemas import facts

HERE = Path(__file__).parent
ELEMENT = {
    "purpose": ("353", "1225"),
    "party_scheme": ("66", "3055"),
    "unit": ("355", "6411"),
    "measure": ("859", "6063"),
    "stock": ("673", None),
    "certainty": ("680", "4017"),
    "bucket": ("681", "2013"),
    "forecast_kind": ("675", None),
    "answer": ("587", "1225"),
    "line_answer": ("668", "1229"),
    "authorization": ("287", None),
    "prepriced": ("288", None),
    "price_change": ("259", None),
    "promotion_purpose": ("423", None),
    "maintenance": ("875", None),
}


def _elements(format: str) -> dict[str, facts.Element]:
    release = {"x12": "004010", "edifact": "D96A"}[format]
    uses = [use for segment in facts.dictionary(format, release).segments.values() for use in segment.uses]
    uses += [part for use in uses for part in use.parts]
    return {use.number: use.element for use in uses if use.element}


@pytest.mark.parametrize("concept", sorted(ELEMENT))
@pytest.mark.parametrize("format", ["x12", "edifact"])
def test_a_code_stands_for_one_word_and_is_in_the_standards_list(concept: str, format: str) -> None:
    number = ELEMENT[concept][format == "edifact"]
    words: dict[str, str] = {}
    for word, codes in facts.codes(concept, format).items():
        for code in codes:
            assert words.setdefault(code, word) == word
            allowed = _elements(format)[str(number)].codes
            assert allowed is None or code in allowed


@pytest.mark.parametrize("format", [X12(), Edifact()], ids=lambda format: format.name)
def test_every_table_of_the_standards_loads(format: X12 | Edifact) -> None:
    ours = [name for name in facts.message_tables() if name.startswith(f"{format.name}/")]
    assert format.tables.check() == len(ours) > 4


@pytest.mark.parametrize("format", ["x12", "edifact"])
def test_every_syntax_note_speaks_of_elements_that_the_segment_has(format: str) -> None:
    for segment in facts.dictionary(format, {"x12": "004010", "edifact": "D96A"}[format]).segments.values():
        for kind, positions in segment.notes:
            assert kind in "PRECL"
            assert len(positions) > 1
            assert max(positions) <= len(segment.uses)


def test_an_older_release_writes_shorter_dates_and_a_newer_one_longer_references() -> None:
    def longest(tag: str, at: int) -> list[int]:
        segments = [facts.dictionary("x12", release).segments[tag] for release in ("003040", "004010", "005010")]
        return [element.max for segment in segments if (element := segment.uses[at - 1].element)]

    assert longest("BEG", 5) == [6, 8, 8]
    assert longest("REF", 2) == [30, 30, 50]


def _values(value: Any) -> Iterator[dict[str, Any]]:
    """All objects in a JSON value."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _values(one)


@pytest.mark.parametrize("golden", sorted(HERE.glob("*/pass/*.json")), ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_goldens_name_items_and_places_with_right_check_digits(golden: Path) -> None:
    for value in _values(json.loads(golden.read_text(encoding="utf-8"))):
        if value.get("gtin"):
            assert valid_gtin(value["gtin"]) == value["gtin"]
        for key in ("id", "location"):
            if value.get("scheme") == "gln" and value.get(key):
                valid_gln(value[key])
