"""Service Forecasts: series of weeks, as far as agreements show them."""

from __future__ import annotations

from typing import cast

from hub.model.plan import PlanMeasure
from hub.ports import Units
from hub.rpc import convert
from hub.rpc.identity import Context, caller
from hub.rpc.names import id_of, wanted_gln, wanted_gtin, wanted_id
from hub.rpc.pages import PageTokens, page_size
from hub.rpc.pb.v1 import forecasts_pb2 as pb
from hub.rpc.pb.v1.forecasts_pb2_grpc import ForecastsServicer


class Forecasts(ForecastsServicer):
    """Plan versions, one series at a time."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def GetForecast(self, request: pb.GetForecastRequest, context: Context) -> pb.Forecast:
        async with self._units.door(caller()) as unit:
            return convert.forecast(await unit.forecasts.get(id_of("forecasts", request.name)))

    async def ListForecasts(
        self, request: pb.ListForecastsRequest, context: Context
    ) -> pb.ListForecastsResponse:
        partner = caller()
        agreement = wanted_id("agreements", request.agreement, "agreement")
        author = wanted_id("partners", request.author, "author")
        measure = cast("PlanMeasure | None", convert.wanted(pb.Measure, request.measure, "measure"))
        gtin, gln = wanted_gtin(request.gtin), wanted_gln(request.gln)
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            page = await unit.forecasts.list(
                agreement=agreement, author=author, measure=measure, gtin=gtin, gln=gln, limit=size, after=after
            )
        return pb.ListForecastsResponse(
            forecasts=[convert.forecast(series) for series in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )
