"""Quantities in whatever unit they were sent -> the item's base unit; what cannot be converted is handed back."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def factor_table(factors: Mapping[tuple[str, str], float]) -> pl.DataFrame:
    """(gtin, unit) -> base units per unit, as a frame gtin, unit, factor for `to_base`."""
    return pl.DataFrame(
        [(gtin, unit, float(factor)) for (gtin, unit), factor in factors.items()],
        schema={"gtin": pl.String, "unit": pl.String, "factor": pl.Float64}, orient="row",
    )


def to_base(lines: pl.DataFrame, factors: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines with `quantity` in base units (column `unit` dropped), and the lines whose unit nobody defined, untouched.

    Needs columns gtin, unit, quantity. A null unit means base units already. The order of lines is kept.
    """
    known = lines.join(factors, on=["gtin", "unit"], how="left", maintain_order="left")
    factor = pl.when(pl.col("unit").is_null()).then(pl.lit(1.0)).otherwise(pl.col("factor"))
    known = known.with_columns(factor.alias("factor"))
    unknown = known.filter(pl.col("factor").is_null()).drop("factor")
    converted = known.filter(pl.col("factor").is_not_null()).with_columns(pl.col("quantity") * pl.col("factor"))
    return converted.drop("factor", "unit"), unknown
