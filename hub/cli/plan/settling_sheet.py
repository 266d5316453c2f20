"""Exceptions as a sheet: written for planners who live in one, and taken back with what they have filled in."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from hub.cli.plan.edit import numbered_rows
from hub.errors import Reject
from hub.flow.settle import Wanted
from hub.model.exception import Act, ForecastException
from hub.planning.settling import Move
from hub.ports import CatalogueView

TOLD = ("id", "revision", "item", "place", "week", "buyer", "seller", "history", "percent", "at stake", "state",
        "offered", "offered by", "agreed", "until")
FILLED = ("offer", "agree", "reason", "comment")
"""Columns that are the planner's: a quantity to offer, or a yes to the offer on the table, and why."""
YES, NO = ("yes", "y", "x", "true", "1"), ("", "no", "n", "false", "0")


def write_exceptions(sheet: Path, rows: Sequence[ForecastException], catalogue: CatalogueView) -> None:
    """A row for each exception, and empty columns for what the planner will say."""
    with sheet.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*TOLD, *FILLED])
        writer.writeheader()
        writer.writerows(_told(row, catalogue) for row in rows)


def _told(row: ForecastException, catalogue: CatalogueView) -> dict[str, object]:
    item, place = catalogue.items.get(row.gtin), catalogue.locations.get(row.gln)
    return {
        "id": row.id, "revision": row.revision, "item": item.name if item else row.gtin,
        "place": place.name if place else row.gln, "week": row.period, "buyer": f"{row.left:g}",
        "seller": f"{row.right:g}", "history": "" if row.baseline is None else f"{row.baseline:.0f}",
        "percent": f"{row.percent:.0f}", "at stake": f"{row.value_at_stake:.2f}", "state": row.state,
        "offered": row.offered, "offered by": row.offered_by, "agreed": row.settled, "until": row.due}


def read_settled(sheet: Path, partner: str) -> list[Wanted]:
    """What the planner of `partner` has filled in, row by row; rows without anything ask for nothing. An offer counters
    the other side's, where one is on the table. Raises Reject with the line and what to do."""
    columns, rows = numbered_rows(sheet)
    missing = [name for name in ("id", *FILLED[:2]) if name not in columns]
    if missing:
        raise Reject(f"{sheet} has no column {', '.join(missing)}; write one with `hub plan exceptions --csv`",
                     reason="MISSING_COLUMN")
    return [wanted for number, row in rows if (wanted := _wanted(row, partner, f"{sheet}, line {number}")) is not None]


def _wanted(row: dict[str, str | None], partner: str, where: str) -> Wanted | None:
    names = ("id", "offer", "agree", "reason", "comment", "revision", "offered by")
    id, offer, agree, reason, comment, revision, other = ((row.get(name) or "").strip() for name in names)
    if agree.lower() not in (*YES, *NO):
        raise Reject(f"{where}: agree is yes or left empty, not {agree!r}", reason="BAD_CELL")
    signs = agree.lower() in YES
    if offer and signs:
        raise Reject(f"{where}: either offer a quantity or agree to the one on the table", reason="BAD_CELL")
    try:
        quantity = float(offer) if offer else None
        seen = int(revision) if revision else None
    except ValueError:
        raise Reject(f"{where}: a quantity is written with a point, a revision is a number, not {offer!r} and "
                     f"{revision!r}", reason="BAD_CELL") from None
    if quantity is None and not signs and not comment:
        return None
    act: Act = "agree" if signs else "comment" if quantity is None else (
        "counter" if other not in ("", partner) else "propose")
    return Wanted(id, Move(act, partner, quantity, None, reason or None, comment or None), seen)
