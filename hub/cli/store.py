"""`hub migrate`: bring the database to this version of the hub."""

from __future__ import annotations

import asyncio

import typer

from hub.cli.terminal import app, err, out
from hub.errors import HubError
from hub.settings import Settings
from hub.store import open_store


@app.command()
def migrate() -> None:
    """Create or upgrade the tables, and the rules of who may see what. Repeating it changes nothing.

    Without HUB_DATABASE_URL it starts the embedded PostgreSQL in HUB_HOME and stops it again.

    [dim]Example: HUB_HOME=/srv/hub hub migrate[/dim]
    """
    try:
        version = asyncio.run(_migrate(Settings()))
    except HubError as failure:
        err.print(f"[red]{failure.reason}[/red] {failure}")
        raise typer.Exit(1) from failure
    out.print(f"The database is at version {version}.")


async def _migrate(settings: Settings) -> str:
    async with open_store(settings) as store:
        return store.version
