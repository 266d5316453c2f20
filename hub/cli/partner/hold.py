"""`hub partner hold` and `release`: nothing of a partner is purged while a court, an audit or a quarrel may need it."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from hub.app import build
from hub.cli.partner.group import Json, Name, nobody, partner_app
from hub.cli.terminal import listing
from hub.errors import NotFound
from hub.settings import Settings

By = Annotated[str, typer.Option(help="who says so")]


@partner_app.command()
def hold(
    name: Name, why: Annotated[str, typer.Option(help="kept in the audit")], by: By = "operator", as_json: Json = False
) -> None:
    """Put a partner under legal hold: until it is released nothing that concerns it is purged.

    Example: [bold]hub partner hold acme --why "dispute 2026-17"[/]
    """
    _told(name, asyncio.run(_change(name, by, why)), "held", as_json)


@partner_app.command()
def release(name: Name, by: By = "operator", as_json: Json = False) -> None:
    """End a legal hold; what is over its time then goes with the next purge.

    Example: [bold]hub partner release acme --by "J. Marsh"[/]
    """
    _told(name, asyncio.run(_change(name, by, None)), "released", as_json)


def _told(name: str, changed: bool | None, deed: str, as_json: bool) -> None:
    if changed is None:
        nobody(name)
    listing("Legal hold", [{"partner": name, deed: True, "changed": changed}], as_json)


async def _change(name: str, by: str, why: str | None) -> bool | None:
    """Whether anything changed; None when nobody has that name."""
    async with build(Settings()) as hub, hub.units.worker() as unit:
        try:
            changed = await (unit.retention.release(name, by) if why is None else unit.retention.hold(name, why, by))
        except NotFound:
            return None
        if changed:
            deed = "partner.released" if why is None else "partner.held"
            await unit.audit.record(by, deed, name, {"reason": why or ""})
        return changed
