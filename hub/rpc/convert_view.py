"""Plan versions, and what is said in them, to protobuf and back; nothing is decided here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Hashable, Iterable
from datetime import date, timedelta
from itertools import starmap

import numpy as np
from google.type.date_pb2 import Date

from hub.flow.views import Edit
from hub.model.plan import Commit, PlanMeasure, PlanVersion, Series, Vector
from hub.planning.calendar import WEEK
from hub.planning.history import align
from hub.ports import SeriesPair, VersionCard
from hub.rpc.convert import day, moment, value
from hub.rpc.errors import Invalid
from hub.rpc.names import name, wanted_day, wanted_gln, wanted_gtin
from hub.rpc.pages import MOST
from hub.rpc.pb.v1 import forecasts_pb2 as pb

LONGEST = 2000
"""Characters of a comment."""
WEEKS = 520
"""Of one series: ten years."""
LARGE, NUMBERS = 50_000, 5_000_000
"""Series of a view that comes in pieces, and numbers in them."""
SUBMITTED: dict[int, PlanMeasure] = {
    pb.MEASURE_SALES_FORECAST: "sales_forecast", pb.MEASURE_ORDER_FORECAST: "order_forecast",
}


def version(card: VersionCard) -> pb.ForecastVersion:
    """A version and the weeks that were committed in it."""
    known = card.version
    return pb.ForecastVersion(
        name=name("forecastVersions", card.id), agreement=name("agreements", known.agreement),
        author=name("partners", known.author), measure=value(pb.Measure, known.measure),
        first_week=day(known.first_week), weeks=known.weeks, create_time=moment(card.created_at), etag=card.id,
        commitments=[_commitment(one) for one in card.commits],
    )


def _commitment(one: Commit) -> pb.Commitment:
    return pb.Commitment(
        gtin=one.gtin, gln=one.gln, week=day(one.period), quantity=one.quantity, reason=one.reason or "",
        comment=one.comment or "", previous_quantity=one.before)


def measure(asked: pb.Measure.ValueType) -> PlanMeasure:
    """Raises Invalid for what no partner can say."""
    if asked not in SUBMITTED:
        raise Invalid(
            "measure", "must be MEASURE_SALES_FORECAST or MEASURE_ORDER_FORECAST.", reason="MEASURE_NOT_YOURS")
    return SUBMITTED[asked]


async def gathered(pieces: AsyncIterator[pb.SubmitLargeForecastRequest]) -> pb.SubmitForecastRequest:
    """One view out of its pieces. Raises Invalid when they do not belong together, or are too many."""
    first, whole, numbers = pb.SubmitForecastRequest(), pb.SubmitForecastRequest(), 0
    async for piece in pieces:
        head = pb.SubmitForecastRequest(
            agreement=piece.agreement, measure=piece.measure, first_week=piece.first_week, etag=piece.etag,
            request_id=piece.request_id)
        if not whole.series:
            first.CopyFrom(head)
            whole.CopyFrom(head)
        if head != first:
            raise Invalid("series", "come in pieces that are the same in all but them.", reason="UNEQUAL_PIECES")
        numbers += sum(len(one.quantities) for one in piece.series)
        if len(piece.series) > MOST or len(whole.series) + len(piece.series) > LARGE or numbers > NUMBERS:
            raise Invalid("series", f"must not be more than {MOST} in a piece, and in all {LARGE} with {NUMBERS} "
                          "numbers.", reason="TOO_MANY")
        whole.series.extend(piece.series)
    if not whole.series:
        raise Invalid("series", "is required.", reason="FIELD_REQUIRED")
    return whole


def series(request: pb.SubmitForecastRequest, most: int = MOST) -> Series:
    """A view as it was sent. Raises Invalid for one that is none."""
    if len(request.series) > most:
        raise Invalid("series", f"must not be more than {most}; SubmitLargeForecast takes more.", reason="TOO_MANY")
    weeks = len(request.series[0].quantities)
    for number, one in enumerate(request.series):
        if len(one.quantities) != weeks or weeks > WEEKS:
            raise Invalid(f"series[{number}].quantities", f"must be as many as those of the others, at most {WEEKS}.",
                          reason="UNEQUAL_WEEKS")
    keys = tuple(_key(one.gtin, one.gln, f"series[{number}].") for number, one in enumerate(request.series))
    _once(keys, "series")
    values = np.array([list(one.quantities) for one in request.series], dtype=np.float64)
    return Series(keys, _day(request.first_week, "first_week"), values)


def edits(request: pb.CommitForecastRequest) -> list[Edit]:
    """Commitments as they were sent. Raises Invalid for what is none."""
    if len(request.commitments) > MOST:
        raise Invalid("commitments", f"must not be more than {MOST}.", reason="TOO_MANY")
    found = list(starmap(_edit, enumerate(request.commitments)))
    _once(((one.gtin, one.gln, one.period) for one in found), "commitments")
    return found


def _edit(number: int, one: pb.Commitment) -> Edit:
    at = f"commitments[{number}]."
    for field in ("reason", "comment"):
        if len(getattr(one, field)) > LONGEST:
            raise Invalid(at + field, f"must have at most {LONGEST} characters.", reason="TEXT_TOO_LONG")
    gtin, gln = _key(one.gtin, one.gln, at)
    return Edit(gtin, gln, _day(one.week, f"{at}week"), one.quantity, one.reason or None, one.comment or None)


def _key(gtin: str, gln: str, at: str) -> tuple[str, str]:
    return wanted_gtin(gtin, f"{at}gtin") or "", wanted_gln(gln, f"{at}gln") or ""


def _day(asked: Date, field: str) -> date:
    found = wanted_day(asked, field)
    if found is None:
        raise Invalid(field, "is required.", reason="FIELD_REQUIRED")
    return found


def _once(keys: Iterable[Hashable], field: str) -> None:
    seen: set[Hashable] = set()
    for number, key in enumerate(keys):
        if key in seen:
            raise Invalid(f"{field}[{number}]", "is there twice.", reason="TWICE")
        seen.add(key)


def pair(row: SeriesPair, left: PlanVersion, right: PlanVersion) -> pb.CompareForecastsResponse.Pair:
    """Both series on all weeks of either version."""
    first, weeks = span(left, right)
    one, two = (_on(row, vector, of, first, weeks) for vector, of in ((row.left, left), (row.right, right)))
    both = ~np.isnan(one + two)
    return pb.CompareForecastsResponse.Pair(
        gtin=row.gtin, gln=row.gln, left_quantities=one.tolist(), right_quantities=two.tolist(),
        difference=float((two - one)[both].sum()))


def span(left: PlanVersion, right: PlanVersion) -> tuple[date, int]:
    """The first week of both, and how many weeks there are to the last."""
    first = min(left.first_week, right.first_week)
    ends = max(of.first_week + timedelta(weeks=of.weeks) for of in (left, right))
    return first, -(-(ends - first).days // WEEK)


def _on(row: SeriesPair, vector: Vector | None, of: PlanVersion, first: date, weeks: int) -> Vector:
    if vector is None:
        return np.full(weeks, np.nan)
    key = ((row.gtin, row.gln),)
    whole = align(Series(key, of.first_week, vector.reshape(1, -1)), key, first, weeks)
    return whole.values.reshape(-1)
