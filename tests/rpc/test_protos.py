"""The protos keep our conventions, and the generated code is what they say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.api import field_behavior_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from hub.rpc.generate import descriptors, drift, generate, stale
from hub.rpc.lint import lint
from hub.rpc.reference import pages


@pytest.fixture(scope="module")
def image() -> bytes:
    return descriptors()


def test_the_protos_keep_every_convention(image: bytes) -> None:
    assert lint(image) == []


def test_the_generated_code_is_what_the_protos_say() -> None:
    wanted = generate()
    assert drift(wanted) == []
    assert any(name.endswith("exchange_pb2_grpc.pyi") for name in wanted)


def test_the_reference_in_docs_is_what_the_protos_say(image: bytes) -> None:
    wanted = pages(image)
    assert stale(wanted) == []
    assert "`SubmitMessageRequest` → `SubmitMessageResponse`, asks for the right to trade." in wanted["exchange.md"]
    changed = wanted | {"orders.md": "", "returns.md": ""}
    assert [line.split()[0] for line in stale(changed)] == ["docs/api/orders.md", "docs/api/returns.md"]


def test_drift_is_told_for_a_changed_a_missing_and_a_superfluous_file() -> None:
    wanted = generate()
    changed = wanted | {"v1/orders_pb2.py": "", "v1/returns_pb2.py": ""}
    del changed["v1/exchange_pb2.py"]
    assert [line.split()[0] for line in drift(changed)] == [
        f"hub/rpc/pb/v1/{name}_pb2.py" for name in ("exchange", "orders", "returns")
    ]


def _broken(image: bytes) -> Iterator[tuple[str, FileDescriptorSet]]:
    """What the linter must notice -> the image with exactly that fault."""

    def damaged() -> tuple[FileDescriptorSet, FileDescriptorProto]:
        files = FileDescriptorSet.FromString(image)
        return files, next(file for file in files.file if file.name.endswith("orders.proto"))

    files, orders = damaged()
    orders.package = "orders"
    yield "the package is orders", files
    files, orders = damaged()
    orders.source_code_info.Clear()
    yield "Order.number: has no comment", files
    files, orders = damaged()
    orders.message_type[0].field[1].name = "orderNumber"
    yield "Order.orderNumber: the name does not look like", files
    files, orders = damaged()
    orders.message_type[0].field[1].options.ClearExtension(field_behavior_pb2.field_behavior)
    yield "Order.number: says no field_behavior", files
    files, orders = damaged()
    orders.message_type[0].enum_type[0].value[0].name = "STATE_NONE"
    yield "Order.State: the value 0 is not STATE_UNSPECIFIED", files
    files, orders = damaged()
    orders.message_type[0].field[0].name = "id"
    yield "Order: a resource begins with its identifier", files
    files, orders = damaged()
    orders.service[0].method[0].input_type = ".cpfr.hub.v1.Order"
    yield "Orders.GetOrder: takes Order, not GetOrderRequest", files
    files, orders = damaged()
    listing = next(one for one in orders.message_type if one.name == "ListOrdersRequest")
    next(field for field in listing.field if field.name == "page_token").name = "token"
    yield "Orders.ListOrders: cannot be paged", files


def test_the_linter_notices_each_kind_of_fault(image: bytes) -> None:
    for expected, files in _broken(image):
        faults = lint(files.SerializeToString())
        assert any(expected in fault for fault in faults), (expected, faults)
