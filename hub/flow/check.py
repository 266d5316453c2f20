"""Is it about things we know? Items, places, units, dates and agreements of a document that is syntactically sound.

Everything here is pure: a document and a `Context` in, rows in base units and findings out. What is not known is set
aside with a finding that says which lines and what to do; the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, get_args

import numpy as np
import polars as pl

from hub.errors import Finding, Severity, Where
from hub.flow.context import Context, Parties
from hub.model.activity import Activity, Measure
from hub.model.bulk import Bulk
from hub.model.forecast import Forecast
from hub.model.item import valid_gtin

ITEM = ["gtin", "buyer_item", "seller_item"]
STOCK = ["on_hand", "on_order", "in_transit", "minimum", "maximum", "reserved"]
SHOWN = 20
"""At most so many findings of one kind per document; the last one says how many more there are."""


Found = list[tuple[int, Finding]]
"""Findings with the position of their document."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`rows`: the lines of all documents that can be posted, with part (the position of their document), gtin (14
    digits), gln, period, base-unit quantity and `agreement`. `findings`: those of each document."""

    rows: pl.DataFrame
    findings: tuple[tuple[Finding, ...], ...]


def resolve_item(
    gtin: str | None, buyer_item: str | None, seller_item: str | None, context: Context, parties: Parties
) -> str | None:
    """The GTIN-14 of an item however it is named: by GTIN first, then by the buyer's and the seller's own codes."""
    if gtin:
        try:
            full = valid_gtin(gtin)
        except ValueError:
            full = gtin
        if full in context.catalogue.items:
            return full
    others = (parties.sender, parties.receiver)
    for scheme, code, side in (("buyer", buyer_item, parties.buyer), ("seller", seller_item, parties.seller)):
        for partner in (side, *others) if code else ():
            found = context.catalogue.codes.get((partner, scheme, code)) if partner and code else None
            if found:
                return found
    return None


def resolve_place(code: str | None, context: Context, parties: Parties) -> str | None:
    """The GLN of a place named by GLN or by the code of one of the parties."""
    if not code:
        return None
    if code in context.catalogue.locations:
        return code
    for partner in (parties.sender, parties.receiver, parties.buyer, parties.seller, None):
        found = context.catalogue.places.get((partner, code))
        if found:
            return found
    return None


def check_bulk(documents: Sequence[Bulk], context: Context, parties: Parties, wheres: Sequence[Where]) -> Checked:
    """Resolve, convert, date-check and scope every line of time-phased documents of one kind and the same parties.

    Several documents are checked together because many partners send one small transaction per store and week.
    """
    found: Found = []
    lines = _lines(documents)
    lines = _known_items(lines, context, parties, wheres, found)
    lines = _known_places(lines, context, parties, wheres, found)
    lines = _in_base_units(lines, context, wheres, found)
    if isinstance(documents[0], Forecast):
        _told_of_mixed_units(lines, context, wheres, found)
    lines = _dated(lines, type(documents[0]), context, wheres, found)
    rows = _in_scope(lines, context, parties, wheres, found)
    return Checked(rows, tuple(shown([f for part, f in found if part == n]) for n in range(len(documents))))


def _lines(documents: Sequence[Bulk]) -> pl.DataFrame:
    """All lines under each other; what a line leaves out (place, period) its header says."""
    lines = pl.concat([document.lines for document in documents])
    part = np.repeat(np.arange(len(documents)), [document.height for document in documents])
    lines = lines.with_columns(pl.Series("part", part, dtype=pl.Int64)).with_row_index("line", offset=1)
    said = pl.DataFrame(
        [(n, *_said(document)) for n, document in enumerate(documents)], orient="row",
        schema={"part": pl.Int64, "whole_start": pl.Date, "whole_end": pl.Date, "whole_place": pl.String},
    )
    starts = "as_of" if "as_of" in lines.columns else "start"
    return lines.join(said, on="part", how="left", maintain_order="left").with_columns(
        pl.coalesce("location", "whole_place").alias("location"), pl.coalesce(starts, "whole_start").alias("period")
    )


def _said(document: Bulk) -> tuple[date | None, date | None, str | None]:
    head = document.header
    start = getattr(head, "as_of", None) or getattr(head, "start", None) or head.issued_on
    ship_to = getattr(head, "ship_to", None)
    return start, getattr(head, "end", None), ship_to.id if ship_to else None


def _known_items(
    lines: pl.DataFrame, context: Context, parties: Parties, wheres: Sequence[Where], found: Found
) -> pl.DataFrame:
    names = lines.select(ITEM).unique(maintain_order=True)
    known = [resolve_item(a, b, c, context, parties) for a, b, c in names.iter_rows()]
    names = names.with_columns(pl.Series("item", known, dtype=pl.String))
    lines = lines.join(names, on=ITEM, how="left", nulls_equal=True, maintain_order="left")
    return _set_aside(lines, "item", ITEM, wheres, found, lambda row: {
        "code": "E-UNKNOWN-ITEM",
        "message": f"No item is known as {_named(row)}; {row['len']} line(s) of it were set aside.",
        "hint": "Send the item's GTIN, or add its code to item_codes.csv and apply the partner again; then resend.",
        "value": row["gtin"] or row["buyer_item"] or row["seller_item"],
    })


def _named(row: dict[str, str | None]) -> str:
    words = {"gtin": "GTIN", "buyer_item": "buyer's item", "seller_item": "seller's item"}
    return ", ".join(f"{word} {row[name]}" for name, word in words.items() if row[name]) or "nothing at all"


def _known_places(
    lines: pl.DataFrame, context: Context, parties: Parties, wheres: Sequence[Where], found: Found
) -> pl.DataFrame:
    codes = lines.select("location").unique(maintain_order=True)
    glns = [resolve_place(code, context, parties) for (code,) in codes.iter_rows()]
    codes = codes.with_columns(pl.Series("gln", glns, dtype=pl.String))
    lines = lines.join(codes, on="location", how="left", nulls_equal=True, maintain_order="left")
    return _set_aside(lines, "gln", ["location"], wheres, found, lambda row: {
        "code": "E-UNKNOWN-LOCATION", "value": row["location"],
        "message": (
            f"No place is known as {row['location']}; {row['len']} line(s) were set aside."
            if row["location"] else f"{row['len']} line(s) name no place and were set aside."
        ),
        "hint": "Send the GLN of the place, or add it to locations.csv and apply the partner again; then resend.",
    })


def _in_base_units(lines: pl.DataFrame, context: Context, wheres: Sequence[Where], found: Found) -> pl.DataFrame:
    pairs = lines.select("item", "unit").unique(maintain_order=True)
    factors = [1.0 if unit is None else context.catalogue.factors.get((item, unit)) for item, unit in pairs.iter_rows()]
    pairs = pairs.with_columns(pl.Series("factor", factors, dtype=pl.Float64))
    lines = lines.join(pairs, on=["item", "unit"], how="left", nulls_equal=True, maintain_order="left")
    kept = _set_aside(lines, "factor", ["item", "unit"], wheres, found, lambda row: {
        "code": "E-UNKNOWN-CONVERSION", "value": row["unit"],
        "message": (
            f"How many {context.catalogue.items[row['item']].base_unit} make one {row['unit']} of item {row['item']} "
            f"is not known; {row['len']} line(s) were set aside."
        ),
        "hint": "Send the quantity in the item's base unit, or add the pack to conversions.csv and apply the partner.",
    })
    return kept.with_columns(pl.col("quantity") * pl.col("factor"))


def _told_of_mixed_units(lines: pl.DataFrame, context: Context, wheres: Sequence[Where], found: Found) -> None:
    """A forecast of one item in several units is read, each line in its own; more often than not one unit is a slip."""
    pairs = lines.select("part", "item", "unit").unique(maintain_order=True)
    if pairs.height == pairs.select("part", "item").n_unique():
        return
    named: dict[tuple[int, str], dict[str, None]] = {}
    for part, item, unit in pairs.iter_rows():
        named.setdefault((part, item), {})[unit or context.catalogue.items[item].base_unit] = None
    for (part, item), units in named.items():
        if len(units) == 1:
            continue
        base = context.catalogue.items[item].base_unit
        said = ", ".join(f"1 {unit} = {plain(context.catalogue.factors.get((item, unit), 1.0))} {base}"
                         for unit in units if unit != base)
        found.append((part, Finding(
            code="W-MIXED-UNITS", severity=Severity.WARNING, where=wheres[part], value=item,
            message=(f"Item {item} is forecast in {' and in '.join(units)}; every line was taken in its own unit "
                     f"({said})."),
            hint="Nothing need be done where that is meant; else send the forecast again with the right unit.",
        )))


def _dated(
    lines: pl.DataFrame, kind: type[Bulk], context: Context, wheres: Sequence[Where], found: Found
) -> pl.DataFrame:
    """What has no date, or one ten years off (or, for a report, in the future), is a typing error."""
    latest = context.today + timedelta(days=3650 if kind is Forecast else 8)
    earliest = context.today - timedelta(days=3650)
    good = pl.col("period").is_between(earliest, latest).fill_null(False)
    lines = lines.with_columns(pl.when(good).then("period").alias("good"))
    return _set_aside(lines, "good", ["period"], wheres, found, lambda row: {
        "code": "E-DATE-OUT-OF-HORIZON", "value": str(row["period"]) if row["period"] else None,
        "message": (
            f"{row['len']} line(s) are dated {row['period'] or 'not at all'}, and not between {earliest} and {latest}; "
            "they were set aside."
        ),
        "hint": "Check the century and the order of day and month in the period dates; then resend these lines.",
    })


def _set_aside(
    lines: pl.DataFrame, needed: str, names: list[str], wheres: Sequence[Where], found: Found,
    say: Callable[[dict[str, Any]], dict[str, Any]],
) -> pl.DataFrame:
    """The lines in which `needed` is known; for the others one finding per document and combination of `names`."""
    if not lines[needed].null_count():
        return lines
    unknown = lines.filter(pl.col(needed).is_null()).group_by("part", *names, maintain_order=True).len()
    for row in unknown.iter_rows(named=True):
        found.append((row["part"], Finding(severity=Severity.ERROR, where=wheres[row["part"]], **say(row))))
    return lines.filter(pl.col(needed).is_not_null())


def _in_scope(
    lines: pl.DataFrame, context: Context, parties: Parties, wheres: Sequence[Where], found: Found
) -> pl.DataFrame:
    """One copy of each line for every agreement in force that covers its item and place."""
    covered = [lines.head(0).with_columns(pl.lit(None, pl.String).alias("agreement"))]
    for agreement in context.of(parties.sender):
        inside = pl.col("item").is_in(list(agreement.items)) & pl.col("gln").is_in(list(agreement.locations))
        covered.append(lines.filter(inside).with_columns(pl.lit(agreement.name).alias("agreement")))
    rows = pl.concat(covered)
    outside = lines.join(rows.select("line").unique(), on="line", how="anti")
    counted = outside.group_by("part", maintain_order=True).agg(pl.first("item", "gln"), pl.len())
    for part, item, gln, count in counted.iter_rows():
        found.append((part, Finding(
            code="W-OUTSIDE-AGREEMENTS", severity=Severity.WARNING, where=wheres[part],
            message=(
                f"{count} line(s) are about items and places that no agreement in force covers (first: item {item} at "
                f"{gln}); they are kept with the message but not planned."
            ),
            hint="Add the item and the place to the agreement, or stop sending these lines.",
        )))
    return rows.drop("gtin").rename({"item": "gtin"})


def plain(quantity: float) -> str:
    """A quantity as a clerk writes it: no exponent, at most three decimals."""
    return f"{quantity:.3f}".rstrip("0").rstrip(".")


def shown(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """At most SHOWN of each code, and then how many more there are."""
    kept: list[Finding] = []
    for code in dict.fromkeys(f.code for f in findings):
        same = [f for f in findings if f.code == code]
        kept += same[:SHOWN]
        if len(same) > SHOWN:
            rest = f"And {len(same) - SHOWN} more like the ones above."
            kept.append(same[SHOWN].model_copy(update={"message": rest, "value": None}))
    return tuple(kept)


def observation_rows(kind: type[Bulk], checked: Checked) -> tuple[pl.DataFrame, dict[int, int]]:
    """Rows for the observation store (agreement, gtin, gln, measure, period, quantity), and by document the number of
    lines that are not weekly: flows (sold, received …) are planned in weeks; another span is counted, never guessed at.

    Stock in an activity report is what was there when its period ended, so it is dated by the end.
    """
    rows = checked.rows
    odd: dict[int, int] = {}
    rows = rows.filter(~_unnamed())
    if kind is Activity:
        end = pl.coalesce("end", "whole_end")
        days = (end - pl.col("period")).dt.total_days() + 1
        stock = pl.col("measure").is_in(STOCK)
        weekly = (stock | (days == 7)).fill_null(True)
        odd = dict(rows.filter(~weekly).group_by("part", maintain_order=True).len().iter_rows())
        counted = pl.when(stock).then(pl.coalesce(end, "period")).otherwise("period")
        rows = rows.filter(weekly).with_columns(counted.alias("period"))
    keys = ["agreement", "gtin", "gln", "measure", "period"]
    return rows.group_by(keys, maintain_order=True).agg(pl.col("quantity").sum()), odd


def repeated_lines(checked: Checked) -> dict[int, tuple[int, tuple[str, str, object]]]:
    """By document how many lines report what an earlier one reports already: the same figure of an item, place and
    period; and of the first of them item, place and first day."""
    keys = ["part", "agreement", "gtin", "gln", "measure", "period", *{"end"}.intersection(checked.rows.columns)]
    again = checked.rows.filter(~_unnamed() & ~pl.struct(keys).is_first_distinct())
    firsts = again.group_by("part", "agreement", maintain_order=True).agg(
        pl.len(), pl.col("gtin", "gln", "period").first()).unique("part", keep="first", maintain_order=True)
    return {part: (lines, (gtin, gln, period)) for part, _, lines, gtin, gln, period in firsts.iter_rows()}


def unnamed_measures(checked: Checked) -> dict[int, tuple[int, list[str]]]:
    """By document the number of lines whose figure is none that the hub plans with, and what it was called."""
    found = checked.rows.filter(_unnamed()).group_by("part", maintain_order=True)
    return {part: (lines, names) for part, lines, names in found.agg(pl.len(), pl.col("measure").unique().sort())
            .iter_rows()}


def _unnamed() -> pl.Expr:
    return ~pl.col("measure").is_in(get_args(Measure)).fill_null(True)
