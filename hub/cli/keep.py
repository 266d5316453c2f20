"""`hub backup` and `hub restore`: everything in one file, and everything back from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from hub.app import build
from hub.cli.terminal import app, complain, listing
from hub.errors import HubError
from hub.flow import purge as over
from hub.flow.purge import Purged
from hub.settings import Settings
from hub.store import backup as keep
from hub.store.opening import database

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="a new file; it will be readable by its owner alone")],
    as_json: Json = False,
) -> None:
    """Copy the whole database and what lies in the partners' folders into one file, while the hub goes on working.

    Example: [bold]hub backup /var/backups/hub-2026-11-22.tar[/]
    """
    started = time.monotonic()
    size = _done(_backup(file.absolute()))
    listing("Backup", [{"file": str(file), "bytes": size, "seconds": round(time.monotonic() - started, 1)}], as_json)


async def _backup(file: Path) -> int:
    settings = Settings()
    async with database(settings) as urls:
        return await asyncio.to_thread(keep.backup, urls.owner, file, settings.home / "mailboxes")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="what `hub backup` wrote")],
    as_json: Json = False,
) -> None:
    """Read a backup into an empty database (a new HUB_HOME, or a new HUB_DATABASE_URL), and prove what was read.

    The bytes of every message are hashed again and the audit chain is walked. Deliveries that were under way go on,
    under their own Message-IDs; files come back into the partners' folders, over nothing that is there.

    Example: [bold]HUB_HOME=/srv/hub-new hub restore /var/backups/hub-2026-11-22.tar[/]
    """
    listing("Restored and proven", [asdict(_done(_restore(file.absolute())))], as_json)


async def _restore(file: Path) -> keep.Proof:
    settings = Settings()
    async with database(settings) as urls:
        return await asyncio.to_thread(keep.restore, urls.owner, file, settings.home / "mailboxes")


def _done(deed: Coroutine[Any, Any, T]) -> T:
    """What came of it; a refusal is a sentence and exit code 1."""
    try:
        return asyncio.run(deed)
    except HubError as refusal:
        complain(str(refusal))
        raise typer.Exit(1) from None


@app.command()
def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would go")] = False,
    as_json: Json = False,
) -> None:
    """Take out what is over its time by the table "retention" of the profiles; the hub does the same every night.

    What proves a message stays: its hash, length, numbers, times, acknowledgements and receipts; of orders their
    number, sides, dates and state, of plans who made them when, and of each page that goes a digest. What is under
    legal hold stays (`hub partner hold`).

    Example: [bold]hub purge --dry-run[/]
    """
    found = _done(_purge(dry_run))
    listing("Would go" if dry_run else "Purged", [asdict(one) for one in found], as_json)


async def _purge(dry_run: bool) -> list[Purged]:
    async with build(Settings()) as hub:
        return await over.purge(hub.units, hub.clock, dry_run=dry_run, actor="operator")
