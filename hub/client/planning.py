"""What both clients can ask about plans and what became of them: the sync form and the async one, side by side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Unpack

from hub.client import queries
from hub.rpc.pb.v1 import exceptions_pb2, replenishment_pb2, scorecards_pb2
from hub.rpc.pb.v1.exceptions_pb2_grpc import ExceptionsStub
from hub.rpc.pb.v1.replenishment_pb2_grpc import ReplenishmentStub
from hub.rpc.pb.v1.scorecards_pb2_grpc import ScorecardsStub

Release = replenishment_pb2.ReleaseOrderProposalsRequest.Release


class Planning:
    """A part of `Client`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _watch: Any
    _exceptions: ExceptionsStub
    _scorecards: ScorecardsStub
    _replenishment: ReplenishmentStub

    def scorecard(self, name: str, **more: Unpack[queries.Shown]) -> scorecards_pb2.Scorecard:
        """What one planning cycle found out about the ones before it."""
        found: scorecards_pb2.Scorecard = self._call(
            self._scorecards.GetScorecard, scorecards_pb2.GetScorecardRequest(name=name, **more))
        return found

    def scorecards(self, **query: Unpack[queries.Scorecards]) -> Iterator[scorecards_pb2.Scorecard]:
        """Scorecards, the newest cycle first."""
        request = scorecards_pb2.ListScorecardsRequest(**query)
        found: Iterator[scorecards_pb2.Scorecard] = self._all(
            self._scorecards.ListScorecards, request, lambda r: r.scorecards)
        return found

    def sum_scorecards(
        self, agreement: str, **query: Unpack[queries.SumScorecards]
    ) -> scorecards_pb2.SumScorecardsResponse:
        """The scorecards of a period, added up."""
        request = scorecards_pb2.SumScorecardsRequest(agreement=agreement, **query)
        found: scorecards_pb2.SumScorecardsResponse = self._call(self._scorecards.SumScorecards, request)
        return found

    def metric_exception(self, name: str, **more: Unpack[queries.Shown]) -> exceptions_pb2.MetricException:
        """Where performance is worse than was agreed, with what it was judged by."""
        found: exceptions_pb2.MetricException = self._call(
            self._exceptions.GetMetricException, exceptions_pb2.GetMetricExceptionRequest(name=name, **more))
        return found

    def metric_exceptions(self, **query: Unpack[queries.Scorecards]) -> Iterator[exceptions_pb2.MetricException]:
        """Those of the latest scorecards, the most value at stake first."""
        request = exceptions_pb2.ListMetricExceptionsRequest(**query)
        found: Iterator[exceptions_pb2.MetricException] = self._all(
            self._exceptions.ListMetricExceptions, request, lambda r: r.metric_exceptions)
        return found

    def watch_metric_exceptions(
        self, resume_token: str = ""
    ) -> Iterator[exceptions_pb2.WatchMetricExceptionsResponse]:
        """Those as they are found, for ever. Keep the `resume_token` of what you have handled."""
        request = exceptions_pb2.WatchMetricExceptionsRequest(resume_token=resume_token)
        found: Iterator[exceptions_pb2.WatchMetricExceptionsResponse] = self._watch(
            self._exceptions.WatchMetricExceptions, request, "metric_exception")
        return found

    def projection(self, name: str, **more: Unpack[queries.Shown]) -> replenishment_pb2.Projection:
        """What becomes of the stock of one item at one location."""
        found: replenishment_pb2.Projection = self._call(
            self._replenishment.GetProjection, replenishment_pb2.GetProjectionRequest(name=name, **more))
        return found

    def projections(self, **query: Unpack[queries.Replenished]) -> Iterator[replenishment_pb2.Projection]:
        """Projections of the newest plans."""
        request = replenishment_pb2.ListProjectionsRequest(**query)
        found: Iterator[replenishment_pb2.Projection] = self._all(
            self._replenishment.ListProjections, request, lambda r: r.projections)
        return found

    def order_proposal(self, name: str, **more: Unpack[queries.Shown]) -> replenishment_pb2.OrderProposal:
        """What to order of one item for one location, and why."""
        found: replenishment_pb2.OrderProposal = self._call(
            self._replenishment.GetOrderProposal, replenishment_pb2.GetOrderProposalRequest(name=name, **more))
        return found

    def order_proposals(self, **query: Unpack[queries.Replenished]) -> Iterator[replenishment_pb2.OrderProposal]:
        """What the newest plans propose to order now."""
        request = replenishment_pb2.ListOrderProposalsRequest(**query)
        found: Iterator[replenishment_pb2.OrderProposal] = self._all(
            self._replenishment.ListOrderProposals, request, lambda r: r.order_proposals)
        return found

    def release(
        self, agreement: str, releases: Iterable[Release], *, request_id: str = ""
    ) -> replenishment_pb2.ReleaseOrderProposalsResponse:
        """Makes orders of proposals. It is not repeated by itself: with a `request_id` you may."""
        request = replenishment_pb2.ReleaseOrderProposalsRequest(
            agreement=agreement, releases=releases, request_id=request_id)
        found: replenishment_pb2.ReleaseOrderProposalsResponse = self._call(
            self._replenishment.ReleaseOrderProposals, request)
        return found


class AsyncPlanning:
    """A part of `AsyncClient`, which brings the calls themselves."""

    _call: Any
    _all: Any
    _watch: Any
    _exceptions: Any
    _scorecards: Any
    _replenishment: Any

    async def scorecard(self, name: str, **more: Unpack[queries.Shown]) -> scorecards_pb2.Scorecard:
        """What one planning cycle found out about the ones before it."""
        found: scorecards_pb2.Scorecard = await self._call(
            self._scorecards.GetScorecard, scorecards_pb2.GetScorecardRequest(name=name, **more))
        return found

    def scorecards(self, **query: Unpack[queries.Scorecards]) -> AsyncIterator[scorecards_pb2.Scorecard]:
        """Scorecards, the newest cycle first."""
        request = scorecards_pb2.ListScorecardsRequest(**query)
        found: AsyncIterator[scorecards_pb2.Scorecard] = self._all(
            self._scorecards.ListScorecards, request, lambda r: r.scorecards)
        return found

    async def sum_scorecards(
        self, agreement: str, **query: Unpack[queries.SumScorecards]
    ) -> scorecards_pb2.SumScorecardsResponse:
        """The scorecards of a period, added up."""
        request = scorecards_pb2.SumScorecardsRequest(agreement=agreement, **query)
        found: scorecards_pb2.SumScorecardsResponse = await self._call(self._scorecards.SumScorecards, request)
        return found

    async def metric_exception(self, name: str, **more: Unpack[queries.Shown]) -> exceptions_pb2.MetricException:
        """Where performance is worse than was agreed, with what it was judged by."""
        found: exceptions_pb2.MetricException = await self._call(
            self._exceptions.GetMetricException, exceptions_pb2.GetMetricExceptionRequest(name=name, **more))
        return found

    def metric_exceptions(self, **query: Unpack[queries.Scorecards]) -> AsyncIterator[exceptions_pb2.MetricException]:
        """Those of the latest scorecards, the most value at stake first."""
        request = exceptions_pb2.ListMetricExceptionsRequest(**query)
        found: AsyncIterator[exceptions_pb2.MetricException] = self._all(
            self._exceptions.ListMetricExceptions, request, lambda r: r.metric_exceptions)
        return found

    def watch_metric_exceptions(
        self, resume_token: str = ""
    ) -> AsyncIterator[exceptions_pb2.WatchMetricExceptionsResponse]:
        """Those as they are found, for ever. Keep the `resume_token` of what you have handled."""
        request = exceptions_pb2.WatchMetricExceptionsRequest(resume_token=resume_token)
        found: AsyncIterator[exceptions_pb2.WatchMetricExceptionsResponse] = self._watch(
            self._exceptions.WatchMetricExceptions, request, "metric_exception")
        return found

    async def projection(self, name: str, **more: Unpack[queries.Shown]) -> replenishment_pb2.Projection:
        """What becomes of the stock of one item at one location."""
        found: replenishment_pb2.Projection = await self._call(
            self._replenishment.GetProjection, replenishment_pb2.GetProjectionRequest(name=name, **more))
        return found

    def projections(self, **query: Unpack[queries.Replenished]) -> AsyncIterator[replenishment_pb2.Projection]:
        """Projections of the newest plans."""
        request = replenishment_pb2.ListProjectionsRequest(**query)
        found: AsyncIterator[replenishment_pb2.Projection] = self._all(
            self._replenishment.ListProjections, request, lambda r: r.projections)
        return found

    async def order_proposal(self, name: str, **more: Unpack[queries.Shown]) -> replenishment_pb2.OrderProposal:
        """What to order of one item for one location, and why."""
        found: replenishment_pb2.OrderProposal = await self._call(
            self._replenishment.GetOrderProposal, replenishment_pb2.GetOrderProposalRequest(name=name, **more))
        return found

    def order_proposals(self, **query: Unpack[queries.Replenished]) -> AsyncIterator[replenishment_pb2.OrderProposal]:
        """What the newest plans propose to order now."""
        request = replenishment_pb2.ListOrderProposalsRequest(**query)
        found: AsyncIterator[replenishment_pb2.OrderProposal] = self._all(
            self._replenishment.ListOrderProposals, request, lambda r: r.order_proposals)
        return found

    async def release(
        self, agreement: str, releases: Iterable[Release], *, request_id: str = ""
    ) -> replenishment_pb2.ReleaseOrderProposalsResponse:
        """Makes orders of proposals. It is not repeated by itself: with a `request_id` you may."""
        request = replenishment_pb2.ReleaseOrderProposalsRequest(
            agreement=agreement, releases=releases, request_id=request_id)
        found: replenishment_pb2.ReleaseOrderProposalsResponse = await self._call(
            self._replenishment.ReleaseOrderProposals, request)
        return found
