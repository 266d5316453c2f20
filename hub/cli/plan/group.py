"""The group of commands, and how each of them asks the hub."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from hub.app import Hub, build
from hub.cli.terminal import app, err
from hub.errors import HubError, NotFound
from hub.model.agreement import Agreement
from hub.ports import Unit
from hub.settings import Settings

plan = typer.Typer(
    help="Plan together: run a cycle, show the joint forecast, list and settle exceptions.", no_args_is_help=True)
app.add_typer(plan, name="plan")

AsOf = Annotated[datetime | None, typer.Option("--as-of", help="as it was known at this moment, UTC")]
Name = Annotated[str | None, typer.Argument(help="agreement; all of them when left out")]
Orders = Annotated[bool, typer.Option("--orders", help="of what that side orders or commits to, not of what sells")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]


def aware(moment: datetime | None) -> datetime | None:
    """What was typed, as UTC."""
    return moment and moment.replace(tzinfo=UTC)


def ask(question: Any, *arguments: Any) -> Any:
    """Run one question against the hub; a refusal is a sentence and exit code 1."""

    async def answer() -> Any:
        async with build(Settings()) as hub:
            return await question(hub, *arguments)

    try:
        return asyncio.run(answer())
    except HubError as refusal:
        err.print(f"[red]{refusal}[/]")
        raise typer.Exit(1) from None


async def in_order(hub: Hub) -> list[Agreement]:
    """Agreements in the order in which they can be planned: those that depend on others' orders come last."""
    async with hub.units.worker() as unit:
        found = await unit.partners.agreements()
    return sorted(found, key=lambda a: (a.demand == "orders", a.name))


async def the_agreement(unit: Unit, name: str) -> Agreement:
    """Raises NotFound."""
    found = next((a for a in await unit.partners.agreements() if a.name == name), None)
    if found is None:
        raise NotFound(f"there is no agreement {name!r}")
    return found
