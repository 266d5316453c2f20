"""Renders the comments of the protos into `docs/api`, a page for each of our files: `python -m hub.rpc.generate`.

Comments are Markdown already. Nothing is added to them but types, rights, and what a field asks of whoever sets it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from google.api import field_behavior_pb2, resource_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

from hub.rpc.lint import PACKAGE
from hub.rpc.pb.v1 import access_pb2

HEAD = "<!-- Made from schemas/proto by `python -m hub.rpc.generate`. Do not edit. -->\n\n"
Comments = dict[tuple[int, ...], str]


def pages(image: bytes) -> dict[str, str]:
    """File name below `docs/api` -> text, for each of our protos in a serialised FileDescriptorSet with source info."""
    files = [file for file in FileDescriptorSet.FromString(image).file if file.package == PACKAGE]
    return {f"{Path(file.name).stem}.md": HEAD + "\n".join(_page(file)).rstrip() + "\n" for file in files}


def _page(file: FileDescriptorProto) -> Iterator[str]:
    comments: Comments = {tuple(at.path): _text(at.leading_comments) for at in file.source_code_info.location}
    yield f"# {Path(file.name).stem}.proto\n"
    for number, service in enumerate(file.service):
        yield from _service(service, (6, number), comments)
    for number, message in enumerate(file.message_type):
        yield from _message(message, (4, number), comments)
    for number, enum in enumerate(file.enum_type):
        yield from _enum(enum, enum.name, (5, number), comments)


def _service(service: ServiceDescriptorProto, at: tuple[int, ...], comments: Comments) -> Iterator[str]:
    yield f"## Service {service.name}\n\n{comments.get(at, '')}\n"
    for number, method in enumerate(service.method):
        takes, gives = (("stream " if flows else "") + _short(kind) for flows, kind in (
            (method.client_streaming, method.input_type), (method.server_streaming, method.output_type)))
        right = access_pb2.Right.Name(method.options.Extensions[access_pb2.right]).removeprefix("RIGHT_").lower()
        yield f"### {service.name}.{method.name}\n\n`{takes}` → `{gives}`, asks for the right to {right}.\n"
        yield f"{comments.get((*at, 2, number), '')}\n"


def _message(message: DescriptorProto, at: tuple[int, ...], comments: Comments, outer: str = "") -> Iterator[str]:
    name, resource = outer + message.name, message.options.Extensions[resource_pb2.resource]
    pattern = f" Resource `{resource.pattern[0]}`." if resource.pattern else ""
    yield f"## {name}\n\n{comments.get(at, '')}{pattern}\n"
    if message.field:
        yield "| field | type | | |\n|---|---|---|---|"
        yield from (_field(field, comments.get((*at, 2, number), "")) for number, field in enumerate(message.field))
        yield ""
    for number, nested in enumerate(message.nested_type):
        yield from _message(nested, (*at, 3, number), comments, f"{name}.")
    for number, enum in enumerate(message.enum_type):
        yield from _enum(enum, f"{name}.{enum.name}", (*at, 4, number), comments)


def _field(field: FieldDescriptorProto, comment: str) -> str:
    kind = _short(field.type_name) or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    many = "repeated " if field.label == FieldDescriptorProto.LABEL_REPEATED else ""
    asks = [field_behavior_pb2.FieldBehavior.Name(one).lower().replace("_", " ")
            for one in field.options.Extensions[field_behavior_pb2.field_behavior]]
    return f"| `{field.name}` | {many}{kind} | {', '.join(asks)} | {_cell(comment)} |"


def _enum(enum: EnumDescriptorProto, name: str, at: tuple[int, ...], comments: Comments) -> Iterator[str]:
    yield f"## {name}\n\n{comments.get(at, '')}\n\n| value | | |\n|---|---|---|"
    for number, value in enumerate(enum.value):
        yield f"| `{value.name}` | {value.number} | {_cell(comments.get((*at, 2, number), ''))} |"
    yield ""


def _short(kind: str) -> str:
    """Our own types without their package, Google's without the dot."""
    return kind.removeprefix(".").removeprefix(f"{PACKAGE}.")


def _text(comment: str) -> str:
    """A comment without the blank that begins its lines."""
    return "\n".join(line.removeprefix(" ") for line in comment.rstrip().splitlines())


def _cell(comment: str) -> str:
    return comment.replace("\n", " ").replace("|", "\\|")
