"""Service Agreements: who plans what with whom, by which rules."""

from __future__ import annotations

from hub.errors import NotFound
from hub.ports import Units
from hub.rpc import convert
from hub.rpc.identity import Context, caller
from hub.rpc.names import id_of
from hub.rpc.pages import PageTokens, page_size
from hub.rpc.pb.v1 import agreements_pb2 as pb
from hub.rpc.pb.v1.agreements_pb2_grpc import AgreementsServicer


class Agreements(AgreementsServicer):
    """The caller's agreements, as long as they have not expired."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def GetAgreement(self, request: pb.GetAgreementRequest, context: Context) -> pb.Agreement:
        id = id_of("agreements", request.name)
        async with self._units.door(caller()) as unit:
            found = next((one for one in await unit.partners.agreements() if one.name == id), None)
        if found is None:
            raise NotFound(f"no agreement {id!r}")
        return convert.agreement(found)

    async def ListAgreements(
        self, request: pb.ListAgreementsRequest, context: Context
    ) -> pb.ListAgreementsResponse:
        partner = caller()
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            rows = [one for one in await unit.partners.agreements() if after is None or one.name > after]
        rows.sort(key=lambda one: one.name)
        last = rows[size - 1].name if len(rows) > size else None
        return pb.ListAgreementsResponse(
            agreements=[convert.agreement(one) for one in rows[:size]],
            next_page_token=self._pages.seal(last, request, partner),
        )
