"""`hub plan edit`: what a planner changed in a sheet comes back as a new version of that side's view."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hub.app import Hub
from hub.cli.plan.group import Orders, ask, plan, the_agreement
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
    orders: Orders = False,
) -> None:
    """Take back a sheet that a planner has changed: every number that differs from that side's newest view becomes part
    of a new version. The fences hold here too. Exit code 1: refused, with the reason; nothing is changed then.

    Example: [bold]hub plan show retail --csv weeks.csv[/], change the column buyer, [bold]hub plan edit retail --csv
    weeks.csv --as larkmoor[/]
    Example: [bold]hub plan edit retail --csv commitments.csv --as quillfield --orders[/]
    """
    changed, done = ask(_edit, agreement, partner, sheet, orders)
    if done is None:
        out.print("Nothing in the sheet differs from the newest view.")
        return
    out.print(f"Version {done.version}: {changed - done.held} of {changed} changed weeks taken.", highlight=False)
    for finding in done.findings:
        err.print(f"[yellow]{finding.code}[/] {finding.message} {finding.hint}", highlight=False)


async def _edit(
    hub: Hub, name: str, partner: str, sheet: Path, orders: bool = False
) -> tuple[int, Accepted | None]:
    async with hub.units.reader() as unit:
        agreement = await the_agreement(unit, name)
        measure = "order_forecast" if orders else view_of(agreement)
        latest = await unit.plans.latest(name, partner, measure)
    told = read_sheet(sheet, agreement, partner)
    edits = differing(told, latest[1] if latest else None)
    if not edits:
        return 0, None
    return len(edits), await revise(
        hub.units, name, partner, measure, edits, clock=hub.clock, seen=latest[0].id if latest else None)


def read_sheet(sheet: Path, agreement: Agreement, partner: str) -> list[Edit]:
    """The sheet's numbers of that side; empty cells say nothing. Columns are parted by commas, or by semicolons as
    sheets in many countries do. Raises Reject with the line and what to do."""
    role = next((member.role for member in agreement.members if member.partner == partner), "quantity")
    columns, rows = numbered_rows(sheet)
    value = "quantity" if "quantity" in columns else role
    missing = [column for column in ("gtin", "gln", "week", value) if column not in columns]
    if missing:
        raise Reject(f"{sheet} has no column {', '.join(missing)}; write one with `hub plan show --csv`",
                     reason="MISSING_COLUMN")
    found: dict[tuple[str, str, date], Edit] = {}
    for number, row in rows:
        if (row[value] or "").strip():
            edit = _edit_of(row, value, f"{sheet}, line {number}")
            if (edit.gtin, edit.gln, edit.period) in found:
                raise Reject(f"{sheet}, line {number}: this item, place and week stands there twice",
                             reason="DUPLICATE_PERIOD")
            found[edit.gtin, edit.gln, edit.period] = edit
    return list(found.values())


Numbered = list[tuple[int, dict[str, str | None]]]
"""Rows by their line; a cell that a short row has not is None."""


def numbered_rows(sheet: Path) -> tuple[list[str], Numbered]:
    """The columns and rows of a sheet, its cells parted by commas or by semicolons. Raises Reject for what is none."""
    try:
        with sheet.open(newline="", encoding="utf-8-sig") as file:
            header = file.readline()
            file.seek(0)
            rows = csv.DictReader(file, delimiter=";" if header.count(";") > header.count(",") else ",", strict=True)
            return list(rows.fieldnames or []), [(rows.line_num, row) for row in rows]
    except UnicodeDecodeError:
        raise Reject(f"{sheet} is not in UTF-8; save it as CSV UTF-8", reason="NOT_UTF8") from None
    except csv.Error as wrong:
        raise Reject(f"{sheet} is no CSV: {wrong}", reason="NOT_CSV") from None


def _edit_of(row: dict[str, str | None], value: str, where: str) -> Edit:
    gtin, gln, week, quantity = ((row[name] or "").strip() for name in ("gtin", "gln", "week", value))
    try:
        return Edit(gtin.zfill(14), gln, date.fromisoformat(week), float(quantity))
    except ValueError:
        raise Reject(f"{where}: a week is written 2026-11-23 and a quantity with a point, not {week!r} and "
                     f"{quantity!r}", reason="BAD_CELL") from None


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
