"""Who is no member of an agreement sees of it what it grants him, row by row and measure by measure, no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import psycopg
import pytest

from hub.errors import Forbidden, NotFound
from hub.model.agreement import Agreement, Grant
from hub.model.plan import Commit, PlanMeasure, Reasons
from hub.ports import Unit
from hub.store import StoredUnits, Urls, visibility
from hub.store.tables import metadata
from tests.store import trade
from tests.store.trade import DEPOT, MONDAY, ROPE, SOAP, YARD

CELLS = tuple(product((SOAP, ROPE), (DEPOT, YARD)))
SOAPS, YARDS = {(SOAP, DEPOT), (SOAP, YARD)}, {(SOAP, YARD), (ROPE, YARD)}
GRANTS: tuple[dict[str, Any], ...] = (
    {"sees": ("on_hand", "baseline"), "items": (SOAP,)}, {"sees": ("sales_forecast",), "locations": (YARD,)})
OPEN = {"agreement_member", "agreement_grant", "item_location", "series", "plan_version", "plan_line"}
"""Tables of an agreement's rows of which some show themselves to whom it grants something."""


def shared(*grants: Mapping[str, Any], **more: Any) -> Agreement:
    """Acme sells soap and rope to bolt, who takes them at two places; `grants` are to cork."""
    return Agreement.model_validate(trade.agreement("shared", "acme", "bolt").model_dump() | {
        "items": (SOAP, ROPE), "locations": (DEPOT, YARD),
        "visibility": [Grant(partner="cork", **grant) for grant in grants]} | more)


@pytest.fixture
async def told(book: StoredUnits) -> StoredUnits:
    """Everything of every item and place of the agreement, which grants cork the `GRANTS`."""
    await agree(book, shared(*GRANTS))
    message = await trade.submit(book, "bolt", b"what is there")
    async with book.worker() as unit:
        for gtin, gln in CELLS:
            for measure in ("sold", "on_hand"):
                await unit.observations.post("shared", message, trade.observed(measure=measure, item=gtin, place=gln))
        plans: tuple[tuple[str, PlanMeasure], ...] = (
            ("bolt", "sales_forecast"), ("hub", "baseline"), ("hub", "consensus"))
        for author, planned in plans:
            await unit.plans.add(
                trade.version("shared", author, planned), trade.series([[1, 2]] * 4, CELLS),
                Reasons(("guess",) * 4, {"level": np.array([7.0] * 4)}, {"scores": {"guess": 1}}),
                [Commit(gtin=ROPE, gln=DEPOT, period=MONDAY, quantity=2, reason="01", before=1)])
        await unit.plans.add(trade.version("shared", "hub", "baseline"), trade.series([[5, 6]], ((ROPE, YARD),)))
        run = (await unit.runs.open("shared", MONDAY)).id
        await unit.exceptions.add(run, [trade.dispute("shared", SOAP, YARD)])
        await unit.scorecards.add(trade.scorecard(run, "shared", "acme"))
        await unit.business_plans.put(trade.business_plan("shared", SOAP))
    return book


async def agree(units: StoredUnits, agreement: Agreement) -> None:
    async with units.worker() as unit:
        await unit.partners.put(trade.profile("bolt"), [agreement], {})


async def planned(unit: Unit) -> set[tuple[str, str, str]]:
    page = await unit.forecasts.list(agreement="shared", limit=100)
    return {(one.version.measure, one.gtin, one.gln) for one in page}


async def test_a_grant_shows_its_measures_of_its_items_at_its_places(told: StoredUnits) -> None:
    async with told.door("cork") as unit:
        assert await planned(unit) == {("baseline", *cell) for cell in SOAPS} | {
            ("sales_forecast", *cell) for cell in YARDS}
        assert {(one.gtin, one.gln) for one in await unit.stock.list(limit=100)
                if one.agreement == "shared"} == SOAPS
        for measure, seen in (("on_hand", SOAPS), ("sold", set())):
            known = await unit.observations.history("shared", measure, date.min, date.max)
            assert set(known.select("gtin", "gln").iter_rows()) == seen
            assert known["quantity"].to_list() == [5.0] * len(seen)
        cards = [card.version.measure for card in await unit.plan_book.list(limit=100)]
        assert sorted(cards) == ["baseline", "sales_forecast"], "not the version that holds nothing of soap"
        assert {card.version.author for card in await unit.plan_book.list(limit=100)} == {"bolt", "hub"}


async def test_what_stands_beside_the_granted_rows_stays_hidden(told: StoredUnits) -> None:
    async with told.door("cork") as unit:
        for card in await unit.plan_book.list(limit=100):
            assert card.commits == (), "a commitment names an item that is not granted"
            assert await unit.plans.reason(card.version.id, SOAP, YARD) is None
        assert {item.unit_value for item in (await unit.catalogue.snapshot()).items.values()} == {None}
        assert [a.name for a in await unit.partners.agreements()] == ["south"]
        (granted,) = await unit.partners.granted()
        assert (granted.agreement, granted.buyer, granted.seller) == ("shared", "bolt", "acme")
        assert granted.grants == shared(*GRANTS).visibility
    async with told.door("acme") as unit:
        assert await unit.partners.granted() == []
        assert (await unit.plan_book.list(limit=100)).rows[0].version.measure == "baseline"
        assert any(card.commits for card in await unit.plan_book.list(limit=100)), "members see them"


async def test_of_all_tables_only_those_show_something_and_their_secret_columns_nothing(
    told: StoredUnits, urls: Urls
) -> None:
    async with told.worker() as unit:
        key = await unit.transaction.agreement_key("shared")
    about = {name for name, table in metadata.tables.items() if "agreement_id" in table.columns}
    with psycopg.connect(urls.door) as connection:
        connection.execute("SELECT hub_enter('cork')")
        seen = {name for name in about & visibility.DOOR.keys() if connection.execute(
            f"SELECT 1 FROM {name} WHERE agreement_id = %s LIMIT 1".encode(), (key,)).fetchall()}  # noqa: S608
        assert seen == OPEN
        places = connection.execute("SELECT gtin, gln FROM item_location WHERE agreement_id = %s", (key,)).fetchall()
        assert set(places) == SOAPS | YARDS
        items = connection.execute("SELECT gtin FROM item").fetchall()
        assert {gtin for gtin, in items} == {SOAP, ROPE}
        assert connection.execute("SELECT name FROM partner ORDER BY 1").fetchall() == [
            ("acme",), ("bolt",), ("cork",), ("dune",)]
    for table, columns in visibility.HIDDEN.items():
        for column in columns:
            with psycopg.connect(urls.door) as connection:
                connection.execute("SELECT hub_enter('acme')")
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"SELECT {column} FROM {table}".encode())  # noqa: S608


async def test_whoever_was_granted_nothing_sees_nothing_and_members_see_what_they_saw(told: StoredUnits) -> None:
    async with told.door("dune") as unit:
        assert await planned(unit) == set()
        assert await unit.partners.granted() == []
        with pytest.raises(NotFound):
            await unit.observations.history("shared", "on_hand", date.min, date.max)
    for member in ("acme", "bolt"):
        async with told.door(member) as unit:
            shown = await planned(unit)
            assert {(g, p) for m, g, p in shown if m == "consensus"} == set(CELLS)
            assert [grant.partner for a in await unit.partners.agreements() if a.name == "shared"
                    for grant in a.visibility] == ["cork", "cork"]


@pytest.mark.parametrize(("grant", "more", "seen"), [
    ({"valid_to": -1}, {}, False), ({"valid_to": 0}, {}, True), ({"valid_from": 1}, {}, False),
    ({"valid_from": 0}, {}, True), ({}, {"valid_to": -1}, False), ({}, {"valid_to": 0}, True),
    ({}, {"valid_from": 1}, False),
])
async def test_a_grant_holds_from_its_first_to_its_last_day_and_no_longer_than_its_agreement(
    told: StoredUnits, grant: dict[str, int], more: dict[str, int], seen: bool
) -> None:
    days = [{name: trade.today() + timedelta(days=many) for name, many in when.items()} for when in (grant, more)]
    await agree(told, shared({"sees": ("baseline",)} | days[0], **days[1]))
    async with told.door("cork") as unit:
        assert bool(await planned(unit)) is seen
        assert bool(await unit.partners.granted()) is seen
        assert (SOAP in (await unit.catalogue.snapshot()).items) is seen


async def test_an_empty_scope_is_that_of_the_agreement_and_a_grant_taken_back_is_gone_at_once(
    told: StoredUnits
) -> None:
    await agree(told, shared({"sees": ("baseline",)}))
    async with told.door("cork") as unit:
        assert await planned(unit) >= {("baseline", *cell) for cell in CELLS[3:]}
    await agree(told, shared())
    async with told.door("cork") as unit:
        assert await planned(unit) == set()
        assert DEPOT not in (await unit.catalogue.snapshot()).locations


async def test_a_grant_lets_nobody_write(told: StoredUnits) -> None:
    async with told.worker() as unit:
        plan = (await unit.plans.versions("shared"))[0]
    with pytest.raises((Forbidden, NotFound)):
        async with told.door("cork") as unit:
            await unit.plans.add(
                plan.model_copy(update={"author": "cork"}), trade.series([[1, 2]], ((SOAP, YARD),)))
    with pytest.raises((Forbidden, NotFound)):
        async with told.door("cork") as unit:
            await unit.observations.post("shared", "msg", pl.DataFrame(trade.observed()))


@pytest.mark.parametrize(("grant", "wrong"), [
    ({"partner": "acme", "sees": ("sold",)}, "acme is a member"),
    ({"partner": "cork", "sees": ()}, "at least 1"),
    ({"partner": "cork", "sees": ("sold",), "items": (trade.gtin(9),)}, "no item of the agreement"),
    ({"partner": "cork", "sees": ("sold",), "locations": (trade.gln(9),)}, "no location of the agreement"),
    ({"partner": "cork", "sees": ("sold",), "valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "before it begins"),
    ({"partner": "cork", "sees": ("sold",), "tier": 1}, "greater than or equal to 2"),
])
def test_a_grant_that_nobody_can_mean_is_refused(grant: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Agreement.model_validate(shared().model_dump() | {"visibility": [grant]})
