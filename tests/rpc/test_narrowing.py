"""Only what is wanted, and in the order that is wanted: masks of single things, forecasts and agreements sorted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import grpc
import numpy as np
import pytest

from hub.client import AsyncClient, CallError, FieldMask, Measure
from hub.model.agreement import Fences
from hub.model.plan import PlanVersion, Series
from hub.rpc.listings import FORECASTS
from hub.rpc.pb.v1.agreements_pb2 import ListAgreementsRequest
from hub.rpc.pb.v1.forecasts_pb2 import ListForecastsRequest, ListForecastsResponse
from tests.rpc.conftest import FIRST_WEEK, GTIN, PARTNERS, PLACES, World, _agreement, _profile
from tests.rpc.test_matrix import NAMED, call, collection_of, full, refusal, short

__all__ = ["full"]


async def test_of_one_thing_only_the_masked_fields_travel(full: World) -> None:
    tried = 0
    async with full.by_token("south") as hub:
        for method in NAMED:
            if "read_mask" not in method.input_type.fields_by_name:
                continue
            (name, *_) = full.visible[collection_of(method) or ""]["south"]
            whole = await call(hub, method, name=name)
            field = whole.ListFields()[0][0].name
            part = await call(hub, method, name=name, read_mask=FieldMask(paths=[field]))
            assert [found.name for found, _ in part.ListFields()] == [field], short(method)
            assert getattr(part, field) == getattr(whole, field), short(method)
            assert await call(hub, method, name=name, read_mask=FieldMask(paths=["*"])) == whole, short(method)
            told = await refusal(hub, method, name=name, read_mask=FieldMask(paths=["secret"]))
            assert told[:2] == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MASK"), short(method)
            tried += 1
    assert tried > 12


async def test_of_a_batch_and_of_a_clients_own_calls_the_same(world: World) -> None:
    names = sorted(world.visible["forecasts"]["south"])
    mask = FieldMask(paths=["gtin", "quantities"])
    async with world.by_token("south") as hub:
        batch = await hub.batch_forecasts(names, read_mask=mask)
        single = [await hub.forecast(name, read_mask=mask) for name in names]
        whole = await hub.batch_forecasts(names)
    assert [one.name for one in whole] == names
    for rows in (batch, single):
        assert [(one.name, one.gtin, len(one.quantities)) for one in rows] == [
            ("", one.gtin, len(one.quantities)) for one in whole]


def _value(row: Any, field: str) -> Any:
    """As it sorts: measures by their words."""
    found = getattr(row, field)
    if field == "measure":
        return row.DESCRIPTOR.fields_by_name["measure"].enum_type.values_by_number[found].name
    if field == "first_week":
        return date(found.year, found.month, found.day)
    return found.ToDatetime(UTC) if field == "create_time" else found


async def test_forecasts_come_sorted_by_each_field_both_ways_and_none_is_lost_between_pages(world: World) -> None:
    assert len(FORECASTS.sortable) > 5
    async with world.by_token("north") as hub:
        for field in sorted(FORECASTS.sortable):
            for way in (" asc", " desc"):
                rows = [row async for row in hub.forecasts(order_by=field + way, page_size=2)]
                values = [_value(row, field) for row in rows]
                assert values == sorted(values, reverse=way == " desc"), field + way
                assert len(rows) == len({row.name for row in rows})
                assert {row.name for row in rows} == world.visible["forecasts"]["north"], field + way
        both = [row async for row in hub.forecasts(order_by="author, measure desc", filter='gln:*', page_size=3)]
        (other,) = [row async for row in hub.forecasts(
            order_by="gtin", gtin=GTIN, gln=PLACES["retail"], author="partners/south")]
    authors = [row.author for row in both]
    assert authors == sorted(authors)
    assert len(set(authors)) == 3
    assert (other.author, other.gtin, len(other.quantities)) == ("partners/south", GTIN, 52)


async def _page(hub: AsyncClient, **fields: Any) -> ListForecastsResponse:
    return await hub._call(hub._forecasts.ListForecasts, ListForecastsRequest(page_size=2, **fields))


async def test_a_page_continues_its_own_order_and_no_other(world: World) -> None:
    async with world.by_token("north") as hub:
        first = await _page(hub, order_by="author")
        for other in ("author desc", "gtin", ""):
            with pytest.raises(CallError) as refused:
                await _page(hub, order_by=other, page_token=first.next_page_token)
            assert refused.value.reason == "PAGE_TOKEN_INVALID"
        with pytest.raises(CallError) as refused:
            await _page(hub, order_by="quantities")
        assert refused.value.reason == "MALFORMED_ORDER_BY"


async def test_a_newer_version_between_two_sorted_pages_is_told_and_the_past_stays_as_it_was(world: World) -> None:
    async with world.by_token("north") as hub:
        names = [row.name async for row in hub.forecasts(order_by="measure")]
        now, then = await _page(hub, order_by="measure"), {"order_by": "measure", "as_of": datetime.now(UTC)}
        past = await _page(hub, **then)
        assert [row.measure for row in past.forecasts] == [Measure.MEASURE_BASELINE, Measure.MEASURE_CONSENSUS]
        async with world.units.worker() as unit:
            version = PlanVersion(
                agreement="retail", author="hub", measure="consensus", first_week=FIRST_WEEK, weeks=1)
            await unit.plans.add(version, Series(((GTIN, PLACES["retail"]),), FIRST_WEEK, np.array([[1.0]])))
        with pytest.raises(CallError) as refused:
            await _page(hub, order_by="measure", page_token=now.next_page_token)
        assert refused.value.reason == "PAGE_LOST"
        more = await _page(hub, **then, page_token=past.next_page_token)
        assert [row.name for row in (*past.forecasts, *more.forecasts)] == names[:4]


async def test_agreements_are_narrowed_and_sorted_by_what_was_agreed(world: World) -> None:
    async with world.units.worker() as unit:
        for name, currency, starts, frozen in (("autumn", "USD", 2026, 2), ("Spring", "EUR", 2025, 0)):
            agreed = _agreement("retail", "north", "south").model_copy(update={
                "name": name, "currency": currency, "valid_from": date(starts, 1, 1), "fences": Fences(frozen=frozen)})
            await unit.partners.put(_profile("north", PARTNERS.index("north")), [agreed], {})
    async with world.by_token("north") as hub:

        async def named(**query: Any) -> list[str]:
            return [one.name.removeprefix("agreements/") async for one in hub.agreements(page_size=1, **query)]

        assert await named() == ["Spring", "autumn", "retail"], "by code point"
        assert await named(order_by="name desc") == ["retail", "autumn", "Spring"]
        assert await named(order_by="start_date desc") == ["autumn", "Spring", "retail"]
        assert await named(order_by="currency_code, start_date") == ["retail", "Spring", "autumn"]
        assert await named(filter='currency_code = "USD"') == ["autumn"]
        assert await named(filter='start_date > "2020-12-31" AND frozen_weeks = 0') == ["Spring"]
        assert await named(filter='name = "agreements/retail" OR frozen_weeks >= 2') == ["autumn", "retail"]
        assert await named(filter="release = RELEASE_HUB AND NOT end_date:*") == ["Spring", "autumn", "retail"]
        assert await named(filter="release = RELEASE_BUYER") == []
        masked = [one async for one in hub.agreements(read_mask=FieldMask(paths=["currency_code"]))]
        assert [(one.name, one.currency_code) for one in masked] == [("", "EUR"), ("", "USD"), ("", "EUR")]
        first = await hub._call(hub._agreements.ListAgreements, ListAgreementsRequest(page_size=1))
        with pytest.raises(CallError) as refused:
            await hub._call(hub._agreements.ListAgreements, ListAgreementsRequest(
                page_size=1, order_by="start_date", page_token=first.next_page_token))
        assert refused.value.reason == "PAGE_TOKEN_INVALID"
    async with world.by_token("east") as hub:
        assert [one.name async for one in hub.agreements(filter='currency_code = "USD"')] == []
