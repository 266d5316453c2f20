"""Models from values that are known to be right, without asking pydantic again.

Every value comes out of a codec whose kind was compared with its field when the table was compiled, so validating could
only find what cannot be. `TRUSTED = False` validates nevertheless; models that validate more than types always are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from operator import is_
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

TRUSTED = True
_SET_VALUES = BaseModel.__dict__["__dict__"].__set__
_SET_GIVEN = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_SET_EXTRA = BaseModel.__dict__["__pydantic_extra__"].__set__
_SET_PRIVATE = BaseModel.__dict__["__pydantic_private__"].__set__


def is_plain(model: type[BaseModel]) -> bool:
    """Whether a model checks nothing but types, so that right types make a right value."""
    decorators = model.__pydantic_decorators__
    return not (
        decorators.validators
        or decorators.field_validators
        or decorators.root_validators
        or decorators.model_validators
        or model.model_config.get("validate_default")
        or any(field.metadata or field.default_factory for field in model.model_fields.values())
    )


def make(model: type[BaseModel], columns: Mapping[str, list[Any]], height: int) -> list[Any]:
    """One model per row of the columns; None means not given. Raises ValidationError only when it validates."""
    if not (TRUSTED and is_plain(model)):
        names = tuple(columns)
        rows = zip(*columns.values(), strict=True) if columns else [()] * height
        return [model(**{n: v for n, v in zip(names, row, strict=True) if v is not None}) for row in rows]
    given = _given(columns, height)
    fields = tuple(model.model_fields)
    values = zip(
        *(_filled(columns.get(name), field, height) for name, field in model.model_fields.items()), strict=True
    )
    new, made = model.__new__, []
    for row, names_given in zip(values, given, strict=True):
        one = new(model)
        _SET_VALUES(one, dict(zip(fields, row)))  # noqa: B905 - as long as each other, and this is the hottest line
        _SET_GIVEN(one, names_given)
        _SET_EXTRA(one, None)
        _SET_PRIVATE(one, None)
        made.append(one)
    return made


def lacks(column: list[Any]) -> bool:
    """Whether a value is None; by identity, because to compare a Decimal with anything is dear."""
    return any(map(is_, column, repeat(None)))


def _filled(column: list[Any] | None, field: FieldInfo, height: int) -> Iterable[Any]:
    """The values of a field, its default where nothing was given."""
    default = None if field.is_required() else field.default
    if column is None:
        return repeat(default, height)
    return column if default is None else [default if value is None else value for value in column]


def _given(columns: Mapping[str, list[Any]], height: int) -> Iterable[set[str]]:
    """For each row the names of the fields that were given; rows with the same ones share a set."""
    mixed = {name: column for name, column in columns.items() if lacks(column)}
    always = columns.keys() - mixed.keys()
    mixed = {name: column for name, column in mixed.items() if not all(map(is_, column, repeat(None)))}
    if not mixed:
        return repeat(set(always), height)
    known: dict[tuple[bool, ...], set[str]] = {}
    patterns = list(zip(*([value is None for value in column] for column in mixed.values()), strict=True))
    for pattern in set(patterns):
        known[pattern] = always | {name for name, none in zip(mixed, pattern, strict=True) if not none}
    return map(known.__getitem__, patterns)
