"""`hub partner stage`: how far a partner is, said by a person."""

from __future__ import annotations

import asyncio
from typing import Annotated, cast, get_args

import typer

from hub.app import build
from hub.cli.partner.group import Json, Name, nobody, partner_app
from hub.cli.terminal import complain, listing
from hub.errors import NotFound
from hub.flow import onboard
from hub.model.profile import Stage
from hub.settings import Settings


@partner_app.command()
def stage(
    name: Name,
    to: Annotated[str, typer.Argument(help="drafted, connected, tested or live")],
    why: Annotated[str, typer.Option(help="kept with the step")] = "The operator said so.",
    by: Annotated[str, typer.Option(help="who says so")] = "operator",
    as_json: Json = False,
) -> None:
    """Bring a partner to a stage. Until it is live all that it sends is a test, and only tests go out to it.

    Example: [bold]hub partner stage acme live --by "J. Marsh" --why "parallel run signed off"[/]
    """
    if to not in get_args(Stage):
        complain(f"There is no stage {to!r}: drafted, connected, tested or live.")
        raise typer.Exit(2)
    try:
        before = asyncio.run(_move(name, cast(Stage, to), by, why))
    except NotFound:
        nobody(name)
    listing("Stage", [{"partner": name, "stage": to, "before": before or to, "by": by}], as_json)


async def _move(name: str, to: Stage, by: str, why: str) -> Stage | None:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        return await onboard.move(unit, name, to, by, why)
