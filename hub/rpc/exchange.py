"""Service Exchange: hand in a file, read the log of files."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

from hub.ports import Clock, Parcel, Receipt, Units
from hub.rpc import convert
from hub.rpc.errors import Invalid, log
from hub.rpc.identity import Context, caller
from hub.rpc.names import id_of, name
from hub.rpc.pages import PageTokens, page_size
from hub.rpc.pb.v1 import exchange_pb2 as pb
from hub.rpc.pb.v1.exchange_pb2_grpc import ExchangeServicer

Receive = Callable[[Units, Parcel, int], Awaitable[Receipt]]
"""`hub.flow.inbound.receive`: stores the parcel and returns after COMMIT."""


class Exchange(ExchangeServicer):
    """Files of the calling partner."""

    def __init__(self, units: Units, receive: Receive, clock: Clock, limit: int, pages: PageTokens) -> None:
        self._units, self._receive, self._clock, self._limit, self._pages = units, receive, clock, limit, pages

    async def SubmitMessage(
        self, request: pb.SubmitMessageRequest, context: Context
    ) -> pb.SubmitMessageResponse:
        partner = caller()
        parcel = Parcel(
            chunks=_whole(request.content), channel="grpc", claimed_sender=partner, received_at=self._clock.now(),
            filename=_filename(request.filename),
        )
        attempt = _attempt(request.request_id)
        receipt = await self._receive(self._units, parcel, self._limit)
        log.info("file received", partner=partner, request_id=attempt, message=receipt.message, again=receipt.duplicate)
        return pb.SubmitMessageResponse(
            message=name("messages", receipt.message), sha256=receipt.sha256, size_bytes=receipt.length,
            duplicate=receipt.duplicate,
        )

    async def GetMessage(self, request: pb.GetMessageRequest, context: Context) -> pb.Message:
        async with self._units.door(caller()) as unit:
            return convert.message(await unit.inbox.get(id_of("messages", request.name)))

    async def ListMessages(
        self, request: pb.ListMessagesRequest, context: Context
    ) -> pb.ListMessagesResponse:
        partner = caller()
        direction = convert.wanted(pb.Message.Direction, request.direction, "direction")
        state = convert.wanted(pb.Message.State, request.state, "state")
        size, after = page_size(request), self._pages.open(request, partner)
        async with self._units.door(partner) as unit:
            page = await unit.inbox.list(
                direction=convert.DIRECTION_WORDS.get(direction or ""), state=state, limit=size, after=after
            )
        return pb.ListMessagesResponse(
            messages=[convert.message(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _filename(text: str) -> str | None:
    """The name as given, None when empty. Raises Invalid for paths, control characters and anything over 255."""
    if len(text) > 255 or "/" in text or "\\" in text or any(unicodedata.category(sign) == "Cc" for sign in text):
        raise Invalid("filename", "must be a plain file name of at most 255 characters.", reason="MALFORMED_FILENAME")
    return text or None


def _attempt(text: str) -> str | None:
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        raise Invalid("request_id", "must be a UUID.", reason="MALFORMED_REQUEST_ID") from None
