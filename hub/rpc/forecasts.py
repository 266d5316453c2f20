"""Service Forecasts: series of weeks, as far as agreements show them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from hub.ports import Units
from hub.rpc import convert
from hub.rpc.errors import Invalid
from hub.rpc.identity import Context, caller
from hub.rpc.listings import FORECASTS
from hub.rpc.names import id_of, past, wanted_gln, wanted_gtin, wanted_id
from hub.rpc.pages import MOST, PageTokens, page_size
from hub.rpc.pb.v1 import forecasts_pb2 as pb
from hub.rpc.pb.v1.forecasts_pb2_grpc import ForecastsServicer


class Forecasts(ForecastsServicer):
    """Plan versions, one series at a time."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def GetForecast(self, request: pb.GetForecastRequest, context: Context) -> pb.Forecast:
        async with self._units.door(caller()) as unit:
            return convert.forecast(await unit.forecasts.get(id_of("forecasts", request.name)))

    async def BatchGetForecasts(
        self, request: pb.BatchGetForecastsRequest, context: Context
    ) -> pb.BatchGetForecastsResponse:
        if len(request.names) > MOST:
            raise Invalid("names", f"must not be more than {MOST}.", reason="TOO_MANY")
        ids = [id_of("forecasts", one, f"names[{number}]") for number, one in enumerate(request.names)]
        async with self._units.door(caller()) as unit:
            found = [convert.forecast(await unit.forecasts.get(id)) for id in ids]
        return pb.BatchGetForecastsResponse(forecasts=found)

    async def StreamForecasts(
        self, request: pb.StreamForecastsRequest, context: Context
    ) -> AsyncIterator[pb.StreamForecastsResponse]:
        """A page at a time, each in a transaction of its own, so that a slow reader holds no connection."""
        partner, wanted, after = caller(), _wanted(request), None
        while True:
            async with self._units.door(partner) as unit:
                page = await unit.forecasts.list(**wanted, limit=MOST, after=after)
            if page:
                yield pb.StreamForecastsResponse(forecasts=[convert.forecast(series) for series in page])
            after = page.next_key
            if after is None:
                return

    async def ListForecasts(
        self, request: pb.ListForecastsRequest, context: Context
    ) -> pb.ListForecastsResponse:
        partner, wanted = caller(), _wanted(request)
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            page = await unit.forecasts.list(**wanted, limit=size, after=after)
        return pb.ListForecastsResponse(
            forecasts=[convert.forecast(series) for series in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )


def _wanted(request: pb.ListForecastsRequest | pb.StreamForecastsRequest) -> dict[str, Any]:
    """Which series, in the store's words. Raises Invalid."""
    return {
        "agreement": wanted_id("agreements", request.agreement, "agreement"),
        "author": wanted_id("partners", request.author, "author"),
        "measure": convert.wanted(pb.Measure, request.measure, "measure"), "gtin": wanted_gtin(request.gtin),
        "gln": wanted_gln(request.gln), "where": FORECASTS.condition(request.filter),
        "as_of": past(request.as_of, "as_of") if request.HasField("as_of") else None,
    }
