"""`hub forecast backtest` as people and scripts call it."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import hub.cli.forecast  # noqa: F401
from hub.cli.terminal import app
from tests.planning.test_backtest import offered, rows_of

KEYS = {"model", "wmape", "bias", "mase", "ratio_to_seasonal_naive", "coverage_80", "coverage_95",
        "series_per_core_second", "peak_rss_mb"}


@pytest.fixture
def sales(tmp_path):
    panel = offered(series=12, weeks=110, planned=True)
    assert panel.drivers is not None
    rows = rows_of(panel).with_columns(price=pl.Series(2 * np.exp(panel.drivers.price).ravel()), base_price=pl.lit(2.0))
    rows.write_parquet(tmp_path / "sales.parquet")
    return tmp_path / "sales.parquet"


def run(*arguments):
    return CliRunner().invoke(app, ["forecast", "backtest", *map(str, arguments)])


def test_every_model_and_the_choice_have_the_same_figures(sales):
    answer = run(sales, "--origins", 2, "--plan-known", "--json")
    assert answer.exit_code == 0
    report = json.loads(answer.stdout)
    assert {"seasonal_naive", "smoothed", "direct", "scan_pro"} <= {row["model"] for row in report["models"]}
    assert all(row.keys() == KEYS for row in [*report["models"], report["chosen"]])
    assert report["models"][0]["ratio_to_seasonal_naive"] == 1
    assert report["chosen"]["ratio_to_seasonal_naive"] < 0.6
    assert sum(report["pools"].values()) == report["series"] == 12


def test_people_get_a_table(sales):
    answer = run(sales, "--origins", 1, "--horizon", 4, "--models", "smoothed,moving_average")
    assert answer.exit_code == 0
    assert "moving_average" in answer.stdout
    assert "chosen" in answer.stdout


@pytest.mark.parametrize(("arguments", "says"), [
    (("--origins", 40), "too few"), (("--models", "oracle"), "no such model"),
])
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(sales, arguments, says):
    answer = run(sales, *arguments)
    assert answer.exit_code == 2
    assert says in answer.stderr


def test_a_file_that_is_no_parquet_or_not_there_is_refused(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"item,location\n")
    for name, says in (("x.parquet", "not a readable Parquet file"), ("y.parquet", "no such file")):
        answer = run(tmp_path / name)
        assert answer.exit_code == 2
        assert says in answer.stderr
