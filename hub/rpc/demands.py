"""What a request must have, read from its own proto: fields with the behaviour REQUIRED (AIP-203)."""

from __future__ import annotations

from functools import cache

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message as Protobuf

from hub.rpc.errors import Invalid


def demand(request: Protobuf) -> None:
    """Raises Invalid for the first required field that is empty; an `optional` one is empty when it was not set."""
    for name, presence in _required(request.DESCRIPTOR):
        if not (request.HasField(name) if presence else getattr(request, name)):
            raise Invalid(name, "is required.", reason="FIELD_REQUIRED")


@cache
def _required(kind: Descriptor) -> tuple[tuple[str, bool], ...]:
    return tuple(
        (field.name, field.has_presence) for field in kind.fields
        if field_behavior_pb2.REQUIRED in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    )
