"""Is it a forecast? What a plan cannot mean: less than nothing, more than anybody ships, the same week twice."""

from __future__ import annotations

import polars as pl

from hub.errors import Finding, Severity
from hub.flow.check import Found, plain
from hub.model.agreement import Weekday
from hub.planning.calendar import WEEK, to_weeks
from hub.planning.exceptions import LARGEST

CELL = ["gtin", "gln"]
PERIOD = ["agreement", *CELL, "start", "end", "bucket", "certainty"]

def sound(rows: pl.DataFrame) -> tuple[pl.DataFrame, Found]:
    """Checked rows that a view can be made of, in their order; findings for the others.

    A line that says again what another one says of the same period (equal kind of bucket and certainty) replaces it:
    the last one stands.
    """
    found: Found = []
    rows = _without(rows, ~(pl.col("quantity") <= LARGEST), found, "E-QUANTITY-TOO-LARGE",
                    f"is beyond {LARGEST:,.0f} base units, or no number",
                    "Check quantity and unit of this line; then resend it.")
    rows = _without(rows, pl.col("quantity") < 0, found, "E-NEGATIVE-FORECAST", "is below zero",
                    "A forecast is 0 or more; report returns as activity, not as forecast.")
    again = ~pl.struct(PERIOD).is_last_distinct()
    rows = _without(rows, again, found, "W-REPEATED-PERIOD", "is said again by a later line, which stands",
                    "Send one quantity for each item, place and period.", Severity.WARNING)
    return rows, found


def one_length(rows: pl.DataFrame, start: Weekday) -> tuple[pl.DataFrame, Found]:
    """The rows of one agreement without those of weeks that days, weeks or months cover together: whether such
    quantities add up or say the same twice, nobody can know."""
    if rows["bucket"].n_unique() < 2:
        return rows, []
    found: Found = []
    spans = pl.concat([
        to_weeks(part, start).select(*CELL, "period", pl.col("days").clip(0, WEEK))
        for part in rows.partition_by("bucket")])
    twice = spans.group_by(*CELL, "period").agg(pl.col("days").sum()).filter(pl.col("days") > WEEK)
    twice = twice.select(CELL).unique()
    mixed = rows.join(twice.with_columns(pl.lit(True).alias("mixed")), on=CELL, how="left", maintain_order="left")
    kept = _without(mixed, pl.col("mixed").fill_null(False), found, "E-MIXED-PERIODS",
                    "is of an item whose days, weeks or months cover each other",
                    "Forecast one item at one place in periods of one length, or let them follow each other.")
    return kept.drop("mixed"), found


def _without(
    rows: pl.DataFrame, wrong: pl.Expr, found: Found, code: str, what: str, hint: str,
    severity: Severity = Severity.ERROR,
) -> pl.DataFrame:
    """The rows that are not `wrong`; one finding for each document and item-location that has some."""
    marked = rows.with_columns(wrong.fill_null(True).alias("wrong"))
    if not marked["wrong"].any():
        return rows
    of = marked.filter("wrong").group_by("part", *CELL, maintain_order=True).agg(
        pl.len(), pl.first("quantity"), pl.first("start"))
    for part, gtin, gln, count, quantity, start in of.iter_rows():
        said = "Nothing" if quantity is None else plain(quantity)
        found.append((part, Finding(
            code=code, severity=severity, value=said,
            message=f"{said} for item {gtin} at {gln}, period from {start}, {what}; {count} line(s) of it were set "
                    "aside.",
            hint=hint)))
    return marked.filter(~pl.col("wrong")).drop("wrong")
