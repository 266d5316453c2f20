"""`hub deliveries` and `hub resend`: what is on its way to partners, and trying again."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from hub.app import build
from hub.cli.terminal import app, complain, listing, out
from hub.errors import HubError, NotFound
from hub.flow import care
from hub.ports import Attempt, Delivery
from hub.settings import Settings

State = Literal["queued", "sending", "waiting", "delivered", "failed", "discarded"]


@app.command()
def deliveries(
    id: Annotated[str | None, typer.Argument(help="public id of one outbound message: shows every attempt")] = None,
    partner: Annotated[str | None, typer.Option(help="only to this partner")] = None,
    state: Annotated[State | None, typer.Option(help="only those that stand so")] = None,
    limit: Annotated[int, typer.Option(help="rows")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Files on their way to partners, newest first, or every attempt at one of them with the receiver's answer.

    Examples: [bold]hub deliveries --state queued[/]   [bold]hub deliveries msg_4xH…[/]
    """
    try:
        asyncio.run(_show(id, as_json) if id else _list(partner, state, limit, as_json))
    except NotFound as missing:
        complain(str(missing))
        raise typer.Exit(2) from None


async def _list(partner: str | None, state: str | None, limit: int, as_json: bool) -> None:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        if partner is not None:
            await unit.partners.stages(partner)  # nobody of that name is no empty list
        page = await unit.deliveries.list(partner=partner, state=state, limit=limit)
    listing("Deliveries", [row(d) if as_json else brief(d) for d in page.rows], as_json)


def row(delivery: Delivery) -> dict[str, Any]:
    """What a listing shows of a delivery; times in UTC."""
    return {
        "id": delivery.message, "to": delivery.receiver, "channel": delivery.channel, "message": delivery.kind,
        "control": delivery.control, "file": delivery.filename, "bytes": delivery.length, "state": delivery.state,
        "attempts": delivery.attempts, "queued": _moment(delivery.queued_at),
        "next": _moment(delivery.next_at) if delivery.state == "queued" else None,
        "delivered": _moment(delivery.delivered_at), "expects": delivery.expects, "due": _moment(delivery.due_at),
        "overdue": _moment(delivery.overdue_at), "answer": delivery.answer,
    }


def brief(delivery: Delivery) -> dict[str, Any]:
    """The same for people, narrow enough for a terminal of eighty columns."""
    late = " overdue" if delivery.overdue_at else ""
    return {
        "id": delivery.message, "to": delivery.receiver, "type": delivery.kind, "state": delivery.state + late,
        "tries": delivery.attempts, "next": f"{delivery.next_at:%d %H:%M}" if delivery.state == "queued" else "",
    }


def _moment(at: Any) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


async def _show(id: str, as_json: bool) -> None:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        delivery, attempts = await unit.deliveries.get(id), await unit.deliveries.attempts(id)
    tries = [_attempt(a) for a in attempts]
    if as_json:
        listing("Delivery", [row(delivery) | {"log": tries}], True)
        return
    out.print("\n".join(
        f"{name:>9}  [bold]{escape(str(value))}[/]" for name, value in row(delivery).items() if value is not None))
    listing("Attempts", tries, False)


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": _moment(attempt.at), "outcome": attempt.outcome,
        "seconds": None if attempt.seconds is None else round(attempt.seconds, 2), "answer": attempt.answer,
    }


@app.command()
def resend(
    ids: Annotated[list[str], typer.Argument(help="public ids of outbound messages")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Send outbound messages once more, now. The bytes and the Message-ID stay: a receiver that has it knows a repeat.

    Example: [bold]hub resend msg_4xH…[/]
    """
    done = asyncio.run(_resend(ids))
    listing("Resent", done, as_json)
    raise typer.Exit(0 if all(row["sent"] for row in done) else 1)


async def _resend(ids: list[str]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = []
    async with build(Settings()) as hub:
        for id in ids:
            try:
                async with hub.units.worker() as unit:
                    await care.resend(unit, id)
                done.append({"id": id, "sent": True, "why": None})
            except HubError as refusal:
                done.append({"id": id, "sent": False, "why": str(refusal)})
    return done
