"""`hub audit`: the trail of who did and read what."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from hub.app import build
from hub.cli.terminal import app, complain, listing, out
from hub.errors import Stop
from hub.ports import AuditProof
from hub.settings import Settings

audit_app = typer.Typer(no_args_is_help=True, help="The trail of who did and read what, chained entry by entry.")
app.add_typer(audit_app, name="audit")
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]


@audit_app.command()
def verify(
    head: Annotated[str, typer.Option(help="a digest that an earlier verification has printed")] = "",
    as_json: Json = False,
) -> None:
    """Walk the chain; exit code 1 when an entry was changed or taken out, or when HEAD is not part of it any more.

    Example: [bold]hub audit verify[/]
    """
    try:
        proof, held = asyncio.run(_proof(head))
    except Stop as broken:
        complain(str(broken))
        raise typer.Exit(1) from None
    if not held:
        complain("The chain never came to that digest: its end was cut off.")
        raise typer.Exit(1)
    if as_json:
        listing("Audit", [{"entries": proof.entries, "head": proof.head}], True)
    else:
        out.print(f"{proof.entries} entries, unbroken. Keep this digest elsewhere: {proof.head}", soft_wrap=True)


async def _proof(head: str) -> tuple[AuditProof, bool]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        proof = await unit.audit.proof()
        return proof, not head or await unit.audit.holds(head)
