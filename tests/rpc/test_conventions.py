"""Each method has of the conventions what fits it, read from the descriptors: a new one without them fails here."""

from __future__ import annotations

import inspect
import re

import pytest
from google.protobuf.descriptor import MethodDescriptor

from hub.client import AsyncClient, Client
from hub.rpc import listings
from hub.rpc.filters import Fields
from hub.rpc.masks import resource_of
from hub.rpc.methods import methods_of
from hub.rpc.server import FILES

METHODS: tuple[MethodDescriptor, ...] = tuple(
    method for file in FILES for service in file.services_by_name.values() for method in service.methods)
RIGHTS = {path: known.right for path, known in methods_of(FILES).items()}
BORROWED = "google.longrunning.Operations"
"""Its messages are Google's, and have no fields of ours: naming an operation is all that its deeds take, and doing one
of them again changes nothing."""
PLAIN = {"Forecasts.CompareForecasts": "two whole versions, by item"}
"""Listings that are neither narrowed nor sorted, and why."""
RETOLD = {"Exceptions.CommentException": "words beside words: nobody's are lost",
          "Cycles.RunCycle": "one cycle a day: who comes second gets the first one's",
          "Exchange.SubmitMessage": "a new file", "Exchange.SubmitLargeMessage": "a new file",
          "Replenishment.ReleaseOrderProposals": "an etag of each proposal, in `releases`"}
"""Deeds without an etag of their own, and why nothing is overwritten unseen."""


def short(method: MethodDescriptor) -> str:
    return f"{method.containing_service.name}.{method.name}"


def right(method: MethodDescriptor) -> str:
    return RIGHTS[f"/{method.containing_service.full_name}/{method.name}"]


def ours(methods: list[MethodDescriptor]) -> list[MethodDescriptor]:
    return [method for method in methods if method.containing_service.full_name != BORROWED]


LISTINGS = [method for method in METHODS if "next_page_token" in method.output_type.fields_by_name]
DEEDS = ours([method for method in METHODS if right(method) != "read"])
STREAMS = [method for method in METHODS if method.server_streaming]


@pytest.mark.parametrize("method", LISTINGS, ids=short)
def test_a_listing_comes_in_pages_and_is_narrowed_sorted_and_masked(method: MethodDescriptor) -> None:
    fields = set(method.input_type.fields_by_name)
    assert fields >= {"page_size", "page_token"}
    if method in ours([method]) and short(method) not in PLAIN:
        assert fields >= {"filter", "order_by", "read_mask"}


@pytest.mark.parametrize(
    "method", ours([method for method in METHODS if method.name.startswith(("Get", "BatchGet"))]), ids=short)
def test_of_a_thing_that_is_read_only_what_is_wanted_travels(method: MethodDescriptor) -> None:
    assert "read_mask" in method.input_type.fields_by_name


def test_a_listing_is_narrowed_and_sorted_by_fields_that_its_rows_have() -> None:
    known = {name: fields for name, fields in vars(listings).items() if isinstance(fields, Fields)}
    assert len(known) > 10
    rows = {re.sub(r"(?<!^)(?=[A-Z])", "_", method.name.removeprefix("List")).upper(): set(
        resource_of(method.output_type)[1].fields_by_name) for method in LISTINGS}
    rows["VERSIONS"], rows["CYCLES"] = rows["FORECAST_VERSIONS"], {"agreement", "state"}
    for name, fields in known.items():
        assert fields.sortable <= set(fields.kinds), name
        assert set(fields.kinds) - rows[name] - {"create_time"} == set(), name


@pytest.mark.parametrize("method", DEEDS, ids=short)
def test_a_deed_is_done_once_however_often_it_is_sent_and_overwrites_nothing_unseen(method: MethodDescriptor) -> None:
    fields = set(method.input_type.fields_by_name)
    assert "request_id" in fields
    assert ("etag" in fields) != (short(method) in RETOLD)


@pytest.mark.parametrize("method", STREAMS, ids=short)
def test_a_stream_that_breaks_goes_on_where_it_was(method: MethodDescriptor) -> None:
    asked, told = set(method.input_type.fields_by_name), set(method.output_type.fields_by_name)
    if method.name.startswith("Download"):
        assert "offset" in asked, "of bytes"
    else:
        assert "resume_token" in asked & told
    assert ("draining" in told) == method.name.startswith("Watch")


def test_whoever_reads_changes_nothing_and_so_names_no_attempt() -> None:
    assert {short(method) for method in METHODS if right(method) == "read"
            and {"request_id", "etag"} & set(method.input_type.fields_by_name)} == set()


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_a_client_has_a_way_to_every_method(client: type) -> None:
    code = "".join(inspect.getsource(part) for part in client.__mro__[:-1])
    called = set(re.findall(r"self\._(\w+)\.([A-Z]\w+)", code))
    assert {(method.containing_service.name.lower(), method.name) for method in METHODS} <= called


def test_both_clients_have_the_same_ways() -> None:
    def ways(client: type) -> dict[str, list[str]]:
        return {name: list(inspect.signature(method).parameters) for name, method in inspect.getmembers(
            client, inspect.isfunction) if not name.startswith("_")}

    assert ways(Client) == ways(AsyncClient)
