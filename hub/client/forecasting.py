"""What both clients can say and ask about views of the future: the sync form and the async one, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Unpack

from google.type.date_pb2 import Date

from hub.client import queries
from hub.rpc.pb.v1 import forecasts_pb2 as pb
from hub.rpc.pb.v1.forecasts_pb2_grpc import ForecastsStub

Said = Iterable[pb.SubmitForecastRequest.Series]


class Forecasting:
    """A part of `Client`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _forecasts: ForecastsStub

    def forecast_version(self, name: str) -> pb.ForecastVersion:
        """One version: whose, when, and what was committed in it."""
        found: pb.ForecastVersion = self._call(
            self._forecasts.GetForecastVersion, pb.GetForecastVersionRequest(name=name))
        return found

    def forecast_versions(self, **query: Unpack[queries.Versions]) -> Iterator[pb.ForecastVersion]:
        """Versions, newest first."""
        found: Iterator[pb.ForecastVersion] = self._all(
            self._forecasts.ListForecastVersions, pb.ListForecastVersionsRequest(**query),
            lambda r: r.forecast_versions)
        return found

    def submit_forecast(
        self, agreement: str, measure: pb.Measure.ValueType, first_week: Date, series: Said,
        **more: Unpack[queries.Deed],
    ) -> pb.SubmitForecastResponse:
        """Puts a whole view of one's own in the place of the one before."""
        done: pb.SubmitForecastResponse = self._call(
            self._forecasts.SubmitForecast, pb.SubmitForecastRequest(
                agreement=agreement, measure=measure, first_week=first_week, series=series, **more))
        return done

    def commit_forecast(
        self, agreement: str, measure: pb.Measure.ValueType, commitments: Iterable[pb.Commitment],
        **more: Unpack[queries.Deed],
    ) -> pb.CommitForecastResponse:
        """Commits to single weeks of one's own view."""
        done: pb.CommitForecastResponse = self._call(
            self._forecasts.CommitForecast, pb.CommitForecastRequest(
                agreement=agreement, measure=measure, commitments=commitments, **more))
        return done

    def compare_forecasts(self, left: str, right: str) -> Iterator[pb.CompareForecastsResponse.Pair]:
        """Two versions beside each other, series by series."""
        found: Iterator[pb.CompareForecastsResponse.Pair] = self._all(
            self._forecasts.CompareForecasts, pb.CompareForecastsRequest(left=left, right=right), lambda r: r.pairs)
        return found


class AsyncForecasting:
    """A part of `AsyncClient`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _forecasts: Any

    async def forecast_version(self, name: str) -> pb.ForecastVersion:
        """One version: whose, when, and what was committed in it."""
        found: pb.ForecastVersion = await self._call(
            self._forecasts.GetForecastVersion, pb.GetForecastVersionRequest(name=name))
        return found

    def forecast_versions(self, **query: Unpack[queries.Versions]) -> AsyncIterator[pb.ForecastVersion]:
        """Versions, newest first."""
        found: AsyncIterator[pb.ForecastVersion] = self._all(
            self._forecasts.ListForecastVersions, pb.ListForecastVersionsRequest(**query),
            lambda r: r.forecast_versions)
        return found

    async def submit_forecast(
        self, agreement: str, measure: pb.Measure.ValueType, first_week: Date, series: Said,
        **more: Unpack[queries.Deed],
    ) -> pb.SubmitForecastResponse:
        """Puts a whole view of one's own in the place of the one before."""
        done: pb.SubmitForecastResponse = await self._call(
            self._forecasts.SubmitForecast, pb.SubmitForecastRequest(
                agreement=agreement, measure=measure, first_week=first_week, series=series, **more))
        return done

    async def commit_forecast(
        self, agreement: str, measure: pb.Measure.ValueType, commitments: Iterable[pb.Commitment],
        **more: Unpack[queries.Deed],
    ) -> pb.CommitForecastResponse:
        """Commits to single weeks of one's own view."""
        done: pb.CommitForecastResponse = await self._call(
            self._forecasts.CommitForecast, pb.CommitForecastRequest(
                agreement=agreement, measure=measure, commitments=commitments, **more))
        return done

    def compare_forecasts(self, left: str, right: str) -> AsyncIterator[pb.CompareForecastsResponse.Pair]:
        """Two versions beside each other, series by series."""
        found: AsyncIterator[pb.CompareForecastsResponse.Pair] = self._all(
            self._forecasts.CompareForecasts, pb.CompareForecastsRequest(left=left, right=right), lambda r: r.pairs)
        return found
