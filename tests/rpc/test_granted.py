"""The column "granted" of the matrix: a supplier two tiers away, who is no member of any agreement, calls every method.

What an agreement grants it comes back, exactly; nothing else does, and it changes nothing. The methods come from the
descriptors, as in `test_matrix`: a new one that is neither listing nor takes a name needs a line here too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import grpc
import numpy as np
import polars as pl
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from hub.client import AsyncClient, CallError
from hub.model.agreement import Agreement, Grant
from hub.model.item import Item, check_digit
from hub.model.plan import PlanMeasure, PlanVersion, Series
from hub.ports import Unit
from hub.rpc import listings
from tests.rpc.conftest import FIRST_WEEK, GTIN, PARTNERS, PLACES, SEES, World, _agreement, _profile
from tests.rpc.test_matrix import (
    COLLECTIONS,
    KNOWN,
    LISTINGS,
    METHODS,
    NAMED,
    OTHERS,
    call,
    collection_of,
    listed,
    needed,
    pages,
    refusal,
    short,
)
from tests.rpc.test_matrix import full as full

OTHER = "0950110153900" + check_digit("0950110153900")
"""An item of the same agreement that is not granted."""
SHOWN: tuple[PlanMeasure, ...] = ("consensus", "order_forecast", "on_hand_projection", "proposed_order")
FORBIDDEN = (OTHER, "wholesale", "jam", "threshold", "baseline", "BASELINE", "SAFETY_STOCK", "safety_stock", "damaged",
             "price", "unit_value")
"""Words that stand in no reply to the supplier: what it was not granted."""


@dataclass
class Granted:
    """The supplier's client, by collection the names that are listed to it, and those of earlier versions, which open
    too."""

    world: World
    hub: AsyncClient
    visible: dict[str, set[str]]
    earlier: dict[str, set[str]]


async def grant(world: World, *grants: Grant) -> None:
    async with world.units.worker() as unit:
        book = _agreement("retail", "north", "south")
        await unit.partners.put(_profile("north", 0), [Agreement.model_validate(
            book.model_dump() | {"visibility": grants, "items": (GTIN, OTHER)})], {})


def to_mill(**more: Any) -> Grant:
    return Grant.model_validate({"partner": "mill", "sees": (*SHOWN, "on_hand"), "items": (GTIN,)} | more)


@pytest.fixture
async def mill(full: World) -> Any:
    """Also with plans and stock of another item in the same agreement, and a supplier whom it grants one of the two."""
    await grant(full, to_mill())
    async with full.units.worker() as unit:
        token = await unit.partners.issue_token("mill", "test")
        await unit.catalogue.put("south", [Item(gtin=OTHER, name="other")], [], [], [])
        message = next(iter(full.visible["messages"]["north"])).removeprefix("messages/")
        await unit.observations.post("retail", message, pl.DataFrame(
            [(OTHER, PLACES["retail"], "on_hand", date(2026, 11, 20), 3.0)],
            schema=["gtin", "gln", "measure", "period", "quantity"], orient="row"))
        for measure in (*SHOWN, "safety_stock"):
            await _both(unit, measure)
        visible = await _granted(unit)
    async with full.with_token(token) as hub:
        yield Granted(full, hub, visible, _earlier(visible))


async def _both(unit: Unit, measure: Any) -> None:
    """A newer version with a line of either item."""
    keys = ((GTIN, PLACES["retail"]), (OTHER, PLACES["retail"]))
    version = PlanVersion(agreement="retail", author="hub", measure=measure, first_week=FIRST_WEEK, weeks=2, source="")
    await unit.plans.add(version, Series(keys, FIRST_WEEK, np.array([[4.0, 5.0], [77.0, 78.0]])))


async def _granted(unit: Unit) -> dict[str, set[str]]:
    """What the supplier may see of what there is, told by the worker, who sees all sides."""
    series = [one for measure in SHOWN for one in await unit.forecasts.list(
        agreement="retail", measure=measure, gtin=GTIN)]
    cards = [card for card in await unit.plan_book.list(limit=1000)
             if card.version.measure in SHOWN and card.version.agreement == "retail"]
    of = {measure: {one.id for one in series if one.version.measure == measure} for measure in SHOWN}
    found: dict[str, set[str]] = {collection: set() for collection in COLLECTIONS.values()}
    found |= {
        "agreements": {"agreements/retail"}, "items": {f"items/{GTIN}"},
        "locations": {f"locations/{PLACES['retail']}"},
        "forecasts": {f"forecasts/{one.id}" for one in series},
        "forecastVersions": {f"forecastVersions/{card.id}" for card in cards},
        "projections": {f"projections/{id}" for id in of["on_hand_projection"]},
        "orderProposals": {f"orderProposals/{id}" for id in of["proposed_order"]},
        "inventoryPositions": {f"inventoryPositions/retail-{GTIN}-{PLACES['retail']}"},
    }
    return found


def _earlier(visible: dict[str, set[str]]) -> dict[str, set[str]]:
    """Series of all versions that are visible, under each name that a series has."""
    ids = {f"{name.removeprefix('forecastVersions/')}-{GTIN}-{PLACES['retail']}" for name in
           visible["forecastVersions"]}
    return {kind: {f"{kind}/{id}" for id in ids} if kind in ("forecasts", "projections", "orderProposals") else set()
            for kind in visible}


async def test_every_listing_holds_exactly_what_is_granted(mill: Granted) -> None:
    for method in LISTINGS:
        rows = [row async for row in pages(mill.hub, method)]
        assert {row.name for row in rows} == mill.visible[listed(method) or ""], short(method)
        for row in rows:
            assert [word for word in FORBIDDEN if word in str(row)] == [], short(method)
    assert {kind for kind, names in mill.visible.items() if names} >= {
        "agreements", "forecasts", "forecastVersions", "projections", "orderProposals", "inventoryPositions"}


async def test_a_name_opens_only_what_is_granted_and_no_method_changes_it(mill: Granted) -> None:
    planted = mill.world.visible
    for method in NAMED:
        kind = collection_of(method) or ""
        unknown = f"{kind}/unknown"
        for name in mill.visible[kind] | set.union(*planted[kind].values()):
            if name in mill.earlier[kind] - mill.visible[kind]:
                assert GTIN in str(await call(mill.hub, method, name=name))
            elif name in mill.visible[kind]:
                assert KNOWN[f"/{method.containing_service.full_name}/{method.name}"].right == "read", short(method)
                reply = await call(mill.hub, method, name=name)
                assert reply.name == name
                assert [word for word in FORBIDDEN if word in str(reply)] == [], short(method)
            else:
                told = await refusal(mill.hub, method, name=name, **needed(method))
                assert told[0] is grpc.StatusCode.NOT_FOUND, (short(method), name)
                assert told == await refusal(mill.hub, method, name=unknown, **needed(method)), short(method)


async def test_an_agreement_shows_its_members_and_the_grant_and_members_see_the_grant_too(mill: Granted) -> None:
    shown = await mill.hub.agreement("agreements/retail")
    assert {field.name for field, _ in shown.ListFields()} == {"name", "members", "grants"}
    assert [(one.partner, list(one.measures), list(one.observations)) for one in shown.members] == [
        ("partners/north", [], []), ("partners/south", [], [])]
    (ours,) = shown.grants
    assert (ours.partner, ours.tier, list(ours.gtins), list(ours.observations)) == (
        "partners/mill", 2, [GTIN], ["on_hand"])
    async with mill.world.by_token("south") as south:
        whole = await south.agreement("agreements/retail")
    assert list(whole.grants) == [ours]
    assert (whole.release, whole.settlement_rule) == (whole.RELEASE_HUB, "mean")


async def test_filters_orders_and_page_tokens_of_members_open_nothing(mill: Granted) -> None:
    tried = 0
    for method in LISTINGS:
        known = getattr(listings, _constant(method), None)
        if "filter" in method.input_type.fields_by_name:
            for wanted in (f'gtin = "{OTHER}"', f'NOT gtin = "{GTIN}"', "measure = MEASURE_BASELINE",
                           'agreement != "agreements/retail"', 'author = "partners/south"'):
                try:
                    rows = [row.name async for row in pages(mill.hub, method, filter=wanted)]
                except CallError as refused:
                    assert refused.reason == "UNKNOWN_FIELD"  # noqa: PT017  (most listings lack some of these fields)
                    continue
                assert rows == [], (short(method), wanted)
                tried += 1
        if "order_by" in method.input_type.fields_by_name:
            assert known is not None, short(method)
            for field in known.sortable:
                for way in ("", " desc"):
                    names = {row.name async for row in pages(mill.hub, method, order_by=field + way)}
                    assert names == mill.visible[listed(method) or ""], (short(method), field)
                    tried += 1
    assert tried > 30
    async with mill.world.by_token("south") as south:
        for method in LISTINGS:
            theirs = await call(south, method, page_size=1)
            if theirs.next_page_token:
                told = await refusal(mill.hub, method, page_size=1, page_token=theirs.next_page_token)
                assert told[1] == "PAGE_TOKEN_INVALID", short(method)


def _constant(method: MethodDescriptor) -> str:
    """The name under which `hub.rpc.listings` keeps what a listing can be sorted by."""
    words = method.name.removeprefix("List")
    named = "".join("_" + letter if letter.isupper() else letter for letter in words).lstrip("_").upper()
    return {"FORECAST_VERSIONS": "VERSIONS"}.get(named, named)


async def _only_its_own(mill: Granted, method: MethodDescriptor) -> None:
    replies = await _all(mill, method)
    names = {one.name for reply in replies for one in reply.forecasts}
    assert names == mill.visible["forecasts"]


async def _batch(mill: Granted, method: MethodDescriptor) -> None:
    ours = sorted(mill.visible["forecasts"])
    hidden = min(mill.world.visible["forecasts"]["south"] - mill.earlier["forecasts"])
    assert [one.name for one in (await call(mill.hub, method, names=ours)).forecasts] == ours
    assert (await refusal(mill.hub, method, names=[*ours, hidden]))[0] is grpc.StatusCode.NOT_FOUND


async def _compare(mill: Granted, method: MethodDescriptor) -> None:
    """Two versions of which it may see one line each: the other item is in neither."""
    mine = sorted(mill.visible["forecastVersions"])
    reply = await call(mill.hub, method, left=mine[0], right=mine[-1])
    assert {pair.gtin for pair in reply.pairs} == {GTIN}
    theirs = sorted(mill.world.visible["forecastVersions"]["south"] - mill.visible["forecastVersions"])
    assert (await refusal(mill.hub, method, left=mine[0], right=theirs[0]))[0] is grpc.StatusCode.NOT_FOUND


async def _sums(mill: Granted, method: MethodDescriptor) -> None:
    reply = await call(mill.hub, method, agreement="agreements/retail")
    assert (reply.scorecards, len(reply.accuracies), len(reply.promises)) == (0, 0, 0)


async def _refused(mill: Granted, method: MethodDescriptor) -> None:
    """As a stranger is."""
    whole = {"measure": 1, "first_week": {"year": 2026, "month": 11, "day": 23},
             "series": [{"gtin": GTIN, "gln": PLACES["retail"], "quantities": [1]}]}
    known: dict[str, dict[str, Any]] = {
        "RunCycle": {}, "SubmitForecast": whole, "SubmitLargeForecast": whole,
        "CommitForecast": {"measure": 1, "commitments": [{
            "gtin": GTIN, "gln": PLACES["retail"], "week": {"year": 2026, "month": 12, "day": 7}, "quantity": 1}]},
        "ReleaseOrderProposals": {"releases": [{"name": name} for name in mill.visible["orderProposals"]]},
    }
    told = await refusal(mill.hub, method, agreement="agreements/retail", **known[method.name])
    assert told[0] in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED), short(method)
    assert [word for word in FORBIDDEN if word in told[2]] == []


async def _silent(mill: Granted, method: MethodDescriptor) -> None:
    """Of what changes between the members nothing is an event of the supplier's."""
    async with mill.world.by_token("south") as south:
        (exception,) = mill.world.visible["exceptions"]["south"]
        await south.comment(exception, "hm")
    (order,), (message,) = mill.world.visible["orders"]["south"], mill.world.visible["messages"]["south"]
    async with mill.world.units.worker() as unit:
        await unit.orders.move(order.removeprefix("orders/"), "accepted")
        await unit.transaction.execute("UPDATE message SET state = 'sent' WHERE public_id = %(id)s",
                                       id=message.removeprefix("messages/"))
    async with mill.world.units.door("mill") as unit:
        assert {event.type for _, event in await unit.events.list()} <= {"forecast.changed"}
    async with mill.world.units.door("south") as unit:
        assert len(await unit.events.list()) >= 3


async def _told(mill: Granted, method: MethodDescriptor) -> None:
    """Of new versions those of which it may see a line."""
    async with mill.world.units.door("mill") as unit:
        before, _ = await unit.events.bounds()
    async with mill.world.units.worker() as unit:
        for measure in ("consensus", "baseline"):
            await _both(unit, measure)
        version = PlanVersion(agreement="retail", author="hub", measure="consensus", first_week=FIRST_WEEK, weeks=1,
                              source="")
        await unit.plans.add(version, Series(((OTHER, PLACES["retail"]),), FIRST_WEEK, np.array([[1.0]])))
    async with mill.world.units.door("mill") as unit:
        (event,) = [event for _, event in await unit.events.list(after=before)]
        assert (event.type, (await unit.plan_book.get(event.subject)).version.measure) == (
            "forecast.changed", "consensus")


async def _itself(mill: Granted, method: MethodDescriptor) -> None:
    """What it hands in is its own, and shows itself to nobody else."""


async def _all(mill: Granted, method: MethodDescriptor) -> list[Any]:
    asked = mill.hub._channel.unary_stream(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=GetMessageClass(method.input_type).SerializeToString,
        response_deserializer=GetMessageClass(method.output_type).FromString)
    return [one async for one in asked(
        GetMessageClass(method.input_type)(), metadata=mill.hub._metadata(), timeout=20)]


DECISIONS: dict[str, Callable[[Granted, MethodDescriptor], Awaitable[None]]] = {
    "Exchange.SubmitMessage": _itself, "Exchange.SubmitLargeMessage": _itself, "Exchange.WatchMessages": _silent,
    "Exceptions.WatchMetricExceptions": _silent,
    "Exceptions.WatchExceptions": _silent, "Orders.WatchOrders": _silent, "Forecasts.BatchGetForecasts": _batch,
    "Replenishment.ReleaseOrderProposals": _refused, "Cycles.RunCycle": _refused, "Scorecards.SumScorecards": _sums,
    "Forecasts.WatchForecastVersions": _told,
    "Forecasts.StreamForecasts": _only_its_own, "Forecasts.SubmitForecast": _refused,
    "Forecasts.SubmitLargeForecast": _refused,
    "Forecasts.CommitForecast": _refused, "Forecasts.CompareForecasts": _compare,
}


async def test_what_neither_lists_nor_takes_a_name_shows_nothing_else_either(mill: Granted) -> None:
    decided = {method: DECISIONS[short(method)] for method in METHODS if short(method) in OTHERS}
    assert {short(method) for method in decided} == DECISIONS.keys()
    for method, decision in decided.items():
        await decision(mill, method)


async def test_without_a_grant_in_force_there_is_nothing_at_all(mill: Granted) -> None:
    """Two days, for the day of the test may end while it runs."""
    for grants in ((), (to_mill(valid_to=date.today() - timedelta(days=2)),),
                   (to_mill(valid_from=date.today() + timedelta(days=2)),)):
        await grant(mill.world, *grants)
        for method in LISTINGS:
            assert [row async for row in pages(mill.hub, method)] == [], (short(method), grants)
        for method in NAMED:
            for name in mill.visible[collection_of(method) or ""]:
                told = await refusal(mill.hub, method, name=name, **needed(method))
                assert told[0] is grpc.StatusCode.NOT_FOUND, (short(method), grants)


async def test_a_grant_takes_nothing_from_the_members_and_gives_nothing_to_others(mill: Granted) -> None:
    for partner in PARTNERS:
        async with mill.world.by_token(partner) as hub:
            names = {one.name async for one in hub.forecasts(page_size=1000)}
            seen = {one.gtin async for one in hub.forecasts(page_size=1000)}
            assert seen == ({GTIN, OTHER} if partner in ("north", "south") else {GTIN})
            measures = {one.measure async for one in hub.forecasts(page_size=1000)}
        role = "buyer" if partner in ("north", "east") else "seller"
        assert len(measures) == len({*SEES[role]} - {"sold", "on_hand", "damaged"})
        assert (names & mill.visible["forecasts"] != set()) == (partner in ("north", "south"))
