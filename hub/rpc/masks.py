"""Field masks: `read_mask` says which fields of a resource travel (AIP-157), `update_mask` which change (AIP-134)."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message as Protobuf

from hub.rpc.errors import Invalid

LONGEST = 100
"""Paths in one mask."""


def resource_of(reply: Descriptor) -> tuple[str | None, Descriptor]:
    """What a read mask speaks of: the rows of a listing or of a batch, by the name of their field, or the reply itself
    (None)."""
    rows = [field for field in reply.fields if field.is_repeated and field.message_type is not None]
    if len(rows) == 1 and ("next_page_token" in reply.fields_by_name or len(reply.fields) == 1):
        field = rows[0]
        assert field.message_type is not None  # noqa: S101  (for the types: that is how it was chosen)
        return field.name, field.message_type
    return None, reply


def check(request: Any, reply: Descriptor) -> None:
    """Raises Invalid for a read mask that names what the resource does not have."""
    if "read_mask" in request.DESCRIPTOR.fields_by_name and request.HasField("read_mask"):
        known(request.read_mask, resource_of(reply)[1], "read_mask")


def known(mask: FieldMask, kind: Descriptor, field: str) -> None:
    """Raises Invalid for a path that `kind` does not have; `*` alone means all."""
    if len(mask.paths) > LONGEST:
        raise Invalid(field, f"must not name more than {LONGEST} fields.", reason="MALFORMED_MASK")
    if list(mask.paths) != ["*"] and not mask.IsValidForDescriptor(kind):
        raise Invalid(field, f"names a field that {kind.name} does not have.", reason="MALFORMED_MASK")


def masked(request: Any, reply: Any) -> Any:
    """The reply with nothing but what the request's read mask names."""
    if "read_mask" not in request.DESCRIPTOR.fields_by_name or not request.HasField("read_mask"):
        return reply
    if list(request.read_mask.paths) in ([], ["*"]):
        return reply
    rows, _ = resource_of(reply.DESCRIPTOR)
    if rows is None:
        return _only(request.read_mask, reply)
    kept = [_only(request.read_mask, row) for row in getattr(reply, rows)]
    reply.ClearField(rows)
    getattr(reply, rows).extend(kept)
    return reply


def _only(mask: FieldMask, whole: Protobuf) -> Protobuf:
    part = type(whole)()
    mask.MergeMessage(whole, part)
    return part
