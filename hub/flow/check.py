"""Is it about things we know? Items, places, units, dates and agreements of a document that is syntactically sound.

Everything here is pure: a document and a `Context` in, rows in base units and findings out. What is not known is set
aside with a finding that says which lines and what to do; the rest goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from hub.errors import Finding, Severity, Where
from hub.flow.context import Context, Parties
from hub.model.activity import Activity
from hub.model.bulk import Bulk
from hub.model.forecast import Forecast
from hub.model.inventory import Inventory
from hub.model.item import valid_gtin

ITEM = ["gtin", "buyer_item", "seller_item"]
STOCK = ["on_hand", "on_order", "in_transit", "minimum", "maximum", "reserved"]
SHOWN = 20
"""At most so many findings of one kind per document; the last one says how many more there are."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`rows`: the lines that can be posted, with gtin (14 digits), gln, period, base-unit quantity and `agreement`."""

    rows: pl.DataFrame
    findings: tuple[Finding, ...]


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


def check_bulk(document: Bulk, context: Context, parties: Parties, where: Where) -> Checked:
    """Resolve, convert, date-check and scope every line of a time-phased document."""
    findings: list[Finding] = []
    lines = document.lines.with_row_index("line", offset=1)
    lines = _known_items(lines, context, parties, where, findings)
    lines = _known_places(lines, document, context, parties, where, findings)
    lines = _in_base_units(lines, context, where, findings)
    lines = _dated(lines, document, context, where, findings)
    return Checked(_in_scope(lines, context, parties, where, findings), tuple(findings))


def _known_items(
    lines: pl.DataFrame, context: Context, parties: Parties, where: Where, findings: list[Finding]
) -> pl.DataFrame:
    names = lines.select(ITEM).unique(maintain_order=True)
    known = [resolve_item(a, b, c, context, parties) for a, b, c in names.iter_rows()]
    names = names.with_columns(pl.Series("item", known, dtype=pl.String))
    lines = lines.join(names, on=ITEM, how="left", nulls_equal=True, maintain_order="left")
    unknown = lines.filter(pl.col("item").is_null()).group_by(ITEM, maintain_order=True).len()
    _report(findings, [
        Finding(
            code="E-UNKNOWN-ITEM", severity=Severity.ERROR, where=where,
            message=f"No item is known as {_named(row)}; {row['len']} line(s) of it were set aside.",
            hint="Send the item's GTIN, or add its code to item_codes.csv and apply the partner again; then resend.",
            value=row["gtin"] or row["buyer_item"] or row["seller_item"],
        )
        for row in unknown.iter_rows(named=True)
    ])
    return lines.filter(pl.col("item").is_not_null())


def _named(row: dict[str, str | None]) -> str:
    words = {"gtin": "GTIN", "buyer_item": "buyer's item", "seller_item": "seller's item"}
    return ", ".join(f"{word} {row[name]}" for name, word in words.items() if row[name]) or "nothing at all"


def _known_places(
    lines: pl.DataFrame, document: Bulk, context: Context, parties: Parties, where: Where, findings: list[Finding]
) -> pl.DataFrame:
    ship_to = getattr(document.header, "ship_to", None)
    default = ship_to.id if ship_to else None
    codes = lines.select("location").unique(maintain_order=True)
    glns = [resolve_place(code or default, context, parties) for (code,) in codes.iter_rows()]
    codes = codes.with_columns(pl.Series("gln", glns, dtype=pl.String))
    lines = lines.join(codes, on="location", how="left", nulls_equal=True, maintain_order="left")
    unknown = lines.filter(pl.col("gln").is_null()).group_by("location", maintain_order=True).len()
    _report(findings, [
        Finding(
            code="E-UNKNOWN-LOCATION", severity=Severity.ERROR, where=where, value=row["location"],
            message=(
                f"No place is known as {row['location']}; {row['len']} line(s) were set aside."
                if row["location"] else f"{row['len']} line(s) name no place and were set aside."
            ),
            hint="Send the GLN of the place, or add it to locations.csv and apply the partner again; then resend.",
        )
        for row in unknown.iter_rows(named=True)
    ])
    return lines.filter(pl.col("gln").is_not_null())


def _in_base_units(lines: pl.DataFrame, context: Context, where: Where, findings: list[Finding]) -> pl.DataFrame:
    pairs = lines.select("item", "unit").unique(maintain_order=True)
    factors = [1.0 if unit is None else context.catalogue.factors.get((item, unit)) for item, unit in pairs.iter_rows()]
    pairs = pairs.with_columns(pl.Series("factor", factors, dtype=pl.Float64))
    lines = lines.join(pairs, on=["item", "unit"], how="left", nulls_equal=True, maintain_order="left")
    unknown = lines.filter(pl.col("factor").is_null()).group_by("item", "unit", maintain_order=True).len()
    _report(findings, [
        Finding(
            code="E-UNKNOWN-CONVERSION", severity=Severity.ERROR, where=where, value=row["unit"],
            message=(
                f"How many {context.catalogue.items[row['item']].base_unit} make one {row['unit']} of item "
                f"{row['item']} is not known; {row['len']} line(s) were set aside."
            ),
            hint="Send the quantity in the item's base unit, or add the pack to conversions.csv and apply the partner.",
        )
        for row in unknown.iter_rows(named=True)
    ])
    kept = lines.filter(pl.col("factor").is_not_null())
    return kept.with_columns((pl.col("quantity") * pl.col("factor")).alias("quantity"))


def _dated(
    lines: pl.DataFrame, document: Bulk, context: Context, where: Where, findings: list[Finding]
) -> pl.DataFrame:
    """A period for every line: its own start, else the header's; what lies ten years off is a typing error."""
    header = document.header
    column = "as_of" if isinstance(document, Inventory) else "start"
    default = getattr(header, column, None) or getattr(header, "issued_on", None)
    lines = lines.with_columns(pl.col(column).fill_null(pl.lit(default, dtype=pl.Date)).alias("period"))
    latest = context.today + timedelta(days=3650 if isinstance(document, Forecast) else 8)
    earliest = context.today - timedelta(days=3650)
    good = pl.col("period").is_between(earliest, latest).fill_null(False)
    bad = lines.filter(~good)
    if bad.height:
        sample = bad["period"].to_list()[0]
        findings.append(Finding(
            code="E-DATE-OUT-OF-HORIZON", severity=Severity.ERROR, where=where, value=str(sample) if sample else None,
            message=(
                f"{bad.height} line(s) have no date or one outside {earliest} to {latest} "
                f"(first: {sample or 'none'}) and were set aside."
            ),
            hint="Check the century and the order of day and month in the period dates; then resend these lines.",
        ))
    return lines.filter(good)


def _in_scope(
    lines: pl.DataFrame, context: Context, parties: Parties, where: Where, findings: list[Finding]
) -> pl.DataFrame:
    """One copy of each line for every agreement in force that covers its item and place."""
    found = [lines.head(0).with_columns(pl.lit(None, pl.String).alias("agreement"))]
    for agreement in context.of(parties.sender):
        covered = pl.col("item").is_in(list(agreement.items)) & pl.col("gln").is_in(list(agreement.locations))
        found.append(lines.filter(covered).with_columns(pl.lit(agreement.name).alias("agreement")))
    rows = pl.concat(found)
    outside = lines.join(rows.select("line").unique(), on="line", how="anti")
    if outside.height:
        item, gln = outside.select("item", "gln").row(0)
        findings.append(Finding(
            code="W-OUTSIDE-AGREEMENTS", severity=Severity.WARNING, where=where,
            message=(
                f"{outside.height} line(s) are about items and places that no agreement in force covers "
                f"(first: item {item} at {gln}); they are kept with the message but not planned."
            ),
            hint="Add the item and the place to the agreement, or stop sending these lines.",
        ))
    return rows.drop("gtin").rename({"item": "gtin"})


def _report(findings: list[Finding], found: list[Finding]) -> None:
    findings += found[:SHOWN]
    if len(found) > SHOWN:
        rest = f"And {len(found) - SHOWN} more like the ones above."
        findings.append(found[SHOWN].model_copy(update={"message": rest, "value": None}))


def observation_rows(document: Activity | Inventory, checked: Checked) -> tuple[pl.DataFrame, int]:
    """Rows for the observation store (agreement, gtin, gln, measure, period, quantity) and the number of lines that
    are not weekly: flows (sold, received …) are planned in weeks, so another span is counted, never guessed at."""
    rows = checked.rows
    if isinstance(document, Activity):
        end = pl.col("end").fill_null(pl.lit(document.header.end, dtype=pl.Date))
        days = (end - pl.col("period")).dt.total_days() + 1
        rows = rows.filter(pl.col("measure").is_in(STOCK) | (days == 7) | days.is_null())
    keys = ["agreement", "gtin", "gln", "measure", "period"]
    return rows.group_by(keys, maintain_order=True).agg(pl.col("quantity").sum()), checked.rows.height - rows.height
