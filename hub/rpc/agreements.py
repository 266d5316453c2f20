"""Service Agreements: who plans what with whom, by which rules."""

from __future__ import annotations

from hub.errors import NotFound
from hub.ports import Unit, Units
from hub.rpc import convert
from hub.rpc.identity import Context, caller
from hub.rpc.listings import AGREEMENTS
from hub.rpc.names import id_of
from hub.rpc.pages import PageTokens
from hub.rpc.pb.v1 import agreements_pb2 as pb
from hub.rpc.pb.v1.agreements_pb2_grpc import AgreementsServicer


class Agreements(AgreementsServicer):
    """The caller's agreements, as long as they have not expired, and those of others that grant it something."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def GetAgreement(self, request: pb.GetAgreementRequest, context: Context) -> pb.Agreement:
        id = id_of("agreements", request.name)
        async with self._units.door(caller()) as unit:
            found = (await _shown(unit)).get(id)
        if found is None:
            raise NotFound(f"no agreement {id!r}")
        return found

    async def ListAgreements(
        self, request: pb.ListAgreementsRequest, context: Context
    ) -> pb.ListAgreementsResponse:
        partner = caller()
        query = self._pages.query(request, partner, AGREEMENTS)
        async with self._units.door(partner) as unit:
            page, found = await unit.partners.arranged(**query), await _shown(unit)
        return pb.ListAgreementsResponse(
            agreements=[found[id] for id in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )


async def _shown(unit: Unit) -> dict[str, pb.Agreement]:
    """By id: as a member sees it, or as far as it grants the caller something."""
    return {one.agreement: convert.granted(one) for one in await unit.partners.granted()} | {
        one.name: convert.agreement(one) for one in await unit.partners.agreements()}
