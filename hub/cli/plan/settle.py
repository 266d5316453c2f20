"""`hub plan settle`: offer, counter, agree, escalate, assign, comment; and the whole story of an exception."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.cli.plan.exceptions import standing
from hub.cli.plan.group import Json, ask, plan
from hub.cli.plan.settling_sheet import read_settled
from hub.cli.terminal import err, listing
from hub.flow.settle import move, move_all
from hub.model.exception import Act, ExceptionStep, ForecastException
from hub.planning.settling import Move


@plan.command("settle")
def settle_(
    partner: Annotated[str, typer.Option("--as", help="whose planner you are: a partner's short name")],
    exceptions: Annotated[list[str] | None, typer.Argument(help="ids of exceptions: all are done, or none")] = None,
    propose: Annotated[float | None, typer.Option(help="offer this quantity, base units")] = None,
    counter: Annotated[float | None, typer.Option(help="answer the other side's offer with this one")] = None,
    agree: Annotated[bool, typer.Option("--agree", help="sign the other side's offer")] = False,
    assign: Annotated[str | None, typer.Option(help="who works on it")] = None,
    escalate: Annotated[bool, typer.Option("--escalate", help="hand it to those above")] = False,
    reason: Annotated[str | None, typer.Option(help="one of the agreement's reason codes")] = None,
    comment: Annotated[str | None, typer.Option(help="in your own words")] = None,
    revision: Annotated[int | None, typer.Option(help="refuse if it is not at this revision any more")] = None,
    sheet: Annotated[Path | None, typer.Option(
        "--csv", exists=True, help="a sheet of `hub plan exceptions --csv`, with offer, agree, reason or comment "
                                   "filled in; all of it is done, or nothing")] = None,
    as_json: Json = False,
) -> None:
    """Settle exceptions between the two sides, before the agreement's rule does.

    What both sides sign is the consensus at once, also inside the frozen fence, and stays it in the next cycles as long
    as neither forecast moves. Exit code 1: refused, with the reason.

    Example: [bold]hub plan settle exc_… --as larkmoor --propose 1200 --reason promotion[/]
    Example: [bold]hub plan settle exc_… exc_… --as quillfield --agree[/]
    Example: [bold]hub plan exceptions retail --csv open.csv[/], fill in, [bold]hub plan settle --csv open.csv --as
    larkmoor[/]
    """
    if sheet is not None:
        done = ask(_settle_sheet, sheet, partner)
        listing("Settled", [line(row) for row in done], as_json)
        return
    given: dict[Act, Any] = {
        "propose": propose, "counter": counter, "agree": agree or None, "assign": assign, "escalate": escalate or None}
    chosen: list[Act] = [act for act, value in given.items() if value is not None]
    if not exceptions:
        err.print("[red]Say which exceptions, by their ids (`hub plan exceptions --ids`), or take them from a sheet "
                  "with --csv.[/]")
        raise typer.Exit(2)
    if len(chosen) > 1 or not (chosen or comment):
        err.print("[red]Say one thing to do: --propose, --counter, --agree, --assign, --escalate or --comment.[/]")
        raise typer.Exit(2)
    act = Move(chosen[0] if chosen else "comment", partner, propose if propose is not None else counter, assign, reason,
               comment)
    listing("Settled", [line(row) for row in ask(_settle, exceptions, act, revision)], as_json)


async def _settle(hub: Hub, exceptions: list[str], act: Move, revision: int | None) -> list[ForecastException]:
    return await move(hub.units, exceptions, act, clock=hub.clock, revision=revision)


async def _settle_sheet(hub: Hub, sheet: Path, partner: str) -> list[ForecastException]:
    return await move_all(hub.units, read_settled(sheet, partner), clock=hub.clock)


def line(row: ForecastException) -> dict[str, Any]:
    """One exception after something was done."""
    return {
        "id": row.id, "week": str(row.period), "buyer": row.left, "seller": row.right, "state": row.state,
        "stands": standing(row), "agreed": row.settled, "until": str(row.due or ""), "revision": row.revision,
    }


@plan.command("story")
def story_(exception: Annotated[str, typer.Argument(help="id of an exception")], as_json: Json = False) -> None:
    """All that happened to one exception: who offered what, when and why.

    Example: [bold]hub plan story exc_…[/]
    """
    steps: list[ExceptionStep] = ask(_story, exception)
    listing(f"Exception {exception}", [
        {"at": f"{s.at:%Y-%m-%d %H:%M}", "who": s.actor, "did": s.act, "quantity": s.quantity, "state": s.state,
         "reason": s.reason, "comment": s.comment} for s in steps], as_json)


async def _story(hub: Hub, exception: str) -> list[ExceptionStep]:
    async with hub.units.worker() as unit:
        await unit.exceptions.get(exception)
        return await unit.exceptions.history(exception)
