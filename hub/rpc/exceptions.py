"""Service Exceptions: where two views of the future differ too much, and how the two sides settle it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from hub.flow import settle
from hub.planning.settling import Move
from hub.ports import Clock, Unit, Units
from hub.rpc import convert
from hub.rpc.convert_scorecard import metric_exception
from hub.rpc.deeds import once
from hub.rpc.errors import Invalid
from hub.rpc.identity import Context, caller, who
from hub.rpc.listings import EXCEPTIONS, METRIC_EXCEPTIONS
from hub.rpc.names import id_of, wanted_id
from hub.rpc.pages import PageTokens
from hub.rpc.pb.v1 import exceptions_pb2 as pb
from hub.rpc.pb.v1.exceptions_pb2_grpc import ExceptionsServicer
from hub.rpc.watching import Watchers

_ETAG = re.compile(r"[1-9][0-9]{0,8}")
LONGEST = 2000
"""Characters of a comment."""


class Exceptions(ExceptionsServicer):
    """The exceptions of the caller's agreements."""

    def __init__(self, units: Units, pages: PageTokens, clock: Clock, watchers: Watchers) -> None:
        self._units, self._pages, self._clock, self._watchers = units, pages, clock, watchers

    async def ListExceptions(
        self, request: pb.ListExceptionsRequest, context: Context
    ) -> pb.ListExceptionsResponse:
        partner = caller()
        agreement = wanted_id("agreements", request.agreement, "agreement")
        state = convert.wanted(pb.ForecastException.State, request.state, "state")
        query = self._pages.query(request, partner, EXCEPTIONS)
        async with self._units.door(partner) as unit:
            page = await unit.exceptions.list(agreement=agreement, state=state, **query)
        return pb.ListExceptionsResponse(
            exceptions=[convert.forecast_exception(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def GetException(self, request: pb.GetExceptionRequest, context: Context) -> pb.ForecastException:
        return await self._read(id_of("exceptions", request.name))

    async def ProposeException(self, request: pb.ProposeExceptionRequest, context: Context) -> pb.ForecastException:
        return await self._move(request, Move("propose", caller(), quantity=request.quantity, **_said(request)))

    async def CounterException(self, request: pb.CounterExceptionRequest, context: Context) -> pb.ForecastException:
        return await self._move(request, Move("counter", caller(), quantity=request.quantity, **_said(request)))

    async def AgreeException(self, request: pb.AgreeExceptionRequest, context: Context) -> pb.ForecastException:
        return await self._move(request, Move("agree", caller(), **_said(request)))

    async def EscalateException(
        self, request: pb.EscalateExceptionRequest, context: Context
    ) -> pb.ForecastException:
        return await self._move(request, Move("escalate", caller(), **_said(request)))

    async def AssignException(self, request: pb.AssignExceptionRequest, context: Context) -> pb.ForecastException:
        return await self._move(request, Move("assign", caller(), owner=_words(request, "owner"), **_said(request)))

    async def CommentException(self, request: pb.CommentExceptionRequest, context: Context) -> pb.ForecastException:
        return await self._move(request, Move("comment", caller(), comment=_words(request, "comment")))

    async def WatchExceptions(
        self, request: pb.WatchExceptionsRequest, context: Context
    ) -> AsyncIterator[pb.WatchExceptionsResponse]:
        async def show(unit: Unit, id: str) -> pb.ForecastException:
            return convert.forecast_exception(await unit.exceptions.get(id), await unit.exceptions.history(id))

        async with aclosing(self._watchers.watch(
            request, pb.WatchExceptionsResponse, "exception", "exception", show
        )) as replies:
            async for reply in replies:
                yield reply

    async def ListMetricExceptions(
        self, request: pb.ListMetricExceptionsRequest, context: Context
    ) -> pb.ListMetricExceptionsResponse:
        partner = caller()
        agreement = wanted_id("agreements", request.agreement, "agreement")
        query = self._pages.query(request, partner, METRIC_EXCEPTIONS)
        async with self._units.door(partner) as unit:
            page = await unit.metric_exceptions.list(agreement=agreement, **query)
        return pb.ListMetricExceptionsResponse(
            metric_exceptions=[metric_exception(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def GetMetricException(
        self, request: pb.GetMetricExceptionRequest, context: Context
    ) -> pb.MetricException:
        async with self._units.door(caller()) as unit:
            return metric_exception(await unit.metric_exceptions.get(id_of("metricExceptions", request.name)))

    async def WatchMetricExceptions(
        self, request: pb.WatchMetricExceptionsRequest, context: Context
    ) -> AsyncIterator[pb.WatchMetricExceptionsResponse]:
        async def show(unit: Unit, id: str) -> pb.MetricException:
            return metric_exception(await unit.metric_exceptions.get(id))

        async with aclosing(self._watchers.watch(
            request, pb.WatchMetricExceptionsResponse, "metric_exception", "metric_exception", show
        )) as replies:
            async for reply in replies:
                yield reply

    async def _move(self, request: Any, act: Move) -> pb.ForecastException:
        """Do it, if the caller may see the exception at all, and show it anew: all in one transaction."""
        exception, seen = id_of("exceptions", request.name), _revision(getattr(request, "etag", ""))
        async with self._units.door(act.actor) as unit:
            await unit.exceptions.get(exception)

        async def moved(unit: Unit) -> pb.ForecastException:
            await settle.within(unit, [exception], act, now=self._clock.now(), revision=seen, by=who().actor)
            row = await unit.exceptions.get(exception)
            return convert.forecast_exception(row, await unit.exceptions.history(exception))

        return await once(self._units, request, pb.ForecastException, moved)

    async def _read(self, exception: str) -> pb.ForecastException:
        async with self._units.door(caller()) as unit:
            row = await unit.exceptions.get(exception)
            return convert.forecast_exception(row, await unit.exceptions.history(exception))


def _said(request: Any) -> dict[str, Any]:
    return {"reason": _words(request, "reason"), "comment": _words(request, "comment")}


def _words(request: Any, field: str) -> str | None:
    """None when empty. Raises Invalid for what is too long."""
    text: str = getattr(request, field)
    if len(text) > LONGEST:
        raise Invalid(field, f"must have at most {LONGEST} characters.", reason="TEXT_TOO_LONG")
    return text or None


def _revision(etag: str) -> int | None:
    if etag and not _ETAG.fullmatch(etag):
        raise Invalid("etag", "must be the etag of an exception, as it was read.", reason="MALFORMED_ETAG")
    return int(etag) if etag else None
