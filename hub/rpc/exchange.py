"""Service Exchange: hand in a file, read the log of files."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from hub.ports import Answer, Clock, Parcel, Receipt, Unit, Units
from hub.rpc import convert, convert_delivery
from hub.rpc.deeds import attempt
from hub.rpc.errors import Invalid, log
from hub.rpc.identity import Context, caller
from hub.rpc.listings import DELIVERIES, MESSAGES
from hub.rpc.names import id_of, name
from hub.rpc.pages import PageTokens
from hub.rpc.pb.v1 import exchange_pb2 as pb
from hub.rpc.pb.v1.exchange_pb2_grpc import ExchangeServicer
from hub.rpc.watching import Watchers

Receive = Callable[[Units, Parcel, int], Awaitable[Receipt]]
"""`hub.flow.inbound.receive`: stores the parcel and returns after COMMIT."""


PIECE = 2 * 1024 * 1024


class Exchange(ExchangeServicer):
    """Files of the calling partner. `limit` holds for a file in one call, `largest` for one in pieces."""

    def __init__(
        self, units: Units, receive: Receive, clock: Clock, limit: int, pages: PageTokens, watchers: Watchers,
        largest: int,
    ) -> None:
        self._units, self._receive, self._clock, self._limit, self._pages = units, receive, clock, limit, pages
        self._watchers, self._largest = watchers, largest

    async def SubmitMessage(
        self, request: pb.SubmitMessageRequest, context: Context
    ) -> pb.SubmitMessageResponse:
        return await self._take(_whole(request.content), request, self._limit)

    async def SubmitLargeMessage(
        self, requests: AsyncIterator[pb.SubmitLargeMessageRequest], context: Context
    ) -> pb.SubmitMessageResponse:
        first = await anext(aiter(requests), None)
        if first is None:
            raise Invalid("content", "is required.", reason="FIELD_REQUIRED")
        return await self._take(_pieces(first, requests), first, self._largest)

    async def _take(
        self, chunks: AsyncIterator[bytes], head: pb.SubmitMessageRequest | pb.SubmitLargeMessageRequest, limit: int
    ) -> pb.SubmitMessageResponse:
        """The reply is kept with the file under its request id, and told again to the same request."""
        parcel = Parcel(
            chunks=chunks, channel="grpc", claimed_sender=caller(), received_at=self._clock.now(),
            filename=_filename(head.filename), reference=attempt(head.request_id), answer=_answer,
        )
        receipt = await self._receive(self._units, parcel, limit)
        log.info("file received", partner=caller(), message=receipt.message, again=receipt.duplicate)
        if receipt.repeated and receipt.answer is not None:
            return pb.SubmitMessageResponse.FromString(receipt.answer.body)
        return _reply(receipt)

    async def GetMessage(self, request: pb.GetMessageRequest, context: Context) -> pb.Message:
        async with self._units.door(caller()) as unit:
            return convert.message(await unit.inbox.get(id_of("messages", request.name)))

    async def DownloadMessage(
        self, request: pb.DownloadMessageRequest, context: Context
    ) -> AsyncIterator[pb.DownloadMessageResponse]:
        """One transaction for each piece, so that a slow reader holds no connection."""
        id, at = id_of("messages", request.name), request.offset
        if at < 0:
            raise Invalid("offset", "must not be negative.", reason="MALFORMED_OFFSET")
        while True:
            async with self._units.door(caller()) as unit:
                content = await unit.inbox.piece(id, at)
            if not content:
                return
            yield pb.DownloadMessageResponse(content=content)
            at += len(content)

    async def WatchMessages(
        self, request: pb.WatchMessagesRequest, context: Context
    ) -> AsyncIterator[pb.WatchMessagesResponse]:
        async def show(unit: Unit, id: str) -> pb.Message:
            return convert.message(await unit.inbox.get(id))

        async with aclosing(self._watchers.watch(
            request, pb.WatchMessagesResponse, "message", "message", show
        )) as replies:
            async for reply in replies:
                yield reply

    async def GetDelivery(self, request: pb.GetDeliveryRequest, context: Context) -> pb.Delivery:
        id = id_of("deliveries", request.name)
        async with self._units.door(caller()) as unit:
            row = await unit.deliveries.get(id)
            return convert_delivery.delivery(
                row, await unit.deliveries.attempts(id), await unit.deliveries.acknowledgements(id))

    async def ListDeliveries(
        self, request: pb.ListDeliveriesRequest, context: Context
    ) -> pb.ListDeliveriesResponse:
        partner = caller()
        query = self._pages.query(request, partner, DELIVERIES)
        async with self._units.door(partner) as unit:
            page = await unit.deliveries.list(**query)
        return pb.ListDeliveriesResponse(
            deliveries=[convert_delivery.delivery(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def ListMessages(
        self, request: pb.ListMessagesRequest, context: Context
    ) -> pb.ListMessagesResponse:
        partner = caller()
        direction = convert.wanted(pb.Message.Direction, request.direction, "direction")
        state = convert.wanted(pb.Message.State, request.state, "state")
        query = self._pages.query(request, partner, MESSAGES)
        async with self._units.door(partner) as unit:
            page = await unit.inbox.list(direction=convert.DIRECTION_WORDS.get(direction or ""), state=state, **query)
        return pb.ListMessagesResponse(
            messages=[convert.message(row) for row in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )


def _reply(receipt: Receipt) -> pb.SubmitMessageResponse:
    return pb.SubmitMessageResponse(
        message=name("messages", receipt.message), sha256=receipt.sha256, size_bytes=receipt.length,
        duplicate=receipt.duplicate,
    )


async def _answer(receipt: Receipt) -> Answer:
    return Answer(0, {}, _reply(receipt).SerializeToString())


async def _pieces(
    first: pb.SubmitLargeMessageRequest, others: AsyncIterator[pb.SubmitLargeMessageRequest]
) -> AsyncIterator[bytes]:
    yield _piece(first)
    async for one in others:
        yield _piece(one)


def _piece(request: pb.SubmitLargeMessageRequest) -> bytes:
    if len(request.content) > PIECE:
        raise Invalid("content", f"must not be larger than {PIECE} bytes.", reason="PIECE_TOO_LARGE")
    return request.content


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _filename(text: str) -> str | None:
    """The name as given, None when empty. Raises Invalid for paths, control characters and anything over 255."""
    if len(text) > 255 or "/" in text or "\\" in text or any(unicodedata.category(sign) == "Cc" for sign in text):
        raise Invalid("filename", "must be a plain file name of at most 255 characters.", reason="MALFORMED_FILENAME")
    return text or None
