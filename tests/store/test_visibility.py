"""No partner gets anything of another's, through any method, on the connection that the doors use."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_type_hints

import psycopg
import pytest
from psycopg import sql

from hub import ports
from hub.errors import Forbidden, NotFound
from hub.model.acknowledgement import Acknowledged
from hub.model.business_plan import BusinessPlan
from hub.model.exception import ExceptionStep
from hub.model.exchange import Address
from hub.ports import Arrived, Unit
from hub.store import StoredUnits, Urls
from hub.store.tables import metadata
from tests.store import trade
from tests.store.trade import ALL, DEPOT, MONDAY, ROPE, SOAP, YARD

Ids = dict[str, str]
Call = Callable[[Unit, Ids], Awaitable[Any]]

ORDER, PLAN = trade.order("9", item=ROPE, place=YARD), trade.version("south", "dune", "sales_forecast")
SETTLED: dict[str, Any] = dict.fromkeys(("sender", "receiver", "format", "kind", "version", "control"), None)
SENT: dict[str, Any] = {"sender": None, "format": "x12", "kind": "850", "version": None, "control": None,
                        "in_reply_to": None}


async def all_bytes(unit: Unit, message: str) -> bytes:
    return b"".join([chunk async for chunk in unit.inbox.content(message)])


ASKED: dict[str, Call] = {
    # What acme may call: the answer holds nothing of the others, or there is no such thing for acme.
    "inbox.get": lambda u, i: u.inbox.get(i["message"]),
    "inbox.content": lambda u, i: all_bytes(u, i["message"]),
    "inbox.list": lambda u, i: u.inbox.list(),
    "inbox.find": lambda u, i: u.inbox.find("4500"),
    "documents.of_message": lambda u, i: u.documents.of_message(i["message"]),
    "documents.current": lambda u, i: u.documents.current("Order", ["dune", "cork"]),
    "orders.get": lambda u, i: u.orders.get(i["order"]),
    "orders.timeline": lambda u, i: u.orders.timeline(i["order"]),
    "shipments.get": lambda u, i: u.shipments.get(i["shipment"]),
    "shipments.list": lambda u, i: u.shipments.list(),
    "stock.get": lambda u, i: u.stock.get(f"south-{ROPE}-{YARD}"),
    "stock.list": lambda u, i: u.stock.list(),
    "inbox.piece": lambda u, i: u.inbox.piece(i["message"], 0),
    "catalogue.items": lambda u, i: u.catalogue.items(),
    "catalogue.locations": lambda u, i: u.catalogue.locations(),
    "orders.find": lambda u, i: u.orders.find("dune", "cork", "4500"),
    "orders.list": lambda u, i: u.orders.list(),
    "catalogue.snapshot": lambda u, i: u.catalogue.snapshot(),
    "partners.profiles": lambda u, i: u.partners.profiles(),
    "partners.agreements": lambda u, i: u.partners.agreements(),
    "partners.arranged": lambda u, i: u.partners.arranged(),
    "partners.overlays": lambda u, i: u.partners.overlays(),
    "partners.stages": lambda u, i: u.partners.stages("dune"),
    "observations.history": lambda u, i: u.observations.history("south", "sold", date.min, date.max),
    "observations.latest": lambda u, i: u.observations.latest("south", "sold"),
    "plans.versions": lambda u, i: u.plans.versions("south"),
    "plans.latest": lambda u, i: u.plans.latest("south", "dune", "sales_forecast"),
    "plans.series": lambda u, i: u.plans.series(int(i["plan"])),
    "plans.reason": lambda u, i: u.plans.reason(int(i["plan"]), ROPE, YARD),
    "plans.part": lambda u, i: u.plans.part(int(i["plan"]), "promotion"),
    "cycles.get": lambda u, i: u.cycles.get(i["run"]),
    "cycles.list": lambda u, i: u.cycles.list(),
    "scorecards.get": lambda u, i: u.scorecards.get(i["run"]),
    "scorecards.list": lambda u, i: u.scorecards.list(),
    "scorecards.exceptions": lambda u, i: u.scorecards.exceptions("south"),
    "replenishment.get": lambda u, i: u.replenishment.get("baseline", i["baseline"]),
    "replenishment.list": lambda u, i: u.replenishment.list("baseline"),
    "forecasts.named": lambda u, i: u.forecasts.named([i["forecast"]]),
    "forecasts.list": lambda u, i: u.forecasts.list(),
    "plan_book.get": lambda u, i: u.plan_book.get(i["forecast"].partition("-")[0]),
    "plan_book.of": lambda u, i: u.plan_book.of(int(i["plan"])),
    "plan_book.list": lambda u, i: u.plan_book.list(),
    "plan_book.pairs": lambda u, i: u.plan_book.pairs(*[i["forecast"].partition("-")[0]] * 2),
    "exceptions.known": lambda u, i: u.exceptions.known("south", datetime.now(UTC)),
    "business_plans.get": lambda u, i: u.business_plans.get("south"),
    "exceptions.list": lambda u, i: u.exceptions.list(),
    "exceptions.get": lambda u, i: u.exceptions.get(i["exception"]),
    "exceptions.history": lambda u, i: u.exceptions.history(i["exception"]),
    "exceptions.of_run": lambda u, i: u.exceptions.of_run(i["run"]),
    "metric_exceptions.get": lambda u, i: u.metric_exceptions.get(i["metric"]),
    "metric_exceptions.list": lambda u, i: u.metric_exceptions.list(),
    "metric_exceptions.of_run": lambda u, i: u.metric_exceptions.of_run(i["run"]),
    "events.list": lambda u, i: u.events.list(),
}
REFUSED: dict[str, Call] = {
    # What no door may do, to anybody's things.
    "inbox.receive": lambda u, i: u.inbox.receive(trade.parcel(b"forged", "dune"), 99),
    "inbox.lock": lambda u, i: u.inbox.lock(i["message"]),
    "inbox.settle": lambda u, i: u.inbox.settle(i["message"], "rejected", findings=[], **SETTLED),
    "inbox.reopen": lambda u, i: u.inbox.reopen(i["message"]),
    "inbox.seen_control": lambda u, i: u.inbox.seen_control(trade.interchange(), None, i["message"]),
    "documents.add": lambda u, i: u.documents.add(i["message"], trade.reading(ORDER), None, None),
    "orders.overdue": lambda u, i: u.orders.overdue("south", date.max),
    "orders.open_quantities": lambda u, i: u.orders.open_quantities("south"),
    "orders.promises": lambda u, i: u.orders.promises("south", MONDAY, MONDAY + timedelta(days=7)),
    "orders.place": lambda u, i: u.orders.place(ORDER, "dune", "cork", None),
    "orders.answer": lambda u, i: u.orders.answer(i["order"], trade.refusal(), i["message"], "rejected"),
    "orders.move": lambda u, i: u.orders.move(i["order"], "rejected"),
    "orders.amend": lambda u, i: u.orders.amend(i["order"], ORDER, "received"),
    "orders.happen": lambda u, i: u.orders.happen(i["order"], "receipt", "1", None, {}),
    "orders.receive": lambda u, i: u.orders.receive(i["order"], [Arrived(1.0, gtin=ROPE)]),
    "catalogue.put": lambda u, i: u.catalogue.put("cork", [], [], [], []),
    "partners.put": lambda u, i: u.partners.put(trade.profile("cork", "Corrupted"), [], {}),
    "retention.due": lambda u, i: u.retention.due("bytes", datetime.now(UTC)),
    "retention.purge": lambda u, i: u.retention.purge([
        ports.Due(i["message"], "bytes", datetime.now(UTC), 1, 1, ("cork",))]),
    "retention.books": lambda u, i: u.retention.books("orders", datetime.now(UTC)),
    "retention.purge_books": lambda u, i: u.retention.purge_books([
        ports.DueBook("orders", i["order"], i["order"], trade.NOW, trade.NOW, 1, 1, ("cork", "dune"))]),
    "retention.hold": lambda u, i: u.retention.hold("cork", "no reason", "acme"),
    "retention.release": lambda u, i: u.retention.release("cork", "acme"),
    "retention.holds": lambda u, i: u.retention.holds(),
    "partners.revision": lambda u, i: u.partners.revision(),
    "partners.move": lambda u, i: u.partners.move("cork", "drafted", "acme", "out of spite"),
    "trials.of": lambda u, i: u.trials.of("cork"),
    "trials.clear": lambda u, i: u.trials.clear("cork"),
    "controls.forget": lambda u, i: u.controls.forget("cork"),
    "alerts.of_kind": lambda u, i: u.alerts.of_kind("test"),
    "partners.issue_token": lambda u, i: u.partners.issue_token("cork", "stolen"),
    "partners.revoke_tokens": lambda u, i: u.partners.revoke_tokens("cork", "erp"),
    "partners.open_account": lambda u, i: u.partners.open_account("cork", "mole", "user", "admin"),
    "partners.change_account": lambda u, i: u.partners.change_account("cork", "erp", role="viewer"),
    "replies.claim": lambda u, i: u.replies.claim("cork", "1", "m", b""),
    "replies.keep": lambda u, i: u.replies.keep("cork", "1", b""),
    "replies.forget": lambda u, i: u.replies.forget(datetime.now(UTC)),
    "events.forget": lambda u, i: u.events.forget(datetime.now(UTC)),
    "audit.seal": lambda u, i: u.audit.seal(),
    "audit.proof": lambda u, i: u.audit.proof(),
    "audit.holds": lambda u, i: u.audit.holds("00"),
    "observations.post": lambda u, i: u.observations.post("south", i["message"], trade.observed()),
    "plans.add": lambda u, i: u.plans.add(PLAN, trade.series([[1, 1]], ((ROPE, YARD),))),
    "exceptions.add": lambda u, i: u.exceptions.add(i["run"], [trade.dispute("south", ROPE, YARD)]),
    "replenishment.released": lambda u, i: u.replenishment.released(
        int(i["plan"]), [(ROPE, YARD, 1.0)], i["order"], "acme"),
    "plans.told": lambda u, i: u.plans.told(int(i["plan"])),
    "business_plans.put": lambda u, i: u.business_plans.put(BusinessPlan(agreement="south")),
    "plans.hold": lambda u, i: u.plans.hold("south"),
    "exceptions.step": lambda u, i: u.exceptions.step(
        trade.dispute("south", ROPE, YARD).model_copy(update={"id": i["exception"]}),
        ExceptionStep(act="escalate", actor="cork", state="escalated", at=datetime.now(UTC))),
    "exceptions.resolve": lambda u, i: u.exceptions.resolve(i["run"], [trade.dispute("south", ROPE, YARD)]),
    "scorecards.add": lambda u, i: u.scorecards.add(trade.scorecard(i["run"], "south", "cork")),
    "cycles.put_away": lambda u, i: u.cycles.put_away(i["run"], "cork"),
    "cycles.take_up": lambda u, i: u.cycles.take_up(i["run"], "cork"),
    "runs.open": lambda u, i: u.runs.open("south", MONDAY),
    "runs.again": lambda u, i: u.runs.again("south", MONDAY),
    "runs.heard": lambda u, i: u.runs.heard("south"),
    "runs.advance": lambda u, i: u.runs.advance(i["run"], "settle", {}),
    "runs.list": lambda u, i: u.runs.list(),
    "outbox.put": lambda u, i: u.outbox.put("cork", "folder", "f", b"", **SENT),
    "deliveries.claim": lambda u, i: u.deliveries.claim(1, ["folder"], 9),
    "deliveries.beat": lambda u, i: u.deliveries.beat(1),
    "deliveries.give_back": lambda u, i: u.deliveries.give_back(1),
    "deliveries.succeed": lambda u, i: u.deliveries.succeed(i["sent"], "", 0, None),
    "deliveries.postpone": lambda u, i: u.deliveries.postpone(1, i["sent"], "", 0, 9, trip_after=1),
    "deliveries.fail": lambda u, i: u.deliveries.fail(1, i["sent"], "refused", "", 0),
    "deliveries.expect_receipt": lambda u, i: u.deliveries.expect_receipt(i["sent"], 60),
    "deliveries.receipted": lambda u, i: u.deliveries.receipted(i["sent"]),
    "deliveries.without_receipt": lambda u, i: u.deliveries.without_receipt(),
    "deliveries.resend": lambda u, i: u.deliveries.resend(i["sent"]),
    "deliveries.discard": lambda u, i: u.deliveries.discard(i["sent"]),
    "deliveries.overdue": lambda u, i: u.deliveries.overdue(),
    "deliveries.answered_late": lambda u, i: u.deliveries.answered_late(),
    "alerts.open": lambda u, i: u.alerts.open(trade.alert("cork")),
    "alerts.close": lambda u, i: u.alerts.close("test", "cork"),
    "alerts.untold": lambda u, i: u.alerts.untold(),
    "alerts.told": lambda u, i: u.alerts.told("alert_1", ["log"], None),
    "alerts.list": lambda u, i: u.alerts.list(),
    "outbox.acknowledged": lambda u, i: u.outbox.acknowledged(
        "cork", "edifact", Acknowledged(control="7", outcome="accepted"), "interchange"),
    "controls.arrive": lambda u, i: u.controls.arrive("x12", "cork", Address(id="CORK"), None, 7),
    "controls.take": lambda u, i: u.controls.take("x12", *[trade.interchange().sender] * 2),  # type: ignore[list-item]
    "events.publish": lambda u, i: u.events.publish([trade.HubEvent(type="t", subject="s", partners=("cork",))]),
    "audit.verify": lambda u, i: u.audit.verify(),
    "dead_letters.add": lambda u, i: u.dead_letters.add(i["message"], "process", "", 1),
    "figures.read": lambda u, i: u.figures.read(),
    "dead_letters.of": lambda u, i: u.dead_letters.of(i["sent"]),
    "dead_letters.end": lambda u, i: u.dead_letters.end(i["sent"], "discarded", "acme"),
    "dead_letters.list": lambda u, i: u.dead_letters.list(),
}
ELSEWHERE = {
    "partners.granted": "test_granted: what agreements of others grant the caller, and nobody else",
    "deliveries.get": "tests/rpc/test_deliveries, test_matrix: only what is on its way to the caller",
    "deliveries.list": "tests/rpc/test_deliveries, test_matrix: only what is on its way to the caller",
    "deliveries.attempts": "tests/rpc/test_deliveries: of others' deliveries it says that there is none",
    "deliveries.acknowledgements": "tests/rpc/test_deliveries: of others' deliveries it says that there is none",
    "exceptions.signed": "the same rows as `of_run`, those that both sides have signed: in these trades none",
    "exceptions.newer": "yes or no about an exception that `get` has shown; no for any other",
    "inbox.taken_since": "tests/transports/test_repeats: counts what the caller itself handed in",
    "inbox.taken_today": "test_a_count_is_of_ones_own: counts what the caller itself handed in",
    "mailbox.list": "tests/transports/test_mailbox: what waits for the caller",
    "mailbox.named": "tests/transports/sftp/test_wired: only among the caller's own files",
    "mailbox.fetched": "tests/transports/sftp/test_wired: only the caller's own files",
    "mailbox.take": "tests/transports/test_mailbox: of others' files it says that there is none",
    "partners.callers_of_tokens": "test_repositories: says whose token it is to whoever shows it",
    "orders.of_event": "orders that are visible by themselves, found by what happened to them",
    "partners.accounts": "tests/rpc/test_roles: a partner's own, by row-level security",
    "partners.account": "tests/rpc/test_roles: a partner's own, by row-level security",
    "events.bounds": "two numbers: how far events go, and how far back they are kept",
    "events.rung": "numbers of events and short names, for the process itself; no servicer asks",
    "audit.note": "a door may add what its callers read, and cannot read it",
    "queue.defer": "test_inbox: public ids only",
    "audit.record": "a door may add to the trail, and cannot read it",
    "partners.callers_of_glns": "test_repositories: says whose GLN it is, as any certificate does",
}


@pytest.fixture
async def trades(book: StoredUnits) -> tuple[Ids, Ids]:
    """One of everything of acme's and bolt's, and one of everything of cork's and dune's."""
    return (await trade.live(book, "north", "acme", "bolt", SOAP, DEPOT),
            await trade.live(book, "south", "cork", "dune", ROPE, YARD))


async def test_every_method_of_the_ports_is_tried_here() -> None:
    methods = {
        f"{name}.{method}"
        for name, protocol in get_type_hints(ports.Unit).items()
        for method in vars(protocol) if not method.startswith("_")
    }
    assert methods == set(ASKED) | set(REFUSED) | set(ELSEWHERE)


async def ask(units: StoredUnits, door: str | None, call: Call, ids: Ids) -> Any:
    """What a door says, None when it says that there is no such thing or that it may not."""
    try:
        async with units.door(door) as unit:
            return await call(unit, ids)
    except (NotFound, Forbidden):
        return None


async def test_nothing_of_others_comes_back(book: StoredUnits, trades: tuple[Ids, Ids]) -> None:
    theirs = trades[1]
    secrets = {"cork", "dune", "south", "rope", ROPE, YARD, *theirs.values()} - {theirs["plan"]}
    shown = {method: trade.shown(await ask(book, "acme", call, theirs)) for method, call in ASKED.items()}
    assert {(method, secret) for method, text in shown.items() for secret in secrets if secret in text} == set()


async def test_ones_own_comes_back_by_the_same_calls(book: StoredUnits, trades: tuple[Ids, Ids]) -> None:
    answers = {method: await ask(book, "dune", call, trades[1]) for method, call in ASKED.items()}
    assert [method for method, answer in answers.items() if trade.is_empty(answer)] == []


async def test_a_sender_not_yet_known_sees_nothing_at_all(book: StoredUnits, trades: tuple[Ids, Ids]) -> None:
    calls = {**ASKED, **REFUSED}
    answers = {method: await ask(book, None, call, trades[1]) for method, call in calls.items()}
    assert {method: answer for method, answer in answers.items() if not trade.is_empty(answer)} == {}


async def test_a_door_cannot_touch_what_others_own(
    book: StoredUnits, trades: tuple[Ids, Ids], urls: Urls
) -> None:
    before = everything(urls)
    for call in REFUSED.values():
        with pytest.raises((NotFound, Forbidden)):
            async with book.door("acme") as unit:
                await call(unit, trades[1])
    assert everything(urls) == before


async def test_a_count_is_of_ones_own(book: StoredUnits) -> None:
    counted = {}
    for partner, content in (("acme", b"one"), ("bolt", b"other file")):
        async with book.door(partner) as unit:
            arrived = dataclasses.replace(trade.parcel(content, partner), received_at=datetime.now(UTC))
            await unit.inbox.receive(arrived, 99)
            counted[partner] = await unit.inbox.taken_today()
    assert counted == {"acme": (1, 3), "bolt": (1, 10)}


async def test_the_worker_sees_all_sides(book: StoredUnits, trades: tuple[Ids, Ids]) -> None:
    async with book.worker() as unit:
        for ids in trades:
            assert (await unit.inbox.get(ids["message"])).id == ids["message"]
        assert {o.buyer for o in await unit.orders.list()} == {"bolt", "dune"}
        assert {e.agreement for e in await unit.exceptions.list()} == {"north", "south"}
        published = [event for _, event in await unit.events.list() if event.type == "order.placed"]
        assert len(published) == 2


# -- what an agreement lets its members see --------------------------------------------------------------------------


async def tell(units: StoredUnits, name: str) -> None:
    message = await trade.submit(units, "bolt", name.encode())
    async with units.worker() as unit:
        for measure in ("sold", "on_hand"):
            await unit.observations.post(name, message, trade.observed(measure=measure))
        for author, planned in (("acme", "sales_forecast"), ("bolt", "sales_forecast"), ("hub", "baseline")):
            await unit.plans.add(trade.version(name, author, planned), trade.series([[1, 2]]))  # type: ignore[arg-type]
        run = await unit.runs.open(name, MONDAY)
        await unit.exceptions.add(run.id, [trade.dispute(name)])


async def visible(unit: Unit, name: str) -> dict[str, Any]:
    observed = [m for m in ("sold", "on_hand")
                if not (await unit.observations.history(name, m, date.min, date.max)).is_empty()]
    plans = sorted(f"{v.author} {v.measure}" for v in await unit.plans.versions(name))
    disputes = [(e.left, e.baseline) for e in await unit.exceptions.list(agreement=name)]
    return {"observed": observed, "plans": plans, "disputes": disputes}


async def test_a_member_sees_the_measures_that_were_agreed_and_its_own_plans(units: StoredUnits) -> None:
    await trade.found(units, trade.agreement("narrow", "acme", "bolt", sees=("sold",)))
    await tell(units, "narrow")
    async with units.door("bolt") as unit:
        assert await visible(unit, "narrow") == {
            "observed": ["sold"], "plans": ["bolt sales_forecast"], "disputes": []}
    async with units.door("acme") as unit:
        assert await visible(unit, "narrow") == {
            "observed": ["sold", "on_hand"], "disputes": [(10.0, 15.0)],
            "plans": ["acme sales_forecast", "bolt sales_forecast", "hub baseline"]}


async def test_how_good_a_forecast_was_is_told_to_whoever_may_see_it_and_what_came(units: StoredUnits) -> None:
    for name, sees, seen in (("both", ("sold", "sales_forecast"), ["acme"]), ("blind", ("sales_forecast",), []),
                             ("all", ALL, ["acme", "hub"])):
        await trade.found(units, trade.agreement(name, "acme", "bolt", sees=sees))
        async with units.worker() as unit:
            run = (await unit.runs.open(name, MONDAY)).id
            await unit.scorecards.add(trade.scorecard(run, name, "acme"))
        async with units.door("bolt") as unit:
            card = await unit.scorecards.get(run)
            assert [row.author for row in card.accuracy] == seen
            assert len(card.value_added) == (name == "all"), "an improvement shows both forecasts"
            assert [row.author for row in card.exceptions] == seen
            assert await unit.scorecards.exceptions(name) == list(card.exceptions)


async def test_an_exception_hides_a_baseline_that_was_not_agreed(units: StoredUnits) -> None:
    await trade.found(units, trade.agreement("views", "acme", "bolt", sees=("sales_forecast",)))
    await tell(units, "views")
    async with units.door("bolt") as unit:
        assert (await visible(unit, "views"))["disputes"] == [(10.0, None)]


@pytest.mark.parametrize(("days", "seen"), [(-1, False), (0, True), (1, True)])
async def test_an_expired_agreement_shows_nothing_any_more(units: StoredUnits, days: int, seen: bool) -> None:
    until = trade.today() + timedelta(days=days)
    await trade.found(units, trade.agreement("late", "acme", "bolt", valid_to=until))
    await tell(units, "late")
    async with units.door("acme") as unit:
        assert ("late" in {a.name for a in await unit.partners.agreements()}) is seen
        if seen:
            assert (await visible(unit, "late"))["observed"] == ["sold", "on_hand"]
        else:
            with pytest.raises(NotFound):
                await visible(unit, "late")
            assert await unit.plans.versions("late") == []
            assert not await unit.exceptions.list(agreement="late")


async def test_a_measure_taken_out_of_the_agreement_is_gone_at_once(units: StoredUnits) -> None:
    await trade.found(units, trade.agreement("wide", "acme", "bolt"))
    await tell(units, "wide")
    async with units.worker() as unit:
        narrower = trade.agreement("wide", "acme", "bolt", sees=tuple(m for m in ALL if m != "on_hand"))
        await unit.partners.put(trade.profile("acme"), [narrower], {})
    async with units.door("bolt") as unit:
        assert (await visible(unit, "wide"))["observed"] == ["sold"]


async def test_one_door_after_the_other_on_one_connection_sees_its_own(units: StoredUnits) -> None:
    await trade.found(units)
    for _ in range(3):
        for name in ("acme", "cork"):
            async with units.door(name) as unit:
                assert name in {p.name for p in await unit.partners.profiles()}
                assert {"acme": "cork", "cork": "acme"}[name] not in {p.name for p in await unit.partners.profiles()}
        async with units.door(None) as unit:
            assert await unit.partners.profiles() == []


async def test_a_name_that_nobody_has_gets_no_door(book: StoredUnits) -> None:
    with pytest.raises(Forbidden):
        async with book.door("nobody"):
            pass


async def test_a_file_that_names_another_sender_stays_its_bringers(book: StoredUnits) -> None:
    message = await trade.submit(book, "acme", b"forged in the name of cork")
    async with book.worker() as unit:
        await trade.settle(unit, message, "cork", "bolt")
    async with book.door("cork") as unit:
        with pytest.raises(NotFound):
            await unit.inbox.get(message)
    async with book.door("acme") as unit:
        assert (await unit.inbox.get(message)).state == "processed"


def everything(urls: Urls) -> dict[str, str]:
    """A fingerprint of each table's rows."""
    fingerprint = sql.SQL("SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} t")
    with psycopg.connect(urls.owner) as connection:
        return {
            table: str(connection.execute(fingerprint.format(sql.Identifier(table))).fetchone())
            for table in (*metadata.tables, "procrastinate_jobs")
        }
