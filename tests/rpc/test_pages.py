"""Page tokens continue the query that they came from, and nothing else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rpc.errors import Invalid
from hub.rpc.pages import PageTokens, page_size, secret_of
from hub.rpc.pb.v1.exceptions_pb2 import ListExceptionsRequest
from hub.rpc.pb.v1.forecasts_pb2 import ListForecastsRequest
from hub.rpc.pb.v1.orders_pb2 import ListOrdersRequest

PAGES = PageTokens(b"a secret of this test")


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(key=TEXT, agreement=TEXT)
def test_a_token_gives_its_key_back_to_the_same_query(key: str, agreement: str) -> None:
    first = ListForecastsRequest(agreement=agreement, page_size=10)
    token = PAGES.seal(key, first, "north")
    again = ListForecastsRequest(agreement=agreement, page_size=25, page_token=token)
    assert PAGES.open(again, "north") == key


def test_a_token_is_bound_to_its_fields_its_method_its_caller_and_the_hubs_secret() -> None:
    token = PAGES.seal("k", ListForecastsRequest(gtin="1"), "north")
    for request, partner, pages in (
        (ListForecastsRequest(gtin="2", page_token=token), "north", PAGES),
        (ListOrdersRequest(page_token=PAGES.seal("k", ListExceptionsRequest(), "north")), "north", PAGES),
        (ListForecastsRequest(gtin="1", page_token=token), "south", PAGES),
        (ListForecastsRequest(gtin="1", page_token=token), "north", PageTokens(b"another secret")),
    ):
        with pytest.raises(Invalid) as refused:
            pages.open(request, partner)
        assert (refused.value.field, refused.value.reason) == ("page_token", "PAGE_TOKEN_INVALID")


@given(place=st.integers(0, 200), sign=st.sampled_from("AZaz09-_=!+/ ä"))
def test_every_changed_sign_of_a_token_is_noticed(place: int, sign: str) -> None:
    token = PAGES.seal("2026-11-16|42", ListOrdersRequest(), "north")
    place %= len(token) + 1
    changed = token[:place] + sign + token[place + 1:]
    if changed != token:
        with pytest.raises(Invalid):
            PAGES.open(ListOrdersRequest(page_token=changed), "north")


def test_a_page_has_50_rows_unless_asked_and_never_more_than_1000() -> None:
    assert [page_size(ListOrdersRequest(page_size=asked)) for asked in (0, 1, 1000, 2**31 - 1)] == [50, 1, 1000, 1000]
    with pytest.raises(Invalid):
        page_size(ListOrdersRequest(page_size=-1))
    assert PAGES.seal(None, ListOrdersRequest(), "north") == ""


def test_all_processes_of_a_home_share_one_secret_that_nobody_else_reads(tmp_path: Path) -> None:
    first = secret_of(tmp_path / "home")
    assert len(first) == 32
    assert secret_of(tmp_path / "home") == first != secret_of(tmp_path / "elsewhere")
    (kept,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
