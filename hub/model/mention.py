"""The numbers by which people speak of a document: its own, and those of others that it refers to."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from hub.model.bulk import Bulk
from hub.model.exchange import Document


def mentioned(document: Document) -> frozenset[str]:
    """Its own number, and every field called `…_number` of its head and of what its head lists (lines, packages)."""
    head = document.header if isinstance(document, Bulk) else document
    own = getattr(head, "number", None)
    listed = (part for _, value in head if isinstance(value, tuple) for part in value)
    return frozenset({*_numbers(head), *(n for part in listed if isinstance(part, BaseModel) for n in _numbers(part)),
                      *((own,) if own else ())})


def _numbers(part: BaseModel) -> Iterator[str]:
    for name in type(part).model_fields:
        if name.endswith("_number") and isinstance(value := getattr(part, name), str) and value:
            yield value
