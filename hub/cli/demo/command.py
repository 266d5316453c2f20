"""The command, its progress, and what it shows a planner at the end."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hub.cli.demo.checks import Check, everything, messages
from hub.cli.demo.stage import Stage, stage
from hub.cli.plan.exceptions import disagreements
from hub.cli.plan.group import in_order
from hub.cli.terminal import app, err, listing, out
from hub.errors import HubError
from hub.ports import Message
from hub.settings import Settings
from partners.world.sending import AS_OF, Posting

TO_THE_HUB = {"activity", "inventory", "sales_forecast"}
"""What partners report to the hub itself: the others see it there, by their agreement."""


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="another seed changes every number")] = 7,
    home: Annotated[Path | None, typer.Option(help="keep the data here, to look at afterwards")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print only the checks, one JSON object per line")] = False,
) -> None:
    """Run the main job: four partners push real files, the hub answers, plans, and releases orders.

    Everything is real: embedded PostgreSQL, both doors, a worker, mailboxes. What is claimed at the end is read back
    from the database and the mailboxes; the exit code is 0 only if all of it holds.

    Examples: [bold]hub demo --seed 42[/]   [bold]hub demo --home /tmp/demo[/]
    """
    place = home or Path(tempfile.mkdtemp(prefix="hub-demo-"))
    try:
        checks = asyncio.run(_play(place, home, seed, as_json))
    except HubError as failure:
        err.print(f"[red]{failure}[/]")
        raise typer.Exit(1) from None
    finally:
        if home is None:
            shutil.rmtree(place, ignore_errors=True)
    raise typer.Exit(0 if all(c.holds for c in checks) else 1)


async def _play(place: Path, kept: Path | None, seed: int, as_json: bool) -> list[Check]:
    settings = Settings(home=place, http_port=0, grpc_port=0, grpc_token_port=0)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    started = datetime.now(UTC)
    with Progress(*columns, console=err) as progress:
        steps = Steps(progress)
        with_stage = steps.begin("start PostgreSQL, open the doors, apply four partners")
        async with stage(settings, seed, AS_OF) as scene:
            steps.done(with_stage, f"{len(scene.world.items)} items, {len(_places(scene))} locations")
            await _act(scene, steps)
            step = steps.begin("read it all back from PostgreSQL, the mailboxes and gRPC")
            checks = [check async for check in everything(scene)]
            steps.done(step, f"{sum(c.holds for c in checks)} of {len(checks)} claims hold")
            progress.stop()
            if as_json:
                listing("Checks", [{"claim": c.claim, "holds": c.holds, "shown": c.shown} for c in checks], True)
            else:
                await _show(scene, checks, kept, (datetime.now(UTC) - started).total_seconds())
    return checks


class Steps:
    """The progress display: one line per step, with what came of it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def begin(self, what: str) -> Any:
        return self._progress.add_task(what, total=1)

    def done(self, step: Any, result: str) -> None:
        task = next(t for t in self._progress.tasks if t.id == step)
        self._progress.update(step, completed=1, description=f"{task.description} [dim]· {result}[/]")


def _places(scene: Stage) -> set[str]:
    return {x.gln for p in scene.partners for x in p.master.locations}


async def _act(scene: Stage, steps: Steps) -> None:
    """The story: history and views, orders and answers, two faulty files, then a planning cycle for each agreement."""
    story: list[tuple[str, list[Posting]]] = []
    postings = list(scene.world.postings())
    business = {"order", "order_response"}
    story.append(("partners push 104 weeks of history and their forecasts",
                  [p for p in postings if p.kind not in business]))
    story += [(f"{p.sender} sends {p.name}", [p]) for p in postings if p.kind in business]
    story.append(("two files with a faulty line each", list(scene.world.faulty_postings())))
    for title, files in story:
        step = steps.begin(title)
        for posting in files:
            await _push(scene, posting)
        await scene.rest()
        count = sum(len(p.documents) for p in files)
        steps.done(step, f"{len(files)} file(s), {count} transaction(s), answered")
    for agreement in await in_order(scene.hub):
        step = steps.begin(f"plan {agreement.name}")
        run = await scene.hub.plan(agreement.name, AS_OF)
        await scene.rest()
        found, orders = run.detail["exceptions"], len(run.detail["orders"])
        steps.done(step, f"{found} exception(s), {orders} order(s) released")


async def _push(scene: Stage, posting: Posting) -> None:
    to = None if posting.kind in TO_THE_HUB else posting.receiver
    receiver = next((p.profile for p in scene.partners if p.name == to), None)
    desk = scene.desks[posting.sender]
    await desk.push(posting.name, posting.table, posting.documents, receiver, scene.hub.clock.now())


async def _show(scene: Stage, checks: list[Check], kept: Path | None, seconds: float) -> None:
    async with scene.hub.units.worker() as unit:
        log = await messages(unit)
        worst = (await unit.exceptions.list(agreement="retail", limit=12)).rows
        released = (await unit.orders.list(limit=100)).rows
        catalogue = await unit.catalogue.snapshot()
        runs = await unit.runs.list()
    numbers = {n for run in runs for n in run.detail["orders"]}
    out.print()
    out.print(traffic(log, scene.titles))
    out.print(disagreements(worst, catalogue))
    listing("Released orders", [
        {"order": o.number, "buyer": o.buyer, "seller": o.seller, "placed": str(o.placed_on), "due": str(o.deliver_on),
         "lines": len(o.body["lines"]), "cases": sum(int(float(line["quantity"])) for line in o.body["lines"])}
        for o in released if o.number in numbers
    ], False)
    out.print(verdict(checks))
    again = "" if kept else " To look around, keep the data: [bold]hub demo --home /tmp/demo[/], then"
    home = f"HUB_HOME={kept or '/tmp/demo'}"  # noqa: S108  (an example to type)
    out.print(Panel(
        f"{len(log)} messages in {seconds:.0f} s.{again}\n"
        f"  [bold]{home} hub plan show retail[/]          the joint forecast most in dispute\n"
        f"  [bold]{home} hub plan exceptions retail[/]    where the two sides disagree\n"
        f"  [bold]{home} hub messages[/]                  every file, its state and findings\n"
        f"  [bold]hub explain FILE[/]                                 what is wrong with a file, before you send it",
        title="Next", title_align="left", expand=False,
    ))


def traffic(log: list[Message], titles: dict[str, str]) -> Table:
    """Who sent what to whom, counted."""
    counted = Counter(
        (m.sender or "hub", "hub" if m.direction == "in" else m.receiver or "hub", m.format or "", m.message or "",
         m.direction, m.state)
        for m in log
    )
    table = Table(title="What went through the hub", title_justify="left", header_style="bold")
    for name in ("from", "to", "format", "message", "state"):
        table.add_column(name)
    table.add_column("files", justify="right")
    for (sender, receiver, format, kind, direction, state), count in sorted(counted.items()):
        arrow = "→ hub" if direction == "in" else f"hub → {titles.get(receiver, receiver)}"
        table.add_row(titles.get(sender, sender), arrow, format, kind, state, str(count))
    return table


def verdict(checks: list[Check]) -> Table:
    """The claims, each with the figure that shows it."""
    table = Table(title="Read back afterwards", title_justify="left", header_style="bold")
    for name in ("", "claim", "shown by"):
        table.add_column(name)
    for check in checks:
        table.add_row("[green]✓[/]" if check.holds else "[red]✗[/]", check.claim, check.shown)
    return table
