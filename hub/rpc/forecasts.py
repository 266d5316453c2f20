"""Service Forecasts: series of weeks, as far as agreements show them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from hub.errors import Conflict, NotFound
from hub.flow import views
from hub.flow.views import Accepted
from hub.model.plan import Series
from hub.model.query import Compare, Every
from hub.ports import Clock, PlannedSeries, Unit, Units
from hub.rpc import convert, convert_view
from hub.rpc.deeds import once
from hub.rpc.errors import Invalid
from hub.rpc.identity import Context, caller, who
from hub.rpc.listings import FORECASTS, VERSIONS
from hub.rpc.lookups import Lookups
from hub.rpc.names import id_of, past, wanted_gln, wanted_gtin, wanted_id
from hub.rpc.pages import MOST, PageTokens, page_size
from hub.rpc.pb.v1 import forecasts_pb2 as pb
from hub.rpc.pb.v1.forecasts_pb2_grpc import ForecastsServicer
from hub.rpc.watching import Watchers

GATHERED = 4
"""Large views that are held in memory at once."""
Reply = TypeVar("Reply", pb.SubmitForecastResponse, pb.CommitForecastResponse)


class Forecasts(ForecastsServicer):
    """Plan versions, one series at a time; and a partner's own word in them."""

    def __init__(self, units: Units, pages: PageTokens, clock: Clock, watchers: Watchers) -> None:
        self._units, self._pages, self._clock, self._watchers = units, pages, clock, watchers
        self._lookups, self._gathering = Lookups(self._look), asyncio.Semaphore(GATHERED)

    async def GetForecast(self, request: pb.GetForecastRequest, context: Context) -> pb.Forecast:
        found = await self._lookups.ask(caller(), id_of("forecasts", request.name))
        if found is None:
            raise NotFound(f"no forecast {request.name!r}")
        return convert.forecast(found)

    async def _look(self, partner: str, ids: Sequence[str]) -> dict[str, PlannedSeries]:
        async with self._units.glance(partner) as unit:
            return await unit.forecasts.named(ids)

    async def BatchGetForecasts(
        self, request: pb.BatchGetForecastsRequest, context: Context
    ) -> pb.BatchGetForecastsResponse:
        if len(request.names) > MOST:
            raise Invalid("names", f"must not be more than {MOST}.", reason="TOO_MANY")
        ids = [id_of("forecasts", one, f"names[{number}]") for number, one in enumerate(request.names)]
        async with self._units.door(caller()) as unit:
            found = await unit.forecasts.named(ids)
        for id, name in zip(ids, request.names, strict=True):
            if id not in found:
                raise NotFound(f"no forecast {name!r}")
        return pb.BatchGetForecastsResponse(forecasts=[convert.forecast(found[id]) for id in ids])

    async def StreamForecasts(
        self, request: pb.StreamForecastsRequest, context: Context
    ) -> AsyncIterator[pb.StreamForecastsResponse]:
        """A page at a time, each in a transaction of its own, so that a slow reader holds no connection."""
        partner, wanted, after = caller(), _wanted(request), None
        if request.resume_token:
            after = self._pages.opened(request.resume_token, request, partner)
            if after is None:
                raise Invalid("resume_token", "is not of this stream. Begin without it.", reason="RESUME_TOKEN_INVALID")
        while True:
            async with self._units.door(partner) as unit:
                page = await unit.forecasts.list(**wanted, limit=MOST, after=after)
            if page:
                yield pb.StreamForecastsResponse(
                    forecasts=[convert.forecast(series) for series in page],
                    resume_token=self._pages.seal(page.rows[-1].id, request, partner))
            after = page.next_key
            if after is None:
                return

    async def WatchForecastVersions(
        self, request: pb.WatchForecastVersionsRequest, context: Context
    ) -> AsyncIterator[pb.WatchForecastVersionsResponse]:
        async def show(unit: Unit, id: str) -> pb.ForecastVersion:
            return convert_view.version(await unit.plan_book.get(id))

        async with aclosing(self._watchers.watch(
            request, pb.WatchForecastVersionsResponse, "forecast", "forecast_version", show)) as replies:
            async for reply in replies:
                yield reply

    async def ListForecasts(
        self, request: pb.ListForecastsRequest, context: Context
    ) -> pb.ListForecastsResponse:
        partner, wanted = caller(), _wanted(request)
        size, after = page_size(request), self._pages.open(request, partner)
        order = FORECASTS.sorts(request.order_by)
        async with self._units.door(partner) as unit:
            page = await unit.forecasts.list(**wanted, order=order, limit=size, after=after)
        return pb.ListForecastsResponse(
            forecasts=[convert.forecast(series) for series in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def GetForecastVersion(
        self, request: pb.GetForecastVersionRequest, context: Context
    ) -> pb.ForecastVersion:
        async with self._units.door(caller()) as unit:
            return convert_view.version(await unit.plan_book.get(id_of("forecastVersions", request.name)))

    async def ListForecastVersions(
        self, request: pb.ListForecastVersionsRequest, context: Context
    ) -> pb.ListForecastVersionsResponse:
        partner = caller()
        query = self._pages.query(request, partner, VERSIONS)
        as_of = past(request.as_of, "as_of") if request.HasField("as_of") else None
        async with self._units.door(partner) as unit:
            page = await unit.plan_book.list(**query, as_of=as_of)
        return pb.ListForecastVersionsResponse(
            forecast_versions=[convert_view.version(card) for card in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def CompareForecasts(
        self, request: pb.CompareForecastsRequest, context: Context
    ) -> pb.CompareForecastsResponse:
        partner = caller()
        left, right = (id_of("forecastVersions", getattr(request, side), side) for side in ("left", "right"))
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            one, two = (await unit.plan_book.get(left)).version, (await unit.plan_book.get(right)).version
            page = await unit.plan_book.pairs(left, right, limit=size, after=after)
        return pb.CompareForecastsResponse(
            first_week=convert.day(convert_view.span(one, two)[0]),
            pairs=[convert_view.pair(row, one, two) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def SubmitForecast(
        self, request: pb.SubmitForecastRequest, context: Context
    ) -> pb.SubmitForecastResponse:
        return await self._submit(request, convert_view.series(request))

    async def SubmitLargeForecast(
        self, requests: AsyncIterator[pb.SubmitLargeForecastRequest], context: Context
    ) -> pb.SubmitForecastResponse:
        """Read beside the loop: as many numbers as a large view has would hold up everybody else's calls. Only so many
        views are gathered at once; whoever comes next sends no faster than that."""
        async with self._gathering:
            whole = await convert_view.gathered(requests)
            return await self._submit(whole, await asyncio.to_thread(convert_view.series, whole, convert_view.LARGE))

    async def _submit(self, request: pb.SubmitForecastRequest, said: Series) -> pb.SubmitForecastResponse:
        measure = convert_view.measure(request.measure)

        async def submit(unit: Unit, agreement: str, seen: int | None) -> Accepted:
            return await views.submit(
                unit, agreement, caller(), measure, said, today=self._clock.now().date(), seen=seen, by=who().actor)

        return await self._say(request, pb.SubmitForecastResponse, submit)

    async def CommitForecast(
        self, request: pb.CommitForecastRequest, context: Context
    ) -> pb.CommitForecastResponse:
        edits, measure = convert_view.edits(request), convert_view.measure(request.measure)

        async def commit(unit: Unit, agreement: str, seen: int | None) -> Accepted:
            return await views.commit(
                unit, agreement, caller(), measure, edits, today=self._clock.now().date(), seen=seen, by=who().actor)

        return await self._say(request, pb.CommitForecastResponse, commit)

    async def _say(
        self, request: Any, kind: type[Reply], act: Callable[[Unit, str, int | None], Awaitable[Accepted]]
    ) -> Reply:
        """Do it, if the caller may see the agreement at all; the reply is kept with the deed."""
        partner, agreement = caller(), id_of("agreements", request.agreement, "agreement")
        seen = None if not request.etag else id_of("forecastVersions", f"forecastVersions/{request.etag}", "etag")
        async with self._units.door(partner) as unit:
            if agreement not in {one.name for one in await unit.partners.agreements()}:
                raise NotFound(f"no agreement {agreement!r} for {partner}")

        async def said(unit: Unit) -> Reply:
            done = await act(unit, agreement, None if seen is None else await _number(unit, seen))
            made = convert_view.version(await unit.plan_book.of(done.version))
            return kind(forecast_version=made, held_count=done.held,
                        findings=[convert.finding(one) for one in done.findings])

        try:
            return await once(self._units, request, kind, said)
        except Conflict as conflict:
            newest = await self._newest(partner, agreement, convert_view.measure(request.measure))
            raise Conflict(str(conflict), current=newest) from None

    async def _newest(self, partner: str, agreement: str, measure: str) -> str | None:
        """The etag of the caller's view as it is now."""
        where = Every((Compare("agreement", "=", agreement), Compare("author", "=", partner),
                       Compare("measure", "=", measure)))
        async with self._units.door(partner) as unit:
            return next((card.id for card in await unit.plan_book.list(limit=1, where=where)), None)


async def _number(unit: Unit, version: str) -> int:
    """Of the version that the caller has seen. Raises Conflict when there is no such version."""
    try:
        return (await unit.plan_book.get(version)).version.id
    except NotFound:
        raise Conflict("there is no such version") from None


def _wanted(request: pb.ListForecastsRequest | pb.StreamForecastsRequest) -> dict[str, Any]:
    """Which series, in the store's words. Raises Invalid."""
    return {
        "agreement": wanted_id("agreements", request.agreement, "agreement"),
        "author": wanted_id("partners", request.author, "author"),
        "measure": convert.wanted(pb.Measure, request.measure, "measure"), "gtin": wanted_gtin(request.gtin),
        "gln": wanted_gln(request.gln), "where": FORECASTS.condition(request.filter),
        "as_of": past(request.as_of, "as_of") if request.HasField("as_of") else None,
        "version": wanted_id("forecastVersions", request.forecast_version, "forecast_version"),
    }
