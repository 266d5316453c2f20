"""`hub plan edit`: what a planner changed in a sheet comes back as a new version of that side's view."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hub.app import Hub
from hub.cli.plan.group import ask, plan, the_agreement
from hub.cli.terminal import err, out
from hub.errors import Reject
from hub.flow.views import Accepted, Edit, revise
from hub.model.agreement import Agreement
from hub.model.plan import Series
from hub.planning.levels import view_of


@plan.command("edit")
def edit_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    sheet: Annotated[Path, typer.Option("--csv", help="columns gtin, gln, week, and quantity, or buyer or seller as "
                                                      "`hub plan show --csv` writes them", exists=True)],
    partner: Annotated[str, typer.Option("--as", help="whose planner you are: a partner's short name")],
) -> None:
    """Take back a sheet that a planner has changed: every number that differs from that side's newest view becomes part
    of a new version. The fences hold here too. Exit code 1: refused, with the reason; nothing is changed then.

    Example: [bold]hub plan show retail --csv weeks.csv[/], change the column buyer, [bold]hub plan edit retail --csv
    weeks.csv --as larkmoor[/]
    """
    changed, done = ask(_edit, agreement, partner, sheet)
    if done is None:
        out.print("Nothing in the sheet differs from the newest view.")
        return
    out.print(f"Version {done.version}: {changed - done.held} of {changed} changed weeks taken.", highlight=False)
    for finding in done.findings:
        err.print(f"[yellow]{finding.code}[/] {finding.message} {finding.hint}", highlight=False)


async def _edit(hub: Hub, name: str, partner: str, sheet: Path) -> tuple[int, Accepted | None]:
    async with hub.units.reader() as unit:
        agreement = await the_agreement(unit, name)
        measure = view_of(agreement)
        latest = await unit.plans.latest(name, partner, measure)
    told = read_sheet(sheet, agreement, partner)
    edits = differing(told, latest[1] if latest else None)
    if not edits:
        return 0, None
    return len(edits), await revise(
        hub.units, name, partner, measure, edits, clock=hub.clock, seen=latest[0].id if latest else None)


def read_sheet(sheet: Path, agreement: Agreement, partner: str) -> list[Edit]:
    """The sheet's numbers of that side; empty cells say nothing. Raises Reject with the line and what to do."""
    role = next((member.role for member in agreement.members if member.partner == partner), "quantity")
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or []
        value = "quantity" if "quantity" in columns else role
        missing = [column for column in ("gtin", "gln", "week", value) if column not in columns]
        if missing:
            raise Reject(f"{sheet} has no column {', '.join(missing)}; write one with `hub plan show --csv`",
                         reason="MISSING_COLUMN")
        found: dict[tuple[str, str, date], Edit] = {}
        for number, row in enumerate(rows, 2):
            if (row[value] or "").strip():
                edit = _edit_of(row, value, f"{sheet}, line {number}")
                if (edit.gtin, edit.gln, edit.period) in found:
                    raise Reject(f"{sheet}, line {number}: this item, place and week stands there twice",
                                 reason="DUPLICATE_PERIOD")
                found[edit.gtin, edit.gln, edit.period] = edit
    return list(found.values())


def _edit_of(row: dict[str, str], value: str, where: str) -> Edit:
    try:
        return Edit(row["gtin"].strip().zfill(14), row["gln"].strip(), date.fromisoformat(row["week"].strip()),
                    float(row[value]))
    except ValueError:
        raise Reject(f"{where}: a week is written 2026-11-23 and a quantity with a point, not {row['week']!r} and "
                     f"{row[value]!r}", reason="BAD_CELL") from None


def differing(told: list[Edit], view: Series | None) -> list[Edit]:
    """The cells that say something else than the view, by more than a sheet rounds away."""
    if view is None:
        return told
    row_of = {key: row for row, key in enumerate(view.keys)}
    found = []
    for edit in told:
        row, week = row_of.get((edit.gtin, edit.gln)), (edit.period - view.first_week).days // 7
        if row is None or not 0 <= week < view.weeks or np.isnan(value := view.values[row, week]) or (
                edit.quantity not in (float(value), round(value))):
            found.append(edit)
    return found
