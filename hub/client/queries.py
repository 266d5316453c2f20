"""What lists can be narrowed by. Everything is optional; `page_size` only sets how many rows travel at once."""

from __future__ import annotations

from typing import TypedDict

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from hub.rpc.pb.v1.exceptions_pb2 import ForecastException
from hub.rpc.pb.v1.exchange_pb2 import Message
from hub.rpc.pb.v1.forecasts_pb2 import Measure
from hub.rpc.pb.v1.orders_pb2 import Order
from hub.rpc.pb.v1.scorecards_pb2 import SumScorecardsRequest


class Messages(TypedDict, total=False):
    """Files by the way they went and where their life stands."""

    direction: Message.Direction.ValueType
    state: Message.State.ValueType
    filter: str
    order_by: str
    page_size: int


class Deliveries(TypedDict, total=False):
    """Deliveries in the syntax of AIP-160: `state`, `overdue_time:*` …"""

    filter: str
    order_by: str
    page_size: int


class Streamed(TypedDict, total=False):
    """Series by agreement (`agreements/…`), author (`partners/…`), what they count, item and location."""

    agreement: str
    author: str
    measure: Measure.ValueType
    gtin: str
    gln: str
    filter: str
    as_of: Timestamp
    forecast_version: str


class Forecasts(Streamed, total=False):
    """The same, page by page."""

    page_size: int


class Versions(TypedDict, total=False):
    """Versions in the syntax of AIP-160, and as they were known at a moment."""

    filter: str
    order_by: str
    as_of: Timestamp
    page_size: int


class Deed(TypedDict, total=False):
    """The etag that was read, and a UUID with which the same call again does nothing more."""

    etag: str
    request_id: str


class Act(TypedDict, total=False):
    """With what one settles: the etag that was read, a reason code of the agreement, a comment; and a UUID, with which
    the same call again does nothing more."""

    etag: str
    reason: str
    comment: str
    request_id: str


class Exceptions(TypedDict, total=False):
    """Exceptions by agreement (`agreements/…`) and state."""

    agreement: str
    state: ForecastException.State.ValueType
    filter: str
    order_by: str
    page_size: int


class Orders(TypedDict, total=False):
    """Orders by where their life stands."""

    state: Order.State.ValueType
    filter: str
    order_by: str
    page_size: int


class Catalogue(TypedDict, total=False):
    """Items and locations, in the syntax of AIP-160."""

    filter: str
    order_by: str
    page_size: int


class Supply(TypedDict, total=False):
    """Shipments and stock, in the syntax of AIP-160."""

    filter: str
    order_by: str
    page_size: int


class Replenished(TypedDict, total=False):
    """Projections and proposals by agreement (`agreements/…`)."""

    agreement: str
    filter: str
    order_by: str
    page_size: int


class Scorecards(TypedDict, total=False):
    """Scorecards, and metric exceptions, by agreement (`agreements/…`)."""

    agreement: str
    filter: str
    order_by: str
    page_size: int


class SumScorecards(TypedDict, total=False):
    """Of which days, whose rows (`partners/…`), and by what they are split."""

    first_date: Date
    last_date: Date
    author: str
    split: SumScorecardsRequest.Split.ValueType
