"""What must be true afterwards: read from PostgreSQL, the mailboxes and over gRPC, never from what the demo did."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from hub.cli.demo.desk import ANSWERS
from hub.cli.demo.stage import Stage
from hub.client import AsyncClient, CallError
from hub.model.exchange import Reading
from hub.model.order import Order
from hub.ports import Message, Unit

ROUTES = {
    ("larkmoor", "quillfield", "ORDERS"): "the retailer's 850 reached the manufacturer as ORDERS",
    ("quillfield", "larkmoor", "855"): "its ORDRSP returned as 855",
    ("quillfield", "pebbleworth", "830"): "the manufacturer's DELFOR reached the supplier as 830",
    ("quillfield", "pebbleworth", "850"): "its ORDERS reached the supplier as 850",
    ("pebbleworth", "quillfield", "ORDRSP"): "the supplier's 855 returned as ORDRSP",
}
FAULTS = {"E-UNKNOWN-CONVERSION", "E-UNKNOWN-ITEM"}


@dataclass(frozen=True, slots=True)
class Check:
    """One claim, whether it holds, and the figure that shows it."""

    claim: str
    holds: bool
    shown: str


async def everything(stage: Stage) -> AsyncIterator[Check]:
    """All claims, in the order of the story."""
    async with stage.hub.units.worker() as unit:
        log = await messages(unit)
        async for check in exchange(stage, unit, log):
            yield check
        async for check in planning(stage, unit, log):
            yield check
    async for check in visibility(stage, log):
        yield check


async def messages(unit: Unit) -> list[Message]:
    """The whole message log."""
    found: list[Message] = []
    after = None
    while True:
        page = await unit.inbox.list(limit=500, after=after)
        found += page.rows
        after = page.next_key
        if after is None:
            return found


async def exchange(stage: Stage, unit: Unit, log: list[Message]) -> AsyncIterator[Check]:
    """Every pushed file is there byte for byte, read, answered; what had to travel on has arrived and was answered."""
    pushed = [(name, push) for name, desk in stage.desks.items() for push in desk.pushed]
    by_hash = {(m.sender, m.sha256): m for m in log if m.direction == "in"}
    stored = [by_hash.get((name, push.sha256)) for name, push in pushed]
    exact = 0
    for (_, push), message in zip(pushed, stored, strict=True):
        if message is not None:
            digest = hashlib.sha256()
            async for chunk in unit.inbox.content(message.id):
                digest.update(chunk)
            exact += digest.hexdigest() == push.sha256
    yield Check("every pushed file is stored byte for byte", exact == len(pushed), f"{exact} of {len(pushed)}")

    processed = sum(m is not None and m.state == "processed" for m in stored)
    yield Check("every pushed file was processed", processed == len(pushed), f"{processed} of {len(pushed)}")

    replies = {m.in_reply_to for m in log if m.direction == "out" and m.message in ANSWERS | {"csv"}}
    due = [m for (_, push), m in zip(pushed, stored, strict=True) if push.answer_due]
    answered = sum(m is not None and m.id in replies for m in due)
    yield Check("997, CONTRL, ApplicationResponse or CSV report went back for each", answered == len(due),
                f"{answered} of {len(due)}")

    outcomes = [o for desk in stage.desks.values() for o in desk.outcomes]
    accepted = sum(o in ("accepted", "received") for o in outcomes)
    yield Check("and every desk read them as accepted", accepted == len(outcomes) > 0, f"{accepted} of {len(outcomes)}")

    for (sender, receiver, kind), claim in ROUTES.items():
        routed = [m for m in log if (m.direction, m.sender, m.receiver, m.message) == ("out", sender, receiver, kind)]
        good = sum(m.state == "acknowledged" for m in routed)
        yield Check(claim, good == len(routed) > 0, f"{good} sent and acknowledged")

    yield await forecast_in_ubl(unit, log)

    faults = {f.code for m in log for f in m.findings}
    yield Check("an unknown unit and an unknown item were found and named", faults >= FAULTS,
                ", ".join(sorted(FAULTS & faults)) or "none")


async def forecast_in_ubl(unit: Unit, log: list[Message]) -> Check:
    """The manufacturer's UBL Forecast is a version of the plan, and an ApplicationResponse said that it is accepted."""
    wanted = ("in", "quillfield", "ubl", "Forecast")
    sent = {m.id for m in log if (m.direction, m.sender, m.format, m.message) == wanted}
    versions = await unit.plans.versions("wholesale", author="quillfield", measure="sales_forecast")
    planned = sent & {version.source for version in versions}
    answers = [m for m in log if m.in_reply_to in sent and m.message == "ApplicationResponse"]
    texts = [b"".join([piece async for piece in unit.inbox.content(m.id)]) for m in answers]
    accepted = sum(b">AP</cbc:ResponseCode>" in text for text in texts)
    return Check("the manufacturer's UBL Forecast became a plan and got an ApplicationResponse",
                 len(planned) == accepted == len(sent) > 0, f"{len(planned)} planned, {accepted} accepted")


async def planning(stage: Stage, unit: Unit, log: list[Message]) -> AsyncIterator[Check]:
    """The planted disagreements are found; the released orders are files in the sellers' mailboxes."""
    found = {
        (e.gtin, e.gln, e.period) for e in (await unit.exceptions.list(agreement="retail", limit=10_000)).rows
    }
    wanted = {(p.gtin.zfill(14), p.gln, p.week) for p in stage.world.planted}
    hit = len(wanted & found)
    yield Check("every planted disagreement is an exception", hit == len(wanted) > 0, f"{hit} of {len(wanted)}")

    runs = await unit.runs.list()
    done = sum(run.state == "finished" for run in runs)
    yield Check("every agreement's cycle finished", done == len(stage.world.agreements), f"{done} cycles")

    numbers = {n for run in runs for n in run.detail.get("orders", [])}
    booked = {o.number: o for o in (await unit.orders.list(limit=500)).rows if o.number in numbers}
    received = {
        r.document.number: r for desk in stage.desks.values() for r in desk.got if isinstance(r.document, Order)
    }
    same = sum(
        number in received and quantities(received[number]) == quantities_of(booked[number].body)
        for number in numbers if number in booked
    )
    kinds = sorted({received[n].message for n in numbers if n in received})
    yield Check("released orders lie in the sellers' mailboxes, quantity for quantity", same == len(numbers) > 0,
                f"{same} of {len(numbers)} as {' and '.join(kinds) or 'nothing'}")


def quantities(reading: Reading) -> list[str]:
    """What a file asks for, line by line."""
    assert isinstance(reading.document, Order)  # noqa: S101  (selected so by the caller)
    return [f"{line.quantity.normalize():f} {line.unit}" for line in reading.document.lines]


def quantities_of(body: dict[str, object]) -> list[str]:
    """The same of a booked order."""
    order = Order.model_validate(body)
    return [f"{line.quantity.normalize():f} {line.unit}" for line in order.lines]


async def visibility(stage: Stage, log: list[Message]) -> AsyncIterator[Check]:
    """Over gRPC each partner reads its own and nothing else."""
    for name, desk in stage.desks.items():
        own = {m.id for m in log if name in (m.sender, m.receiver)}
        foreign = next((m.id for m in log if m.id not in own), None)
        members = {a.name for a in stage.world.agreements.values() if any(m.partner == name for m in a.members)}
        async with AsyncClient.with_token(f"127.0.0.1:{stage.ports.grpc_token}", desk.token, plaintext=True) as client:
            seen = {m.name.removeprefix("messages/") async for m in client.messages()}
            orders = [o async for o in client.orders()]
            theirs = {f.agreement.removeprefix("agreements/") async for f in client.forecasts()}
            refused = foreign is not None and await _refused(client, foreign)
        holds = seen == own and theirs <= members and refused
        yield Check(f"over gRPC {stage.titles[name]} reads its own and nothing else", holds,
                    f"{len(seen)} messages, {len(orders)} orders, forecasts of {', '.join(sorted(theirs)) or 'none'}")


async def _refused(client: AsyncClient, message: str) -> bool:
    try:
        await client.message(f"messages/{message}")
    except CallError as error:
        return error.reason == "NOT_FOUND"
    return False
