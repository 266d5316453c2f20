"""Models from values that are known to be right, without asking pydantic again.

Every value comes out of a codec whose kind was compared with its field when the table was compiled, so validating could
only find what cannot be. `TRUSTED = False` validates nevertheless; models that validate more than types always are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import repeat
from operator import is_, setitem
from typing import Any, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)
TRUSTED = True
AT_ONCE = 256
"""So many models are made side by side: more do not fit the processor's cache."""
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


def make(
    model: type[BaseModel], columns: Mapping[str, list[Any]], height: int, full: Collection[str] = ()
) -> list[Any]:
    """One model per row of the columns; None means not given. `full` names columns that are known to have no None.
    Raises ValidationError only when it validates.

    A model's values are a copy of its defaults in which each column is then set from top to bottom; no step runs a line
    of Python per model, which makes it three times as fast as a loop over rows.
    """
    if not (TRUSTED and is_plain(model)):
        names = tuple(columns)
        rows = zip(*columns.values(), strict=True) if columns else [()] * height
        return [model(**{n: v for n, v in zip(names, row, strict=True) if v is not None}) for row in rows]
    mixed = {name: column for name, column in columns.items() if name not in full and lacks(column)}
    partly = {name: column for name, column in mixed.items() if not all(map(is_, column, repeat(None)))}
    defaults = {name: None if field.is_required() else field.default for name, field in model.model_fields.items()}
    shared = {name for name, column in columns.items() if name not in mixed and _is_shared(column)}
    defaults |= {name: columns[name][0] for name in shared}
    varying: dict[str, list[Any]] = {}
    for name, column in columns.items():
        if name in partly and (default := defaults[name]) is not None:
            varying[name] = [default if value is None else value for value in column]
        elif name in partly or (name not in mixed and name not in shared):
            varying[name] = column
    given = iter(_given(columns.keys() - mixed.keys(), partly, height))
    made: list[Any] = []
    for start in range(0, height, AT_ONCE):
        count = min(AT_ONCE, height - start)
        values = list(map(dict.copy, repeat(defaults, count)))
        for name, column in varying.items():
            _each(setitem, values, repeat(name), column[start : start + count])
        some = list(map(model.__new__, repeat(model, count)))
        _fill(some, values, given)
        made += some
    return made


def changed(one: Model, **values: Any) -> Model:
    """A copy with other values of the right types, as `model_copy(update=values)` makes it."""
    if not TRUSTED:
        return one.model_copy(update=values)
    copy = type(one).__new__(type(one))
    _SET_VALUES(copy, one.__dict__ | values)
    given = one.__pydantic_fields_set__
    _SET_GIVEN(copy, given if values.keys() <= given else given | values.keys())
    _SET_EXTRA(copy, None)
    _SET_PRIVATE(copy, None)
    return copy


def copies(one: Model, shared: Mapping[str, Any], columns: Mapping[str, list[Any]]) -> list[Model]:
    """As many copies as the columns have rows, with the values of `shared` in all of them."""
    rows = zip(*columns.values(), strict=True)
    if not TRUSTED:
        return [one.model_copy(update={**shared, **dict(zip(columns, row, strict=True))}) for row in rows]
    height = len(next(iter(columns.values())))
    values = list(map(dict.copy, repeat({**one.__dict__, **shared}, height)))
    for name, column in columns.items():
        _each(setitem, values, repeat(name), column)
    made = list(map(type(one).__new__, repeat(type(one), height)))
    _fill(made, values, repeat(one.__pydantic_fields_set__ | shared.keys() | columns.keys()))
    return made


def _fill(made: list[Any], values: list[dict[str, Any]], given: Iterable[set[str]]) -> None:
    _each(_SET_VALUES, made, values)
    _each(_SET_GIVEN, made, given)
    _each(_SET_EXTRA, made, repeat(None))
    _each(_SET_PRIVATE, made, repeat(None))


def lacks(column: list[Any]) -> bool:
    """Whether a value is None; by identity, because to compare a Decimal with anything is dear."""
    return any(map(is_, column, repeat(None)))


def _is_shared(column: list[Any]) -> bool:
    """Whether every row has the very same value."""
    if not column or column[0] is not column[-1] or column[0] is not column[len(column) // 2]:
        return False
    return all(map(is_, column, repeat(column[0])))


def _each(call: Callable[..., object], *columns: Iterable[Any]) -> None:
    """Call with every row of the columns."""
    deque(map(call, *columns), maxlen=0)


def _given(always: Collection[str], partly: Mapping[str, list[Any]], height: int) -> Iterable[set[str]]:
    """For each row the names of the fields that were given; rows with the same ones share a set."""
    if not partly:
        return repeat(set(always), height)
    known: dict[tuple[bool, ...], set[str]] = {}
    patterns = list(zip(*([value is None for value in column] for column in partly.values()), strict=True))
    for pattern in set(patterns):
        known[pattern] = {*always, *(name for name, none in zip(partly, pattern, strict=True) if not none)}
    return map(known.__getitem__, patterns)
