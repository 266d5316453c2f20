"""What a request must have and may not say, read from its own proto: the field behaviours of AIP-203.

REQUIRED fields must be there, in nested messages too, where those are there. What the hub alone says (OUTPUT_ONLY) is
dropped from a request, whoever sends it back. No text holds a NUL, which no database could keep.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message as Protobuf

from hub.rpc.errors import Invalid

OURS = "cpfr.hub.v1."


def demand(request: Protobuf, at: str = "") -> None:
    """Raises Invalid for the first field at fault, by its path; an `optional` one is empty when it was not set."""
    rules = _rules(request.DESCRIPTOR)
    for name in rules.ours:
        request.ClearField(name)
    for name, presence in rules.required:
        if not (request.HasField(name) if presence else getattr(request, name)):
            raise Invalid(at + name, "is required.", reason="FIELD_REQUIRED")
    for name, repeated in rules.texts:
        for text in getattr(request, name) if repeated else (getattr(request, name),):
            if "\0" in text:
                raise Invalid(at + name, "must not hold a NUL.", reason="MALFORMED_TEXT")
    for name, repeated in rules.nested:
        for number, part in enumerate(_parts(request, name, repeated)):
            demand(part, f"{at}{name}[{number}]." if repeated else f"{at}{name}.")


def _parts(request: Any, name: str, repeated: bool) -> Any:
    if repeated:
        return getattr(request, name)
    return [getattr(request, name)] if request.HasField(name) else []


@dataclass(frozen=True, slots=True)
class _Rules:
    required: tuple[tuple[str, bool], ...]
    ours: tuple[str, ...]
    texts: tuple[tuple[str, bool], ...]
    nested: tuple[tuple[str, bool], ...]


@cache
def _rules(kind: Descriptor) -> _Rules:
    def behaves(field: FieldDescriptor, how: int) -> bool:
        return how in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]

    kept = [field for field in kind.fields if not behaves(field, field_behavior_pb2.OUTPUT_ONLY)]
    return _Rules(
        required=tuple((f.name, f.has_presence) for f in kept if behaves(f, field_behavior_pb2.REQUIRED)),
        ours=tuple(f.name for f in kind.fields if f not in kept),
        texts=tuple((f.name, f.is_repeated) for f in kept if f.type == FieldDescriptor.TYPE_STRING),
        nested=tuple((f.name, f.is_repeated) for f in kept
                     if f.message_type is not None and f.message_type.full_name.startswith(OURS)),
    )
