"""Scorecards to protobuf, field by field; a ratio that cannot be made (NaN) becomes an unset field."""

from __future__ import annotations

import math

from hub.model import performance
from hub.ports import MetricRow
from hub.rpc.convert import day, moment, value, wanted
from hub.rpc.names import name
from hub.rpc.pb.v1 import exceptions_pb2, forecasts_pb2
from hub.rpc.pb.v1 import scorecards_pb2 as pb


def scorecard(card: performance.Scorecard) -> pb.Scorecard:
    """What one cycle found out about the ones before it."""
    return pb.Scorecard(
        name=name("scorecards", card.run), agreement=name("agreements", card.agreement), as_of_date=day(card.as_of),
        observed=value(pb.Scorecard.Observed, card.observed), first_week=day(card.first_week),
        last_week=day(card.last_week), accuracies=[accuracy(row) for row in card.accuracy],
        step_values=[step_value(row) for row in card.value_added],
        promises=[promise(row) for row in card.commitments],
    )


def metric_exception(row: MetricRow) -> exceptions_pb2.MetricException:
    """Where performance is worse than was agreed, with what it was judged by where that was asked for."""
    one, kinds = row.found, exceptions_pb2.MetricException
    evidence = None if one.cells is None else kinds.Evidence(
        cells=one.cells, part=one.part or 0.0, whole=one.whole or 0.0,
        accuracies=[accuracy(judged) for judged in row.judged])
    return kinds(
        name=name("metricExceptions", row.id), agreement=name("agreements", row.agreement),
        scorecard=name("scorecards", row.run), metric=value(kinds.Metric, one.kind), author=_author(one.author),
        measure=value(forecasts_pb2.Measure, one.measure), group=one.group, from_lag_weeks=one.from_week,
        to_lag_weeks=one.to_week, first_week=day(row.first_week), last_week=day(row.last_week),
        found_percent=one.found, allowed_percent=one.allowed, value_at_stake=one.value_at_stake, evidence=evidence,
        create_time=moment(row.found_at),
    )


def accuracy(row: performance.Accuracy) -> pb.ForecastAccuracy:
    """How good one author's forecasts were."""
    return pb.ForecastAccuracy(
        author=_author(row.author), measure=value(forecasts_pb2.Measure, row.measure), lag_weeks=row.lag,
        group=row.group, cells=row.cells, error=row.error, absolute_error=row.absolute, actual=row.actual,
        wmape=_known(row.wmape), bias=_known(row.bias), tracking_signal=_known(row.tracking_signal),
        mase=_known(row.mase),
    )


def step_value(row: performance.ValueAdded) -> pb.StepValue:
    """What one step was worth."""
    return pb.StepValue(
        author=_author(row.author), measure=value(forecasts_pb2.Measure, row.measure),
        against=value(forecasts_pb2.Measure, row.against), edit=value(pb.StepValue.Edit, row.edit), cells=row.cells,
        wmape_before=_known(row.wmape_before), wmape_after=_known(row.wmape_after), gain=_known(row.gain),
    )


def promise(row: performance.Commitment) -> pb.PromiseRecord:
    """What was promised, and kept."""
    return pb.PromiseRecord(
        author=_author(row.author), lines=row.lines, ordered_quantity=row.ordered, promised_quantity=row.promised,
        commit_rate=_known(row.rate), adherence=_known(row.adherence),
    )


def split(number: pb.SumScorecardsRequest.Split.ValueType) -> str | None:
    """The word of what sums are split by. Raises Invalid for a number that this version does not know."""
    return wanted(pb.SumScorecardsRequest.Split, number, "split")


def _author(who: str) -> str:
    """The naive forecast is nobody's."""
    return "" if who == "naive" else name("partners", who)


def _known(ratio: float) -> float | None:
    return ratio if math.isfinite(ratio) else None
