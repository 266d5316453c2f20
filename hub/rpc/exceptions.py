"""Service Exceptions: where two views of the future differ too much."""

from __future__ import annotations

from hub.ports import Units
from hub.rpc import convert
from hub.rpc.identity import Context, caller
from hub.rpc.names import wanted_id
from hub.rpc.pages import PageTokens, page_size
from hub.rpc.pb.v1 import exceptions_pb2 as pb
from hub.rpc.pb.v1.exceptions_pb2_grpc import ExceptionsServicer


class Exceptions(ExceptionsServicer):
    """The exceptions of the caller's agreements."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def ListExceptions(
        self, request: pb.ListExceptionsRequest, context: Context
    ) -> pb.ListExceptionsResponse:
        partner = caller()
        agreement = wanted_id("agreements", request.agreement, "agreement")
        state = convert.wanted(pb.ForecastException.State, request.state, "state")
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            page = await unit.exceptions.list(agreement=agreement, state=state, limit=size, after=after)
        return pb.ListExceptionsResponse(
            exceptions=[convert.forecast_exception(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )
