"""What both clients can say and ask about views of the future: the sync form and the async one, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from itertools import islice
from typing import Any, Unpack

from google.type.date_pb2 import Date

from hub.client import connection, queries
from hub.rpc.pb.v1 import forecasts_pb2 as pb
from hub.rpc.pb.v1.forecasts_pb2_grpc import ForecastsStub

Said = Iterable[pb.SubmitForecastRequest.Series]
PIECE = 500
"""Series of a view that travel together."""


def pieces(head: pb.SubmitLargeForecastRequest, series: Said) -> Iterator[pb.SubmitLargeForecastRequest]:
    """A view as the requests that carry it, each with all that `head` says, and a UUID if it has none."""
    connection.identified(head)
    rest = iter(series)
    while part := list(islice(rest, PIECE)):
        piece = pb.SubmitLargeForecastRequest(series=part)
        piece.MergeFrom(head)
        yield piece


class Forecasting:
    """A part of `Client`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _watch: Any
    _resumed: Any
    _send: Any
    _forecasts: ForecastsStub

    def forecast_version(self, name: str, **more: Unpack[queries.Shown]) -> pb.ForecastVersion:
        """One version: whose, when, and what was committed in it."""
        found: pb.ForecastVersion = self._call(
            self._forecasts.GetForecastVersion, pb.GetForecastVersionRequest(name=name, **more))
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

    def submit_large_forecast(
        self, agreement: str, measure: pb.Measure.ValueType, first_week: Date, series: Said,
        **more: Unpack[queries.Deed],
    ) -> pb.SubmitForecastResponse:
        """`submit_forecast` for large views, in pieces. Send it again under the same `request_id` when it broke."""
        head = pb.SubmitLargeForecastRequest(agreement=agreement, measure=measure, first_week=first_week, **more)
        done: pb.SubmitForecastResponse = self._send(self._forecasts.SubmitLargeForecast, pieces(head, series))
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

    def stream_forecasts(self, **query: Unpack[queries.Streamed]) -> Iterator[pb.Forecast]:
        """All series of a query in one stream, which goes on where it was when it breaks."""
        for reply in self._resumed(self._forecasts.StreamForecasts, pb.StreamForecastsRequest(**query)):
            yield from reply.forecasts

    def batch_forecasts(self, names: Iterable[str], **more: Unpack[queries.Shown]) -> list[pb.Forecast]:
        """Many series by their names, all of them or none."""
        found = self._call(self._forecasts.BatchGetForecasts, pb.BatchGetForecastsRequest(names=names, **more))
        return list(found.forecasts)

    def watch_forecast_versions(self, resume_token: str = "") -> Iterator[pb.WatchForecastVersionsResponse]:
        """New versions, for ever. Keep the `resume_token` of what you have handled."""
        request = pb.WatchForecastVersionsRequest(resume_token=resume_token)
        found: Iterator[pb.WatchForecastVersionsResponse] = self._watch(
            self._forecasts.WatchForecastVersions, request, "forecast_version")
        return found

    def compare_forecasts(self, left: str, right: str) -> Iterator[pb.CompareForecastsResponse.Pair]:
        """Two versions beside each other, series by series."""
        found: Iterator[pb.CompareForecastsResponse.Pair] = self._all(
            self._forecasts.CompareForecasts, pb.CompareForecastsRequest(left=left, right=right), lambda r: r.pairs)
        return found


class AsyncForecasting:
    """A part of `AsyncClient`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _watch: Any
    _resumed: Any
    _send: Any
    _forecasts: Any

    async def forecast_version(self, name: str, **more: Unpack[queries.Shown]) -> pb.ForecastVersion:
        """One version: whose, when, and what was committed in it."""
        found: pb.ForecastVersion = await self._call(
            self._forecasts.GetForecastVersion, pb.GetForecastVersionRequest(name=name, **more))
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

    async def submit_large_forecast(
        self, agreement: str, measure: pb.Measure.ValueType, first_week: Date, series: Said,
        **more: Unpack[queries.Deed],
    ) -> pb.SubmitForecastResponse:
        """`submit_forecast` for large views, in pieces. Send it again under the same `request_id` when it broke."""
        head = pb.SubmitLargeForecastRequest(agreement=agreement, measure=measure, first_week=first_week, **more)
        done: pb.SubmitForecastResponse = await self._send(self._forecasts.SubmitLargeForecast, pieces(head, series))
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

    async def stream_forecasts(self, **query: Unpack[queries.Streamed]) -> AsyncIterator[pb.Forecast]:
        """All series of a query in one stream, which goes on where it was when it breaks."""
        request = pb.StreamForecastsRequest(**query)
        async with aclosing(self._resumed(self._forecasts.StreamForecasts, request)) as replies:
            async for reply in replies:
                for one in reply.forecasts:
                    yield one

    async def batch_forecasts(self, names: Iterable[str], **more: Unpack[queries.Shown]) -> list[pb.Forecast]:
        """Many series by their names, all of them or none."""
        found = await self._call(self._forecasts.BatchGetForecasts, pb.BatchGetForecastsRequest(names=names, **more))
        return list(found.forecasts)

    def watch_forecast_versions(self, resume_token: str = "") -> AsyncIterator[pb.WatchForecastVersionsResponse]:
        """New versions, for ever. Keep the `resume_token` of what you have handled."""
        request = pb.WatchForecastVersionsRequest(resume_token=resume_token)
        found: AsyncIterator[pb.WatchForecastVersionsResponse] = self._watch(
            self._forecasts.WatchForecastVersions, request, "forecast_version")
        return found

    def compare_forecasts(self, left: str, right: str) -> AsyncIterator[pb.CompareForecastsResponse.Pair]:
        """Two versions beside each other, series by series."""
        found: AsyncIterator[pb.CompareForecastsResponse.Pair] = self._all(
            self._forecasts.CompareForecasts, pb.CompareForecastsRequest(left=left, right=right), lambda r: r.pairs)
        return found
