"""Models from values that are known to be right, without asking pydantic again.

Every value comes out of a codec whose kind was compared with its field when the table was compiled, so validating could
only find what cannot be. `TRUSTED = False` validates nevertheless; models that validate more than types always are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

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


def make(model: type[BaseModel], names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """One model per row of values, in the order of `names`; None means not given. Raises ValidationError only when it
    validates."""
    if not (TRUSTED and is_plain(model)):
        return [model(**{n: v for n, v in zip(names, row, strict=True) if v is not None}) for row in rows]
    fields = tuple(model.model_fields)
    defaults = {name: field.default for name, field in model.model_fields.items() if not field.is_required()}
    new, made = model.__new__, []
    whole = set(names)
    known: dict[tuple[bool, ...], set[str]] = {}
    ordered = tuple(names) == fields
    for row in rows:
        one = new(model)
        if None in row:
            pattern = tuple([value is None for value in row])
            given = known.get(pattern)
            if given is None:
                given = known[pattern] = {name for name, none in zip(names, pattern, strict=True) if not none}
            values = {**defaults, **{n: v for n, v in zip(names, row, strict=True) if v is not None}}
            if not ordered or len(values) != len(fields):
                values = {name: values[name] for name in fields}
        else:
            given = whole
            values = dict(zip(names, row, strict=True))
            if not ordered:
                values = {name: values[name] if name in values else defaults[name] for name in fields}
        _SET_VALUES(one, values)
        _SET_GIVEN(one, given)
        _SET_EXTRA(one, None)
        _SET_PRIVATE(one, None)
        made.append(one)
    return made
