"""`hub partner test`: is this partner ready? Everything is tried, and what was proven moves it on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.app import build
from hub.cli.partner.group import Json, Name, nobody, partner_app
from hub.cli.partner.proving import Checklist, prove
from hub.cli.terminal import listing, out
from hub.errors import NotFound
from hub.settings import Settings

SHIPPED = Path(__file__).parents[3] / "partners"
MARKS = {"passed": "✓", "open": "·", "failed": "✗"}


@partner_app.command("test")
def try_out(
    name: Name,
    samples: Annotated[
        Path | None, typer.Option(help="its samples; unless told, partners/NAME/samples")] = None,
    as_json: Json = False,
) -> None:
    """Try a partner's samples both ways and its transport on this machine, and print what is proven and what is not.

    Nothing is sent and nothing stays but the stage that it has reached: connected when files travel, tested when its
    samples are right as well. Exit 1 when something failed.

    Example: [bold]hub partner test larkmoor[/]
    """
    here = samples or next(
        (p for p in (Path("partners") / name / "samples", SHIPPED / name / "samples") if p.is_dir()),
        Path("partners") / name / "samples")
    try:
        found = asyncio.run(_prove(name, here))
    except NotFound:
        nobody(name)
    rows = [proof.model_dump() for proof in found.proofs]
    listing(f"{name}", rows if as_json else [
        {"": MARKS[row["outcome"]], "area": row["area"], "what": row["what"], "told": row["told"],
         "do": row["remedy"]} for row in rows], as_json)
    if as_json:
        listing("Stage", [{"partner": name, "before": found.before, "stage": found.after}], True)
    else:
        moved = f"{found.before} → [bold]{found.after}[/]" if found.after != found.before else f"still {found.after}"
        out.print(f"Stage: {moved}." + (f" When both sides are content: hub partner stage {name} live"
                                        if found.after == "tested" else ""), soft_wrap=True)
    raise typer.Exit(1 if found.failed else 0)


async def _prove(name: str, samples: Path) -> Checklist:
    async with build(Settings()) as hub:
        return await prove(hub, name, samples)
