"""What the type of a model's field says about the rows that fill it."""

from __future__ import annotations

import types
import typing
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Inner = tuple[type, bool, frozenset[str] | None]


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model. Types that were named before they were there (an item holds units, a unit items) are found
    now: with all that pydantic then builds, this is dear, and few need it."""
    if not model.__pydantic_fields_complete__:
        model.model_rebuild()
    return model.model_fields


def unwrapped(annotation: Any) -> Inner:
    """The inner type of a field, whether it holds many, and its words where it is a Literal."""
    return _unwrapped(annotation)


@lru_cache(maxsize=2048)
def _unwrapped(annotation: Any) -> Inner:
    many = False
    while True:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (types.UnionType, typing.Union):
            annotation = next(a for a in arguments if a is not type(None))
        elif origin is tuple:
            annotation, many = arguments[0], True
        elif origin is typing.Literal:
            return str, many, frozenset(arguments)
        elif origin is typing.Annotated:
            annotation = arguments[0]
        else:
            return annotation, many, None
