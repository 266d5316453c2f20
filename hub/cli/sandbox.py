"""`hub sandbox`: what a partner's tests have left, and away with it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer

from hub.app import build
from hub.cli.terminal import app, complain, listing
from hub.errors import NotFound, Reject
from hub.settings import Settings

sandbox_app = typer.Typer(no_args_is_help=True, help="What partners have tried: show, clear.")
app.add_typer(sandbox_app, name="sandbox")
Name = Annotated[str, typer.Argument(help="the partner's short name")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]


@sandbox_app.command()
def show(
    name: Name, limit: Annotated[int, typer.Option(help="at most so many lines")] = 100, as_json: Json = False
) -> None:
    """List what the tests of a partner have left: orders, forecasts, reports and control numbers, newest first.

    The files themselves: [bold]hub messages --test --partner acme[/]

    Example: [bold]hub sandbox show acme[/]
    """

    async def ask() -> list[dict[str, object]]:
        async with build(Settings()) as hub, hub.units.worker() as unit:
            left = await unit.trials.of(name, limit)
            return [asdict(one) | {"at": None if one.at is None else f"{one.at:%Y-%m-%d %H:%M:%S}"} for one in left]

    try:
        listing(f"Sandbox of {name}", asyncio.run(ask()), as_json)
    except NotFound as nobody:
        _refused(nobody, 2)


@sandbox_app.command()
def clear(
    name: Name, by: Annotated[str, typer.Option(help="who says so, for the audit")] = "operator", as_json: Json = False
) -> None:
    """Empty a partner's sandbox, so that it can begin anew with the numbers and the files that it has used there.

    Nothing live is touched, and the files stay in the log. An order that was tried between two partners goes for both.

    Example: [bold]hub sandbox clear acme --by "J. Marsh"[/]
    """

    async def ask() -> list[dict[str, object]]:
        async with build(Settings()) as hub, hub.units.worker() as unit:
            gone = await unit.trials.clear(name)
            if any(gone.values()):
                await unit.audit.record(by, "sandbox.cleared", name, dict(gone))
            return [{"what": what, "gone": count} for what, count in gone.items()]

    try:
        listing(f"Taken out of the sandbox of {name}", asyncio.run(ask()), as_json)
    except NotFound as nobody:
        _refused(nobody, 2)
    except Reject as held:
        _refused(held, 1)


def _refused(why: Exception, code: int) -> None:
    complain(str(why))
    raise typer.Exit(code) from None
