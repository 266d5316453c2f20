"""What our protos promise beyond what the compiler checks: Google's AIPs 122, 131, 132, 158, 190, 192 and 203.

Every rule is a small function over one descriptor; `lint` runs all of them and returns sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from google.api import field_behavior_pb2, resource_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

PACKAGE = "cpfr.hub.v1"
CAMEL = re.compile(r"([A-Z][a-z0-9]*)+")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PATTERN = re.compile(r"[a-z][a-zA-Z]*/\{[a-z_]+\}")
Path = tuple[int, ...]


def lint(image: bytes) -> list[str]:
    """One sentence for each fault of our own files in a serialised FileDescriptorSet with source info."""
    files = FileDescriptorSet.FromString(image).file
    return [fault for file in files if not file.name.startswith("google/") for fault in _file(file)]


def _file(file: FileDescriptorProto) -> Iterator[str]:
    comments = {tuple(at.path) for at in file.source_code_info.location if at.leading_comments.strip()}
    if file.package != PACKAGE:
        yield f"{file.name}: the package is {file.package}, not {PACKAGE}"
    if not file.name.startswith(PACKAGE.replace(".", "/") + "/"):
        yield f"{file.name}: does not lie in the folder of its package"
    for number, message in enumerate(file.message_type):
        yield from _message(message, (4, number), comments)
    for number, enum in enumerate(file.enum_type):
        yield from _enum(enum, enum.name, (5, number), comments)
    messages = {message.name: message for message in file.message_type}
    for number, service in enumerate(file.service):
        yield from _service(service, (6, number), comments, messages)


def _message(message: DescriptorProto, at: Path, comments: set[Path], outer: str = "") -> Iterator[str]:
    name = outer + message.name
    yield from _named(name, message.name, CAMEL, at, comments)
    for number, field in enumerate(message.field):
        yield from _field(field, name, (*at, 2, number), comments)
    for number, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            yield from _message(nested, (*at, 3, number), comments, f"{name}.")
    for number, enum in enumerate(message.enum_type):
        yield from _enum(enum, f"{name}.{enum.name}", (*at, 4, number), comments)
    yield from _resource(message, name)


def _field(field: FieldDescriptorProto, owner: str, at: Path, comments: set[Path]) -> Iterator[str]:
    name = f"{owner}.{field.name}"
    yield from _named(name, field.name, SNAKE, at, comments)
    if not field.options.Extensions[field_behavior_pb2.field_behavior]:
        yield f"{name}: says no field_behavior (AIP-203)"


def _enum(enum: EnumDescriptorProto, name: str, at: Path, comments: set[Path]) -> Iterator[str]:
    yield from _named(name, enum.name, CAMEL, at, comments)
    prefix = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.name).upper() + "_"
    style = re.compile(prefix + "[A-Z0-9_]+")
    for number, value in enumerate(enum.value):
        yield from _named(f"{name}.{value.name}", value.name, style, (*at, 2, number), comments)
    if enum.value[0].name != f"{prefix}UNSPECIFIED" or enum.value[0].number != 0:
        yield f"{name}: the value 0 is not {prefix}UNSPECIFIED (AIP-126)"


def _resource(message: DescriptorProto, name: str) -> Iterator[str]:
    """A message with an identifier is a resource, with one plain pattern that begins with its plural (AIP-122)."""
    identifiers = [f.name for f in message.field
                   if field_behavior_pb2.IDENTIFIER in f.options.Extensions[field_behavior_pb2.field_behavior]]
    resource = message.options.Extensions[resource_pb2.resource]
    if not identifiers and not resource.type:
        return
    if identifiers != ["name"] or message.field[0].name != "name":
        yield f"{name}: a resource begins with its identifier `name` (AIP-122)"
    if not resource.type.startswith("hub.cpfr/"):
        yield f"{name}: has no resource type of hub.cpfr (AIP-123)"
    for pattern in resource.pattern:
        if not PATTERN.fullmatch(pattern) or not pattern.startswith(f"{resource.plural}/"):
            yield f"{name}: the pattern {pattern} is not {resource.plural}/{{…}} (AIP-122)"


def _service(
    service: ServiceDescriptorProto, at: Path, comments: set[Path], messages: dict[str, DescriptorProto]
) -> Iterator[str]:
    yield from _named(service.name, service.name, CAMEL, at, comments)
    for number, method in enumerate(service.method):
        name = f"{service.name}.{method.name}"
        yield from _named(name, method.name, CAMEL, (*at, 2, number), comments)
        yield from _method(method, name, messages)


def _method(method: MethodDescriptorProto, name: str, messages: dict[str, DescriptorProto]) -> Iterator[str]:
    request, response = (kind.rpartition(".")[2] for kind in (method.input_type, method.output_type))
    if request != f"{method.name}Request":
        yield f"{name}: takes {request}, not {method.name}Request"
        return
    fields = {field.name for field in messages[request].field}
    if method.name.startswith("Get") and ("name" not in fields or response == f"{method.name}Response"):
        yield f"{name}: does not take a name and return the resource itself (AIP-131)"
    if method.name.startswith("List"):
        answers = {field.name for field in messages[response].field}
        if not {"page_size", "page_token"} <= fields or "next_page_token" not in answers:
            yield f"{name}: cannot be paged (AIP-158)"


def _named(name: str, own: str, style: re.Pattern[str], at: Path, comments: set[Path]) -> Iterator[str]:
    if not style.fullmatch(own):
        yield f"{name}: the name does not look like {style.pattern} (AIP-190)"
    if at not in comments:
        yield f"{name}: has no comment (AIP-192)"
