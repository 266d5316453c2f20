"""`hub forecast` and `hub consensus`: how good would we have been? Both read a Parquet file and need no database."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from hub.cli.terminal import app, err, out
from hub.errors import HubError, Reject

forecast = typer.Typer(help="Forecast: measure the models on past demand.", no_args_is_help=True)
consensus = typer.Typer(help="Consensus: measure what combining the parties' forecasts brings.", no_args_is_help=True)
app.add_typer(forecast, name="forecast")
app.add_typer(consensus, name="consensus")


@forecast.callback()
def _forecast() -> None:
    """Forecast: measure the models on past demand."""


@consensus.callback()
def _consensus() -> None:
    """Consensus: measure what combining the parties' forecasts brings."""


File = Annotated[Path, typer.Argument(help="Parquet file of long rows")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object")]


@forecast.command("backtest")
def forecast_backtest(
    file: File,
    horizon: Annotated[int, typer.Option(min=1, max=400, help="periods ahead")] = 8,
    origins: Annotated[int, typer.Option(min=1, max=100, help="past moments, one horizon apart")] = 5,
    plan_known: Annotated[bool, typer.Option("--plan-known", help="prices, features and displays of the future "
                                                                  "periods are a plan known beforehand")] = False,
    models: Annotated[str | None, typer.Option(help="only these, separated by commas")] = None,
    as_json: Json = False,
) -> None:
    """Forecast the past from what was known before it; columns item, location, period, quantity, and if known price,
    base_price, feature, display, on_hand.

    Example: [bold]hub forecast backtest sales.parquet --horizon 8 --origins 5 --plan-known[/]
    """
    from hub.planning.backtest import backtest
    from hub.planning.demand_rows import demand
    from hub.planning.forecast import candidates

    def run() -> dict[str, Any]:
        panel = demand(_read(file), horizon, plan_known=plan_known).panel
        able = candidates(panel)
        wanted = [name.strip() for name in models.split(",")] if models else list(able)
        unknown = [name for name in wanted if name not in able]
        if unknown:
            raise Reject(f"no such model here: {', '.join(unknown)}; there are {', '.join(able)}", reason="NO_MODEL")
        return _forecast_report(backtest(panel, origins, {name: able[name] for name in wanted}), horizon, origins)

    report = _refusing(file, run)
    if as_json:
        print(json.dumps(report, allow_nan=False))
        return
    _table(f"{report['series']:,} series by {report['frequency']}, {origins} origins, {horizon} ahead",
           [*report["models"], report["chosen"]])
    out.print("chosen at the last origin: " + ", ".join(f"{name} {n:,}" for name, n in report["pools"].items()))


def _forecast_report(report: Any, horizon: int, origins: int) -> dict[str, Any]:
    def row(score: Any) -> dict[str, Any]:
        return {
            "model": score.model, "wmape": _number(score.wmape), "bias": _number(score.bias),
            "mase": _number(score.mase), "ratio_to_seasonal_naive": _number(score.ratio),
            "coverage_80": _number(score.coverage[0.8]), "coverage_95": _number(score.coverage[0.95]),
            "series_per_core_second": _number(score.series_per_core_second),
            "peak_rss_mb": _number(report.peak_rss_mb),
        }

    return {"models": [row(score) for score in report.models], "chosen": row(report.chosen), "pools": report.pools,
            "series": report.series, "frequency": report.bucket, "cells": report.cells, "horizon": horizon,
            "origins": origins}


@consensus.command("backtest")
def consensus_backtest(file: File, as_json: Json = False) -> None:
    """Combine the parties' past forecasts, origin after origin, from errors known by then; columns party, origin (last
    known period), lag (from 1), item, location, period, forecast, actual, promoted.

    Example: [bold]hub consensus backtest forecasts.parquet[/]
    """
    from hub.planning.consensus_backtest import backtest, table

    def run() -> dict[str, Any]:
        found = backtest(table(_read(file)))
        rows = [{"method": one.method, "wmape": _number(one.wmape), "bias": _number(one.bias),
                 "vs_best_party": _number(one.vs_best_party)} for one in (*found.methods, found.chosen)]
        return {"methods": rows[:-1], "chosen": rows[-1], "weights": found.weights, "trusted": found.trusted,
                "cells": found.cells, "origins": found.origins}

    report = _refusing(file, run)
    if as_json:
        print(json.dumps(report, allow_nan=False))
        return
    _table(f"{report['cells']:,} cells, {report['origins']} origins, scored from the second",
           [*report["methods"], report["chosen"]])
    _table("weights and bias factors at the last origin", report["weights"])


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _read(file: Path) -> pl.DataFrame:
    if not file.is_file():
        raise Reject("there is no such file", reason="NO_FILE")
    try:
        return pl.read_parquet(file)
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise Reject(f"not a readable Parquet file: {str(broken).splitlines()[0]}", reason="NOT_PARQUET") from broken


def _refusing(file: Path, run: Any) -> dict[str, Any]:
    """What `run` finds; a refusal is a sentence and exit code 2."""
    try:
        found: dict[str, Any] = run()
    except HubError as refusal:
        err.print(f"[red]{file}: {refusal}[/]", soft_wrap=True)
        raise typer.Exit(2) from None
    return found


def _table(title: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in rows[0]:
        word = isinstance(rows[0][name], str)
        table.add_column(name.replace("ratio_to_seasonal_naive", "vs seasonal naive").replace("_", " "),
                         justify="left" if word else "right", no_wrap=word,
                         min_width=max(len(str(row[name])) for row in rows) if word else None)
    for row in rows:
        last = row is rows[-1] and "weights" not in title
        table.add_row(*(_cell(value) for value in row.values()), style="bold" if last else None)
    out.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"
    return str(value)
