"""What combining the parties' forecasts would have brought: origin after origin, from errors known by then.

A forecast made at origin o of lag l is known to be right or wrong at o + l: only such cells teach. Scored from the
second origin on, on cells where every party spoke and the actual is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from hub.errors import Reject
from hub.model.plan import Vector
from hub.planning.demand_rows import HUGE, as_date, named
from hub.planning.weights import Flags, Ints, Views, Weights, equal, learn, learn_gate, views

COLUMNS = ("party", "origin", "lag", "item", "location", "period", "forecast", "actual", "promoted")
KEYS = ("origin", "lag", "item", "location", "period")
METHODS = ("equal", "best_so_far", "weighted", "hedged", "gated")
"""The plain mean; the party that was best until now; the weights of `hub.planning.weights` alone; as near to them as
they are trusted; the same behind the gate."""
CHOSEN = "chosen"
BASELINES = ("baseline", "hub", "stat", "statistical")
"""Names under which a party is the statistical baseline that others edit."""
MARGIN, FEWEST = 0.02, 2
RIVALS = ("hedged", "best_so_far", "gated")
"""What may be chosen: how far the plain mean and the weights are to be trusted, the hedged one has judged itself."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One way to a consensus: WMAPE, bias, and WMAPE against the best party's, minus 1."""

    method: str
    wmape: float
    bias: float
    vs_best_party: float


@dataclass(frozen=True, slots=True)
class Consensus:
    """All `methods` (the parties themselves first) and the `chosen` one; `weights` at the last origin, a row per class;
    `trusted` counts the origins at which the choice fell on each method."""

    methods: list[Judged]
    chosen: Judged
    weights: list[dict[str, float | int | str]]
    cells: int
    origins: int
    trusted: dict[str, int]


@dataclass(frozen=True, slots=True)
class Table:
    """m cells in order of origin: `views`, `actual` (m,), `origin` and `period` (m,) as days."""

    parties: tuple[str, ...]
    views: Views
    actual: Vector
    origin: Ints
    period: Ints


def table(rows: pl.DataFrame) -> Table:
    """Check long rows and put the parties side by side. Raises Reject with a sentence."""
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        raise Reject(f"missing column{'s' * (len(missing) > 1)} {', '.join(missing)}; found {', '.join(rows.columns)}",
                     reason="MISSING_COLUMN")
    if rows.is_empty():
        raise Reject("there are no rows", reason="NO_ROWS")
    for name in ("lag", "forecast", "actual", "promoted"):
        if not (rows[name].dtype.is_numeric() or rows[name].dtype in (pl.Boolean, pl.Null)):
            raise Reject(f"column {name} must hold numbers, not {rows[name].dtype}", reason="WRONG_TYPE")
    rows = named(rows, ("party", "item", "location")).select(
        "party", "item", "location", as_date(rows["origin"]).alias("origin"),
        as_date(rows["period"]).alias("period"), pl.col("lag").cast(pl.Int64, strict=False),
        *(pl.when(pl.col(name).cast(pl.Float64).is_finite()).then(pl.col(name).cast(pl.Float64)).alias(name)
          for name in ("forecast", "actual")), pl.col("promoted").cast(pl.Boolean).fill_null(False))
    for name in ("party", *KEYS):
        if rows[name].null_count():
            raise Reject(f"{rows[name].null_count()} rows have no usable {name}", reason="MISSING_VALUE")
    for wrong, says in (
        (pl.col("lag") < 1, "have a lag below 1"),
        (pl.col("period") <= pl.col("origin"), "are of a period known at their origin"),
        (pl.max_horizontal(pl.col("forecast").abs(), pl.col("actual").abs()) > HUGE, f"are beyond {HUGE:.0e}"),
        (pl.struct("party", *KEYS).is_duplicated(), "share party, origin, lag, item, location and period"),
    ):
        bad = rows.filter(wrong)
        if len(bad):
            first = bad.select("party", "item", "location", "period").row(0)
            raise Reject(f"{len(bad)} rows {says}, the first of {first[0]} for item {first[1]} at {first[2]}, "
                         f"{first[3]}", reason="BAD_ROWS")
    parties = tuple(rows["party"].unique().sort().to_list())
    wide = rows.pivot("party", index=KEYS, values="forecast", aggregate_function="first")
    known = rows.group_by(KEYS).agg(pl.col("actual").drop_nulls().first(), pl.col("promoted").any())
    cells = wide.join(known, on=KEYS).sort("origin", "item", "location", "lag")
    series = pl.struct("origin", "item", "location").rank("dense").cast(pl.Int64)
    said = views(
        cells.select(parties).to_numpy().astype(np.float64), cells["lag"].to_numpy(), cells["promoted"].to_numpy(),
        cells.select(series.alias("series"))["series"].to_numpy() - 1)
    return Table(parties, said, cells["actual"].cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64),
                 cells["origin"].to_physical().to_numpy().astype(np.int64),
                 cells["period"].to_physical().to_numpy().astype(np.int64))


def backtest(found: Table) -> Consensus:
    """Score the parties and every method from the second origin on."""
    moments = np.unique(found.origin)
    if len(moments) < 2:
        raise Reject("there is one origin only: weights can be learnt from the second one on", reason="TOO_SHORT")
    made = {name: np.full(len(found.actual), np.nan) for name in (*METHODS, CHOSEN)}
    usable = ~np.isnan(found.actual) & ~np.isnan(found.views.forecast).any(axis=1)
    weights, trusted = equal(found.parties), dict[str, int]()
    for moment in moments[1:]:
        now, past = found.origin == moment, usable & (found.origin < moment) & (found.period <= moment)
        best = _trusted({name: made[name][past] for name in RIVALS}, found.actual[past], found.origin[past])
        weights = _combine(found, now, past, made)
        made[CHOSEN][now] = made[best][now]
        trusted[best] = trusted.get(best, 0) + 1
    scored = (found.origin > moments[0]) & usable
    if not scored.any():
        raise Reject("no cell after the first origin has all parties' forecasts and an actual", reason="TOO_SHORT")
    judged = _judged(found, {name: values[scored] for name, values in made.items()}, scored)
    classes: list[dict[str, float | int | str]] = [
        row | {"promoted": int(row["promoted"])} for row in weights.rows()]
    return Consensus([one for name, one in judged.items() if name != CHOSEN], judged[CHOSEN], classes,
                     int(scored.sum()), len(moments), trusted)


def _combine(found: Table, now: Flags, past: Flags, made: dict[str, Vector]) -> Weights:
    """Fill the cells `now` of every method, from the `past` ones alone; the weights that were learnt."""
    coming, known, actual = found.views.only(now), found.views.only(past), found.actual[past]
    weights = learn(found.parties, known, actual)
    known_to_all = ~np.isnan(coming.forecast).any(axis=1)
    made["equal"][now] = np.where(known_to_all, np.nan_to_num(coming.forecast).mean(axis=1), np.nan)
    made["best_so_far"][now] = coming.forecast[:, _best(known.forecast, actual)]
    made["weighted"][now] = weights.weigh(coming)
    made["hedged"][now] = weights.combine(coming)
    made["gated"][now] = _gated(found, now, past, made["hedged"])
    return weights


def _gated(found: Table, now: Flags, past: Flags, hedged: Vector) -> Vector:
    """The hedged consensus taken as an edit of the statistical baseline: classes of such edits that have made the
    baseline worse are not used. Without a party called so, the hedged consensus itself."""
    base = next((number for number, party in enumerate(found.parties) if party.lower() in BASELINES), None)
    if base is None:
        return np.asarray(hedged[now])
    before = found.views.forecast[:, base]
    return learn_gate(before[past], hedged[past], found.actual[past]).apply(before[now], hedged[now])[0]


def _trusted(made: dict[str, Vector], actual: Vector, origin: Ints) -> str:
    """The method to use now: the hedged one, unless another has been better by more than `MARGIN` at each of the
    origins, two at least, whose outcome is known by now."""
    known = np.asarray(~np.isnan(np.stack(list(made.values()))).any(axis=0), dtype=np.bool_)
    moments, at = np.unique(origin[known], return_inverse=True)
    if len(moments) < FEWEST:
        return "hedged"
    error = {name: np.bincount(at, np.abs(values - actual)[known]) for name, values in made.items()}
    steady = {name: float(missed.sum()) for name, missed in error.items()
              if (missed < (1 - MARGIN) * error["hedged"]).all()}
    return min(steady, key=lambda name: steady[name], default="hedged")


def _judged(found: Table, made: dict[str, Vector], scored: Flags) -> dict[str, Judged]:
    """Figures of the parties and of every method on the scored cells."""
    actual = found.actual[scored]
    parties = {name: found.views.forecast[scored, number] for number, name in enumerate(found.parties)}
    figures = {name: _figures(values, actual) for name, values in (parties | made).items()}
    best = min(figures[name][0] for name in found.parties)
    return {name: Judged(name, wmape, bias, wmape / best - 1 if best else float("nan"))
            for name, (wmape, bias) in figures.items()}


def _best(forecast: Vector, actual: Vector) -> int:
    """The party with the least absolute error so far, the first when nothing is known."""
    if not len(actual):
        return 0
    miss: Vector = np.abs(forecast - actual[:, None])
    return int(np.nansum(miss, axis=0).argmin())


def _figures(forecast: Vector, actual: Vector) -> tuple[float, float]:
    miss = forecast - actual
    total, absolute = float(actual.sum()), float(np.abs(actual).sum())
    nan = float("nan")
    return (float(np.abs(miss).sum()) / absolute if absolute else nan), (float(miss.sum()) / total if total else nan)

