"""`hub alerts`: what is wrong right now, and whether anybody would hear of it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from adapters.alerts.ways import announcers
from adapters.clock import SystemClock
from hub.app import build
from hub.cli.terminal import app, complain, listing, out
from hub.errors import HubError, NotFound
from hub.model.alert import Alert
from hub.ports import Announcer, Raised
from hub.settings import Settings

alerts_app = typer.Typer(no_args_is_help=True, help="Troubles that last: list, close KIND SUBJECT, test.")
app.add_typer(alerts_app, name="alerts")

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]


@alerts_app.command("list")
def list_alerts(
    everything: Annotated[bool, typer.Option("--all", help="also those that are over")] = False,
    partner: Annotated[str | None, typer.Option(help="only about this partner")] = None,
    limit: Annotated[int, typer.Option(help="rows")] = 50,
    as_json: Json = False,
) -> None:
    """What is wrong right now, newest first, each with what to do about it.

    Example: [bold]hub alerts list --partner larkmoor[/]
    """
    try:
        found = asyncio.run(_alerts(everything, partner, limit))
    except NotFound as missing:
        complain(str(missing))
        raise typer.Exit(2) from None
    listing("Alerts", [row(r) if as_json else brief(r, everything) for r in found], as_json)


async def _alerts(everything: bool, partner: str | None, limit: int) -> list[Raised]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        if partner is not None:
            await unit.partners.stages(partner)  # nobody of that name is no empty list
        return await unit.alerts.list(all=everything, partner=partner, limit=limit)


def row(raised: Raised) -> dict[str, Any]:
    """What a listing shows of an alert; times in UTC."""
    return {
        "day": f"{raised.at:%Y-%m-%d %H:%M}", "kind": raised.alert.kind, "severity": raised.alert.severity,
        "subject": raised.alert.subject, "message": raised.alert.message, "hint": raised.alert.hint,
        "over": None if raised.closed_at is None else f"{raised.closed_at:%Y-%m-%d %H:%M}",
    }


def brief(raised: Raised, everything: bool) -> dict[str, Any]:
    """The same for people: two sentences need their room."""
    over = {"over": "" if raised.closed_at is None else f"{raised.closed_at:%d %H:%M}"} if everything else {}
    return {
        "day": f"{raised.at:%d %H:%M}", "kind": raised.alert.kind, "subject": raised.alert.subject,
        "what": raised.alert.message, "do": raised.alert.hint, **over,
    }


@alerts_app.command()
def close(
    kind: Annotated[str, typer.Argument(help="as listed, such as acknowledgement.overdue")],
    subject: Annotated[str, typer.Argument(help="as listed: a message id or a partner")],
) -> None:
    """Close an alert by hand. The same trouble, found again, is a new alert.

    Example: [bold]hub alerts close acknowledgement.overdue msg_4xH…[/]
    """
    if not asyncio.run(_close(kind, subject)):
        complain("No such alert is open; see `hub alerts list`.")
        raise typer.Exit(2)


async def _close(kind: str, subject: str) -> bool:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        closed = await unit.alerts.close(kind, subject)
        if closed:
            await unit.audit.record("operator", "alert.close", subject, {"kind": kind})
        return closed


@alerts_app.command("test")
def try_out(as_json: Json = False) -> None:
    """Send a test alert over every way that is set up (HUB_ALERT_*), now; exit 1 when one of them fails.

    Example: [bold]HUB_ALERT_WEBHOOK=https://chat.example/hook hub alerts test[/]
    """
    rows = asyncio.run(_test(announcers(Settings())))
    listing("Test", rows, as_json)
    if not as_json and len(rows) == 1:
        out.print("Only the log is set up; see HUB_ALERT_WEBHOOK and HUB_ALERT_MAIL.")
    raise typer.Exit(0 if all(r["told"] for r in rows) else 1)


async def _test(ways: list[Announcer]) -> list[dict[str, Any]]:
    alert = Alert(
        kind="test", subject="hub", severity="warning", message="This is a test; nothing is wrong.",
        hint="Nothing is to be done.")
    raised, rows = Raised("alert_test", alert, SystemClock().now()), []
    for way in ways:
        try:
            await way.tell(raised)
            rows.append({"way": way.name, "told": True, "why": None})
        except HubError as failure:
            rows.append({"way": way.name, "told": False, "why": str(failure)})
    return rows

