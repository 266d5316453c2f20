"""`hub partner certificates`: which certificates the hub relies on, and how long each still counts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from hub.app import build
from hub.cli.partner.group import Json, nobody, partner_app
from hub.cli.terminal import complain, listing
from hub.errors import NotFound, Stop
from hub.settings import Settings


@partner_app.command("certificates")
def list_certificates(
    partner: Annotated[str | None, typer.Option(help="only this partner's; hub: our own")] = None,
    within: Annotated[int | None, typer.Option(help="only those that run out within so many days")] = None,
    as_json: Json = False,
) -> None:
    """Every certificate for AS2 and TLS, the one that runs out first at the top.

    Example: [bold]hub partner certificates --within 30[/]
    """
    try:
        rows = asyncio.run(_rows(partner))
    except NotFound:
        nobody(str(partner))
    except Stop as broken:
        complain(str(broken))
        raise typer.Exit(1) from None
    asked = [row for row in rows if partner in (None, row["owner"])]
    listing("Certificates", [row for row in asked if within is None or row["days_left"] <= within], as_json)


async def _rows(partner: str | None) -> list[dict[str, Any]]:
    async with build(Settings()) as hub:
        if partner not in (None, "hub") and partner not in await hub.directory.current():
            raise NotFound(f"no partner {partner!r}")
        now, found = hub.clock.now(), await hub.certificates()
    found.sort(key=lambda c: (c.valid_to, c.owner, c.use))
    return [
        {"owner": c.owner, "use": c.use, "days_left": c.days_left(now), "until": f"{c.valid_to:%Y-%m-%d}",
         "subject": c.subject, "serial": c.serial, "sha256": c.fingerprint[:16]} for c in found
    ]
