"""Every method that the hub answers, as its own proto describes it."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, FileDescriptor, MethodDescriptor, ServiceDescriptor

from hub.rpc.pb.v1 import access_pb2


@dataclass(frozen=True, slots=True)
class Method:
    """`path` as it goes over the wire, the `right` that it asks for ("read" …), and the message it answers with."""

    path: str
    right: str
    reply: Descriptor


BORROWED = {"GetOperation": "read", "ListOperations": "read", "WaitOperation": "read", "CancelOperation": "plan",
            "DeleteOperation": "plan"}
"""The rights of google.longrunning.Operations, whose proto is not ours. What is not here is not answered."""


def methods_of(files: tuple[FileDescriptor, ...]) -> dict[str, Method]:
    """By path. A method whose proto names no right is left out, and so answers nobody."""
    found = {}
    for service in (service for file in files for service in file.services_by_name.values()):
        for method in service.methods:
            right = _right(service, method)
            if right is not None:
                path = f"/{service.full_name}/{method.name}"
                found[path] = Method(path, right, method.output_type)
    return found


def _right(service: ServiceDescriptor, method: MethodDescriptor) -> str | None:
    if service.full_name == "google.longrunning.Operations":
        return BORROWED.get(method.name)
    right = method.GetOptions().Extensions[access_pb2.right]
    return access_pb2.Right.Name(right).removeprefix("RIGHT_").lower() if right else None
