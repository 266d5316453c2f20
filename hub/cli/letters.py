"""`hub dead-letters`: what could not be processed or delivered, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from rich.markup import escape

from hub.app import build
from hub.cli.deeds import each
from hub.cli.terminal import app, complain, listing, out
from hub.errors import HubError
from hub.flow import care
from hub.ports import DeadLetter, Unit
from hub.settings import Settings

letters_app = typer.Typer(
    no_args_is_help=True, help="What could not be processed or delivered: list, show ID, replay ID…, discard ID….")
app.add_typer(letters_app, name="dead-letters")

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
Ids = Annotated[list[str], typer.Argument(help="public ids of messages")]


@letters_app.command("list")
def list_letters(
    everything: Annotated[bool, typer.Option("--all", help="also those that somebody has cared for")] = False,
    limit: Annotated[int, typer.Option(help="rows")] = 50,
    as_json: Json = False,
) -> None:
    """Messages that were given up and wait for somebody, newest first.

    Example: [bold]hub dead-letters list --json[/]
    """
    listing("Dead letters", [_row(letter) for letter in asyncio.run(_letters(everything, limit))], as_json)


async def _letters(everything: bool, limit: int) -> list[DeadLetter]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        return await unit.dead_letters.list(limit, all=everything)


def _row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.message, "day": f"{letter.at:%Y-%m-%d %H:%M}", "job": letter.job, "attempts": letter.attempts,
        "ended": letter.ended, "reason": letter.reason,
    }


@letters_app.command()
def show(id: Annotated[str, typer.Argument(help="public id of the message")], as_json: Json = False) -> None:
    """One message with its reasons; its bytes are whole, `hub messages ID` shows its findings.

    Example: [bold]hub dead-letters show msg_4xH…[/]
    """
    try:
        found = asyncio.run(_found(id))
    except HubError as missing:
        complain(str(missing))
        raise typer.Exit(2) from None
    if as_json:
        listing("Dead letter", [found], True)
        return
    reasons = found.pop("reasons")
    out.print("\n".join(f"{name:>9}  [bold]{escape(str(value))}[/]" for name, value in found.items()))
    for reason in reasons:
        out.print(f"   reason  [bold]{escape(reason)}[/]", soft_wrap=True)
    out.print(f"Mend the cause, then [bold]hub dead-letters replay {id}[/], or [bold]discard[/] it.")


async def _found(id: str) -> dict[str, Any]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        message, letters = await unit.inbox.get(id), await unit.dead_letters.of(id)
    return {
        "id": id, "direction": message.direction, "from": message.sender or "hub", "to": message.receiver or "hub",
        "message": message.message, "control": message.control, "bytes": message.length, "sha256": message.sha256,
        "state": message.state, "reasons": [f"{letter.at:%Y-%m-%d %H:%M} {letter.reason}" for letter in letters],
    }


@letters_app.command()
def replay(ids: Ids, as_json: Json = False) -> None:
    """Give them another chance: what came in is processed again, what goes out is sent again under its Message-ID.

    Example: [bold]hub dead-letters replay msg_4xH… msg_7Kd…[/]
    """
    _each(ids, care.replay, "Replayed", as_json)


@letters_app.command()
def discard(
    ids: Ids,
    reason: Annotated[str, typer.Option(help="why; it is kept in the audit trail")] = "",
    as_json: Json = False,
) -> None:
    """Take them off the list for good. The bytes are kept as long as the agreement says.

    Example: [bold]hub dead-letters discard msg_4xH… --reason "sent twice by mistake"[/]
    """

    async def one(unit: Unit, id: str) -> None:
        await care.discard(unit, id, reason=reason or None)

    _each(ids, one, "Discarded", as_json)


def _each(ids: list[str], deed: Callable[[Unit, str], Awaitable[object]], title: str, as_json: bool) -> None:
    """Do it to each by itself; exit 1 when one could not be done."""
    done = asyncio.run(each(ids, deed))
    listing(title, done, as_json)
    raise typer.Exit(0 if all(row["done"] for row in done) else 1)
