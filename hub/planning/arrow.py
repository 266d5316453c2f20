"""A shard as an Arrow stream, and what the baseline makes of it as another: the form in which work goes to other
processes and machines. One row is one item-location; what holds for the whole shard stands in its first row.
"""

from __future__ import annotations

import io
import json
from dataclasses import fields
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from hub.model.agreement import Agreement
from hub.model.plan import Vector
from hub.planning import cycle_math
from hub.planning.cycle_math import ShardInput
from hub.planning.forecast import Baseline
from hub.planning.models.panel import Outlook
from hub.planning.policies.kept import Kept
from hub.planning.replenish import Stock

MATRICES = ("history", "buyer", "seller", "previous", "promoted_past", "promoted_ahead")
STOCK = tuple(field.name for field in fields(Stock))
KEPT = tuple(field.name for field in fields(Kept))
PART = "part."


def packed(shard: ShardInput) -> bytes:
    """The shard without its weights, which the baseline does not need. It must have an item-location."""
    whole = {"agreement": shard.agreement.model_dump(mode="json"), "first_week": shard.first_week.isoformat(),
             "thorough": shard.thorough, "offers": shard.offers}
    columns: dict[str, Any] = {
        "gtin": [gtin for gtin, _ in shard.keys], "gln": [gln for _, gln in shard.keys], "group": shard.groups,
        "unit_value": shard.unit_values, **{name: getattr(shard, name) for name in MATRICES},
        **{f"stock.{name}": getattr(shard.stock, name) for name in STOCK}}
    if shard.dependent is not None:
        columns["dependent"] = shard.dependent
    if shard.like is not None:
        columns["like"] = shard.like
    if shard.kept is not None:
        columns |= {f"kept.{name}": getattr(shard.kept, name) for name in KEPT}
    return _stream(columns, whole)


def unpacked(stream: bytes) -> ShardInput:
    """The inverse of `packed`."""
    frame, whole = _read(stream)
    dependent = _matrix(frame, "dependent") if "dependent" in frame.columns else None
    history, buyer, seller, previous, past, ahead = (_matrix(frame, name) for name in MATRICES)
    stock = Stock(**{name: _matrix(frame, f"stock.{name}") for name in STOCK})
    kept = Kept(**{name: _matrix(frame, f"kept.{name}") for name in KEPT}) if "kept.least" in frame.columns else None
    like = frame["like"].to_numpy().astype(np.int64) if "like" in frame.columns else None
    return ShardInput(
        agreement=Agreement.model_validate(whole["agreement"]), keys=tuple(frame.select("gtin", "gln").iter_rows()),
        groups=frame["group"].to_numpy().astype(np.int64), first_week=date.fromisoformat(whole["first_week"]),
        history=history, buyer=buyer, seller=seller, previous=previous, promoted_past=past, promoted_ahead=ahead,
        unit_values=_matrix(frame, "unit_value"), stock=stock, dependent=dependent, thorough=bool(whole["thorough"]),
        offers=bool(whole["offers"]),
        kept=kept, like=like)


def baseline(stream: bytes) -> bytes:
    """`cycle_math.baseline`, Arrow in and Arrow out: a pure function that any process may run."""
    shard = unpacked(stream)
    made = cycle_math.baseline(shard)
    columns: dict[str, Any] = {
        "gtin": [gtin for gtin, _ in shard.keys], "gln": [gln for _, gln in shard.keys], "pool": list(made.pool),
        "forecast": made.outlook.forecast, "sigma": made.outlook.sigma}
    for level, (lower, upper) in made.bounds.items():
        columns |= {f"lower.{level}": lower, f"upper.{level}": upper}
    columns |= {f"{PART}{name}": part for name, part in made.outlook.components.items()}
    return _stream(columns, {"scores": made.scores, "series": len(shard.keys)})


def gathered(streams: list[bytes]) -> tuple[tuple[tuple[str, str], ...], Baseline]:
    """The keys and the one baseline of all shards, in order of the shards; scores are means weighted by their series.
    What one shard has no part of is NaN there."""
    read = [_read(stream) for stream in streams]
    frame = pl.concat([frame for frame, _ in read], how="diagonal")
    levels = sorted({float(name.removeprefix("lower.")) for name in frame.columns if name.startswith("lower.")})
    bounds = {level: (_matrix(frame, f"lower.{level}"), _matrix(frame, f"upper.{level}")) for level in levels}
    parts = {name.removeprefix(PART): _matrix(frame, name) for name in frame.columns if name.startswith(PART)}
    outlook = Outlook(_matrix(frame, "forecast"), frame["sigma"].to_numpy().astype(np.float64), parts)
    return tuple(frame.select("gtin", "gln").iter_rows()), Baseline(
        outlook, tuple(frame["pool"].to_list()), bounds, _mean([whole for _, whole in read]))


def _mean(wholes: list[dict[str, Any]]) -> dict[str, float]:
    names = dict.fromkeys(name for whole in wholes for name in whole["scores"])
    found = {}
    for name in names:
        of = [(whole["scores"][name], whole["series"]) for whole in wholes if name in whole["scores"]]
        found[name] = sum(score * series for score, series in of) / sum(series for _, series in of)
    return found


def _stream(columns: dict[str, Any], whole: dict[str, Any]) -> bytes:
    frame = pl.DataFrame(columns)
    frame = frame.with_columns(whole=pl.Series([json.dumps(whole), *[None] * (frame.height - 1)], dtype=pl.String))
    out = io.BytesIO()
    frame.write_ipc_stream(out)
    return out.getvalue()


def _read(stream: bytes) -> tuple[pl.DataFrame, dict[str, Any]]:
    frame = pl.read_ipc_stream(io.BytesIO(stream))
    return frame.drop("whole"), json.loads(frame["whole"][0])


def _matrix(frame: pl.DataFrame, name: str) -> Vector:
    """A column of numbers (n,) or of rows (n, width); rows that a shard had no part of are NaN."""
    column = frame[name]
    if isinstance(column.dtype, pl.Array) and column.null_count():
        nothing = pl.Series([[float("nan")] * column.dtype.size], dtype=column.dtype)
        column = frame.select(pl.col(name).fill_null(pl.lit(nothing).first()))[name]
    elif column.null_count():
        column = column.fill_null(float("nan"))
    return np.ascontiguousarray(column.to_numpy(), dtype=np.float64)
