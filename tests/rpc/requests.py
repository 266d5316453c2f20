"""Requests made up from their own descriptors, for tests that send whatever may come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

KIND = FieldDescriptor
FILTERS = ("state = STATE_OPEN", "gtin = 1 OR gln:*", "NOT (quantity > 1e308)", "create_time < 2026-01-01T00:00:00Z",
           "number = \"*'\"", "((((", "agreement != agreements/retail", "first_week >= 2026-11-23 AND -author:*")
WHOLE = {KIND.TYPE_INT32: 31, KIND.TYPE_INT64: 63, KIND.TYPE_UINT32: 32, KIND.TYPE_UINT64: 64}


def of(kind: Descriptor, names: Sequence[str], depth: int = 3) -> st.SearchStrategy[Any]:
    """Messages of `kind` with any of their fields set; texts are often one of `names`."""
    fields = {field.name: _field(field, names, depth) for field in kind.fields if depth}
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: GetMessageClass(kind)(**values))


def _field(field: FieldDescriptor, names: Sequence[str], depth: int) -> st.SearchStrategy[Any]:
    one = _one(field, names, depth)
    return st.lists(one, max_size=3) if field.is_repeated else one


def _one(field: FieldDescriptor, names: Sequence[str], depth: int) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return of(field.message_type, names, depth - 1)
    if field.enum_type is not None:
        return st.sampled_from([*field.enum_type.values_by_number, 99])
    if field.type in WHOLE:
        most = 2 ** WHOLE[field.type] - 1
        least = 0 if field.type in (KIND.TYPE_UINT32, KIND.TYPE_UINT64) else -most - 1
        return st.one_of(st.integers(0, 3), st.integers(least, most))
    if field.type in (KIND.TYPE_DOUBLE, KIND.TYPE_FLOAT):
        return st.floats(width=64 if field.type == KIND.TYPE_DOUBLE else 32)
    if field.type == KIND.TYPE_BOOL:
        return st.booleans()
    if field.type == KIND.TYPE_BYTES:
        return st.binary(max_size=40)
    return st.one_of(st.sampled_from([*names, *FILTERS, ""]), st.text(max_size=40))
