"""The client for programs that run an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from contextlib import aclosing
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar, Unpack

import grpc
from google.longrunning.operations_pb2_grpc import OperationsStub

from hub.client import connection, queries
from hub.client.errors import call_error
from hub.client.forecasting import AsyncForecasting
from hub.client.planning import AsyncPlanning
from hub.client.running import AsyncRunning
from hub.client.supply import AsyncSupply
from hub.rpc.pb.v1 import agreements_pb2, catalogue_pb2, exceptions_pb2, exchange_pb2, forecasts_pb2, orders_pb2
from hub.rpc.pb.v1.agreements_pb2_grpc import AgreementsStub
from hub.rpc.pb.v1.catalogue_pb2_grpc import CatalogueStub
from hub.rpc.pb.v1.cycles_pb2_grpc import CyclesStub
from hub.rpc.pb.v1.exceptions_pb2_grpc import ExceptionsStub
from hub.rpc.pb.v1.exchange_pb2_grpc import ExchangeStub
from hub.rpc.pb.v1.forecasts_pb2_grpc import ForecastsStub
from hub.rpc.pb.v1.orders_pb2_grpc import OrdersStub
from hub.rpc.pb.v1.replenishment_pb2_grpc import ReplenishmentStub
from hub.rpc.pb.v1.scorecards_pb2_grpc import ScorecardsStub

Request = TypeVar("Request")
Reply = TypeVar("Reply")
Row = TypeVar("Row")
Receipt = exchange_pb2.SubmitMessageResponse


class AsyncClient(AsyncForecasting, AsyncPlanning, AsyncSupply, AsyncRunning):
    """Talks to one hub as one partner. Lists fetch their pages as they are read.

        async with AsyncClient.with_token("hub.example:8444", token) as hub:
            receipt = await hub.submit(content, filename="orders.edi")
            message = await hub.message(receipt.message)
            async for forecast in hub.forecasts(measure=Measure.MEASURE_CONSENSUS):
                print(forecast.gtin, forecast.gln, list(forecast.quantities))
    """

    def __init__(self, to: connection.Connection) -> None:
        options = list(connection.OPTIONS)
        self._channel = (
            grpc.aio.secure_channel(to.target, to.credentials, options) if to.credentials
            else grpc.aio.insecure_channel(to.target, options)
        )
        self._to = to
        self._exchange, self._orders = ExchangeStub(self._channel), OrdersStub(self._channel)
        self._forecasts, self._exceptions = ForecastsStub(self._channel), ExceptionsStub(self._channel)
        self._agreements, self._catalogue = AgreementsStub(self._channel), CatalogueStub(self._channel)
        self._cycles, self._operations = CyclesStub(self._channel), OperationsStub(self._channel)
        self._scorecards, self._replenishment = ScorecardsStub(self._channel), ReplenishmentStub(self._channel)

    @classmethod
    def with_token(
        cls, target: str, token: str, *, ca: bytes | None = None, plaintext: bool = False, timeout: float = 30.0
    ) -> Self:
        """Over TLS with a bearer token; `plaintext` only to this machine. `timeout` seconds hold for one call."""
        return cls(connection.with_token(target, token, ca=ca, plaintext=plaintext, timeout=timeout))

    @classmethod
    def with_certificate(
        cls, target: str, certificate: bytes, key: bytes, *, ca: bytes | None = None, timeout: float = 30.0
    ) -> Self:
        """Over mutual TLS; the certificate carries the partner's GLN. All PEM."""
        return cls(connection.with_certificate(target, certificate, key, ca=ca, timeout=timeout))

    async def submit(
        self, content: bytes, *, filename: str = "", request_id: str = ""
    ) -> exchange_pb2.SubmitMessageResponse:
        """Hands over one file; returns when the hub has stored it. Sending the same bytes again changes nothing."""
        request = exchange_pb2.SubmitMessageRequest(content=content, filename=filename, request_id=request_id)
        return await self._call(self._exchange.SubmitMessage, request)

    async def message(self, name: str, **more: Unpack[queries.Shown]) -> exchange_pb2.Message:
        """One file: where it stands and what the hub found in it."""
        return await self._call(self._exchange.GetMessage, exchange_pb2.GetMessageRequest(name=name, **more))

    def messages(self, **query: Unpack[queries.Messages]) -> AsyncIterator[exchange_pb2.Message]:
        """Files, newest first."""
        return self._all(self._exchange.ListMessages, exchange_pb2.ListMessagesRequest(**query), lambda r: r.messages)

    async def delivery(self, name: str, **more: Unpack[queries.Shown]) -> exchange_pb2.Delivery:
        """How one file fared on its way out: every attempt, and every acknowledgement that was matched to it."""
        return await self._call(self._exchange.GetDelivery, exchange_pb2.GetDeliveryRequest(name=name, **more))

    def deliveries(self, **query: Unpack[queries.Deliveries]) -> AsyncIterator[exchange_pb2.Delivery]:
        """What the hub sent and sends, newest first."""
        request = exchange_pb2.ListDeliveriesRequest(**query)
        return self._all(self._exchange.ListDeliveries, request, lambda r: r.deliveries)

    async def forecast(self, name: str, **more: Unpack[queries.Shown]) -> forecasts_pb2.Forecast:
        """One series."""
        return await self._call(self._forecasts.GetForecast, forecasts_pb2.GetForecastRequest(name=name, **more))

    def forecasts(self, **query: Unpack[queries.Forecasts]) -> AsyncIterator[forecasts_pb2.Forecast]:
        """Series of the newest versions."""
        request = forecasts_pb2.ListForecastsRequest(**query)
        return self._all(self._forecasts.ListForecasts, request, lambda r: r.forecasts)

    def exceptions(self, **query: Unpack[queries.Exceptions]) -> AsyncIterator[exceptions_pb2.ForecastException]:
        """Exceptions of the latest runs, the most value at stake first."""
        request = exceptions_pb2.ListExceptionsRequest(**query)
        return self._all(self._exceptions.ListExceptions, request, lambda r: r.exceptions)

    async def exception(self, name: str, **more: Unpack[queries.Shown]) -> exceptions_pb2.ForecastException:
        """One exception, with all that happened to it."""
        return await self._call(self._exceptions.GetException, exceptions_pb2.GetExceptionRequest(name=name, **more))

    async def propose(
        self, name: str, quantity: float, **more: Unpack[queries.Act]
    ) -> exceptions_pb2.ForecastException:
        """Offers a quantity, base units, to settle an exception with."""
        request = exceptions_pb2.ProposeExceptionRequest(name=name, quantity=quantity, **more)
        return await self._call(self._exceptions.ProposeException, request)

    async def counter(
        self, name: str, quantity: float, **more: Unpack[queries.Act]
    ) -> exceptions_pb2.ForecastException:
        """Answers the other side's offer with another quantity."""
        request = exceptions_pb2.CounterExceptionRequest(name=name, quantity=quantity, **more)
        return await self._call(self._exceptions.CounterException, request)

    async def agree(self, name: str, **more: Unpack[queries.Act]) -> exceptions_pb2.ForecastException:
        """Signs the other side's offer."""
        return await self._call(
            self._exceptions.AgreeException, exceptions_pb2.AgreeExceptionRequest(name=name, **more))

    async def escalate(self, name: str, **more: Unpack[queries.Act]) -> exceptions_pb2.ForecastException:
        """Hands an exception to those above."""
        return await self._call(
            self._exceptions.EscalateException, exceptions_pb2.EscalateExceptionRequest(name=name, **more))

    async def assign(self, name: str, owner: str, **more: Unpack[queries.Act]) -> exceptions_pb2.ForecastException:
        """Says who works on an exception."""
        request = exceptions_pb2.AssignExceptionRequest(name=name, owner=owner, **more)
        return await self._call(self._exceptions.AssignException, request)

    async def comment(self, name: str, comment: str) -> exceptions_pb2.ForecastException:
        """Adds words that both sides read."""
        request = exceptions_pb2.CommentExceptionRequest(name=name, comment=comment)
        return await self._call(self._exceptions.CommentException, request)

    async def order(self, name: str, **more: Unpack[queries.Shown]) -> orders_pb2.Order:
        """One order with the seller's last answer."""
        return await self._call(self._orders.GetOrder, orders_pb2.GetOrderRequest(name=name, **more))

    def orders(self, **query: Unpack[queries.Orders]) -> AsyncIterator[orders_pb2.Order]:
        """Orders, newest first."""
        return self._all(self._orders.ListOrders, orders_pb2.ListOrdersRequest(**query), lambda r: r.orders)

    async def timeline(self, name: str, **more: Unpack[queries.Shown]) -> orders_pb2.OrderTimeline:
        """All that happened to one order, oldest first."""
        return await self._call(self._orders.GetOrderTimeline, orders_pb2.GetOrderTimelineRequest(name=name, **more))

    async def agreement(self, name: str, **more: Unpack[queries.Shown]) -> agreements_pb2.Agreement:
        """What was agreed."""
        return await self._call(self._agreements.GetAgreement, agreements_pb2.GetAgreementRequest(name=name, **more))

    def agreements(self, **query: Unpack[queries.Listed]) -> AsyncIterator[agreements_pb2.Agreement]:
        """The agreements that have not expired, by name."""
        request = agreements_pb2.ListAgreementsRequest(**query)
        return self._all(self._agreements.ListAgreements, request, lambda r: r.agreements)

    def items(self, **query: Unpack[queries.Catalogue]) -> AsyncIterator[catalogue_pb2.Item]:
        """Items, by GTIN."""
        request = catalogue_pb2.ListItemsRequest(**query)
        return self._all(self._catalogue.ListItems, request, lambda r: r.items)

    def locations(self, **query: Unpack[queries.Catalogue]) -> AsyncIterator[catalogue_pb2.Location]:
        """Locations, by GLN."""
        request = catalogue_pb2.ListLocationsRequest(**query)
        return self._all(self._catalogue.ListLocations, request, lambda r: r.locations)

    async def submit_large(self, file: BinaryIO, *, filename: str = "", request_id: str = "") -> Receipt:
        """Hands over one file in pieces. It is not repeated by itself: `file` may be at its end by then."""
        pieces = connection.pieces(file, filename, request_id)
        stored: Receipt = await self._send(self._exchange.SubmitLargeMessage, pieces)
        return stored

    async def download(self, name: str, into: BinaryIO) -> int:
        """Writes the exact bytes of a message into a file, and goes on where it was when the hub was away for a while;
        how many bytes."""
        got = 0
        for pause in connection.pauses():
            request = exchange_pb2.DownloadMessageRequest(name=name, offset=got)
            try:
                async for piece in self._exchange.DownloadMessage(request, metadata=self._metadata()):
                    got += into.write(piece.content)
                return got
            except grpc.RpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE or pause is None:
                    raise call_error(error) from None
            await asyncio.sleep(pause)
        return got

    def watch_messages(self, resume_token: str = "") -> AsyncIterator[exchange_pb2.WatchMessagesResponse]:
        """Messages as they change, for ever. Keep the `resume_token` of what you have handled."""
        request = exchange_pb2.WatchMessagesRequest(resume_token=resume_token)
        return self._watch(self._exchange.WatchMessages, request, "message")

    def watch_orders(self, resume_token: str = "") -> AsyncIterator[orders_pb2.WatchOrdersResponse]:
        """Orders as they change, for ever. Keep the `resume_token` of what you have handled."""
        request = orders_pb2.WatchOrdersRequest(resume_token=resume_token)
        return self._watch(self._orders.WatchOrders, request, "order")

    def watch_exceptions(self, resume_token: str = "") -> AsyncIterator[exceptions_pb2.WatchExceptionsResponse]:
        """Exceptions as they change, for ever. Keep the `resume_token` of what you have handled."""
        request = exceptions_pb2.WatchExceptionsRequest(resume_token=resume_token)
        return self._watch(self._exceptions.WatchExceptions, request, "exception")

    async def _watch(self, method: Any, request: Any, row: str) -> AsyncIterator[Any]:
        """What changes, without the signs of life, for ever."""
        while True:
            async with aclosing(self._resumed(method, request)) as replies:
                async for reply in replies:
                    if reply.HasField(row):
                        yield reply

    async def _resumed(self, method: Any, request: Any) -> AsyncGenerator[Any, None]:
        """A stream to its end. It goes on from the last token after every break; what happened meanwhile comes then. A
        break that lasts ends it with a CallError: call again with the last token, when you like."""
        tries = connection.pauses()
        while True:
            try:
                async for reply in method(request, metadata=self._metadata(), wait_for_ready=True):
                    tries = connection.pauses()
                    yield reply
                    request.resume_token = reply.resume_token
                return
            except grpc.RpcError as error:
                pause = next(tries)
                if error.code() is not grpc.StatusCode.UNAVAILABLE or pause is None:
                    raise call_error(error) from None
                await asyncio.sleep(pause)

    def _metadata(self) -> grpc.aio.Metadata:
        return grpc.aio.Metadata(*self._to.metadata)

    async def close(self) -> None:
        """Ends the connection."""
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _send(self, method: Any, pieces: Iterator[Any]) -> Any:
        """What goes in pieces; it is not repeated by itself, for the pieces may be used up by then."""
        try:
            return await method(pieces, metadata=self._metadata())
        except grpc.RpcError as error:
            raise call_error(error) from None

    async def _call(self, method: grpc.aio.UnaryUnaryMultiCallable[Request, Reply], request: Request) -> Reply:
        try:
            return await method(
                connection.identified(request), timeout=self._to.timeout, metadata=self._metadata())
        except grpc.RpcError as error:
            raise call_error(error) from None

    async def _all(
        self, method: grpc.aio.UnaryUnaryMultiCallable[Any, Reply], request: Any, rows: Callable[[Reply], Iterable[Row]]
    ) -> AsyncIterator[Row]:
        while True:
            reply: Any = await self._call(method, request)
            for row in rows(reply):
                yield row
            if not reply.next_page_token:
                return
            request.page_token = reply.next_page_token
