"""`hub messages` and `hub send`: what came in and went out, and pushing a file as a partner would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from hub.app import build
from hub.cli.deeds import each
from hub.cli.terminal import app, complain, listing, out
from hub.errors import HubError, NotFound
from hub.flow import care
from hub.ports import Message, Parcel
from hub.settings import Settings


@app.command()
def messages(
    id: Annotated[str | None, typer.Argument(help="public id of one message: shows its findings and documents")] = None,
    partner: Annotated[str | None, typer.Option(help="only to or from this partner")] = None,
    state: Annotated[str | None, typer.Option(help="received, processed, rejected, dead, queued, sent …")] = None,
    number: Annotated[
        str | None, typer.Option(help="an order, despatch, invoice or control number: all that speaks of it")] = None,
    test: Annotated[
        bool | None, typer.Option("--test/--live", help="only tests, or only what is live; both unless told")] = None,
    limit: Annotated[int, typer.Option(help="rows")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """List messages, newest first, or show one.

    Examples: [bold]hub messages --partner larkmoor --state rejected[/]   [bold]hub messages --number 4500012[/]
    [bold]hub messages msg_4xH…[/]
    """
    try:
        asyncio.run(_show(id, as_json) if id else _list(partner, state, number, test, limit, as_json))
    except NotFound as missing:
        complain(str(missing))
        raise typer.Exit(2) from None


async def _list(
    partner: str | None, state: str | None, number: str | None, test: bool | None, limit: int, as_json: bool
) -> None:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        if partner is not None:
            await unit.partners.stages(partner)  # nobody of that name is no empty list
        if number is None:
            found = (await unit.inbox.list(partner=partner, state=state, test=test, limit=limit)).rows
        else:
            meant = await unit.inbox.find(number, limit)
            found = tuple(
                m for m in meant if partner in (None, m.sender, m.receiver) and state in (None, m.state)
                and test in (None, m.test))
    listing("Messages", [row(m) if as_json else brief(m) for m in found], as_json)


def row(message: Message) -> dict[str, Any]:
    """What a listing shows of a message."""
    return {
        "id": message.id, "at": f"{message.received_at:%Y-%m-%d %H:%M:%S}", "dir": message.direction,
        "from": message.sender or "hub", "to": message.receiver or "hub", "format": message.format,
        "message": message.message, "control": message.control, "state": message.state, "test": message.test,
        "bytes": message.length, "findings": len(message.findings),
        "purged": None if message.purged_at is None else f"{message.purged_at:%Y-%m-%d}",
    }


def brief(message: Message) -> dict[str, Any]:
    """The same for people, narrow enough for a terminal of eighty columns."""
    marked = f" ({len(message.findings)})" if message.findings else ""
    marked += " test" if message.test else ""
    return {
        "id": message.id, "day": f"{message.received_at:%d %H:%M}",
        "route": f"{message.sender or 'hub'}→{message.receiver or 'hub'}", "type": message.message,
        "state": message.state + marked,
    }


async def _show(id: str, as_json: bool) -> None:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        message = await unit.inbox.get(id)
        documents = await unit.documents.of_message(id)
    held = [
        {"id": d.id, "kind": d.kind, "number": d.number, "from": d.sender, "to": d.receiver, "status": d.status.value}
        for d in documents
    ]
    if as_json:
        listing("Message", [row(message) | {
            "documents": held, "findings": [f.model_dump(mode="json") for f in message.findings],
        }], True)
        return
    out.print("\n".join(f"{name:>9}  [bold]{value}[/]" for name, value in row(message).items() if value is not None))
    if held:
        listing("Documents", held, False)
    for finding in message.findings:
        colour = "red" if finding.severity == "error" else "yellow"
        out.print(f"[{colour}]{finding.code}[/] {escape(finding.message)}\n  Fix: {escape(finding.hint)}")


@app.command()
def reprocess(
    ids: Annotated[list[str], typer.Argument(help="public ids of rejected or dead messages")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Process rejected messages again, with the tables, overlays and master data of now: no partner has to send twice.

    Example: [bold]hub reprocess msg_4xH… msg_7Kd…[/]
    """
    done = asyncio.run(each(ids, care.reprocess))
    listing("Processed again", done, as_json)
    raise typer.Exit(0 if all(row["done"] for row in done) else 1)


@app.command()
def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the file as a partner would send it")],
    partner: Annotated[str, typer.Option("--as", help="short name of the partner it comes from")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False,
) -> None:
    """Push a file into the hub as a partner, straight through the inbox (no token needed: you are the operator).

    Example: [bold]hub send order.x12 --as larkmoor[/]
    """
    try:
        asyncio.run(_send(file, partner, as_json))
    except HubError as refusal:
        complain(str(refusal))
        raise typer.Exit(1) from None


async def _send(file: Path, partner: str, as_json: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        with file.open("rb") as source:
            while chunk := source.read(1 << 20):
                yield chunk

    async with build(Settings()) as hub:
        receipt = await hub.receive(Parcel(chunks(), "cli", partner, hub.clock.now(), file.name))
    listing("Receipt", [{
        "message": receipt.message, "sha256": receipt.sha256, "length": receipt.length, "duplicate": receipt.duplicate,
    }], as_json)
    if not as_json:
        out.print(f"The next free worker takes it; look with [bold]hub messages {receipt.message}[/].")
