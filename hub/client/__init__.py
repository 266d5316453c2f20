"""What partner systems install to talk to a hub: `Client`, and `AsyncClient` for programs with an event loop.

It needs grpcio and the generated messages, nothing else of the hub. A call that ends with UNAVAILABLE is repeated with
growing pauses; whatever remains is a `CallError` with a stable `reason`.

    from hub.client import CallError, Client, Measure

    with Client.with_token("hub.example:8444", token) as hub:
        for series in hub.forecasts(agreement="agreements/retail", measure=Measure.MEASURE_CONSENSUS):
            print(series.gtin, series.gln, list(series.quantities))
"""

from google.protobuf.field_mask_pb2 import FieldMask

from hub.client.asynchronous import AsyncClient
from hub.client.errors import CallError
from hub.client.synchronous import Client
from hub.rpc.pb.v1.exceptions_pb2 import ForecastException
from hub.rpc.pb.v1.exchange_pb2 import Message, SubmitMessageResponse
from hub.rpc.pb.v1.forecasts_pb2 import Commitment, Forecast, ForecastVersion, Measure
from hub.rpc.pb.v1.orders_pb2 import Order, OrderLine, OrderResponse, OrderResponseLine, Party
from hub.rpc.pb.v1.replenishment_pb2 import OrderProposal, Projection
from hub.rpc.pb.v1.resources_pb2 import Finding, Position, Severity
from hub.rpc.pb.v1.scorecards_pb2 import Scorecard

__all__ = [
    "AsyncClient", "CallError", "Client", "Commitment", "FieldMask", "Finding", "Forecast", "ForecastException",
    "ForecastVersion", "Measure", "Message", "Order", "OrderLine", "OrderProposal", "OrderResponse",
    "OrderResponseLine", "Party", "Position", "Projection", "Scorecard", "Severity", "SubmitMessageResponse",
]
