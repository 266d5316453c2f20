"""What lists can be narrowed by. Everything is optional; `page_size` only sets how many rows travel at once."""

from __future__ import annotations

from typing import TypedDict

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from hub.rpc.pb.v1.exceptions_pb2 import ForecastException
from hub.rpc.pb.v1.exchange_pb2 import Message
from hub.rpc.pb.v1.forecasts_pb2 import Measure
from hub.rpc.pb.v1.orders_pb2 import Order
from hub.rpc.pb.v1.scorecards_pb2 import SumScorecardsRequest


class Shown(TypedDict, total=False):
    """Which fields travel; not set: all."""

    read_mask: FieldMask


class Listed(Shown, total=False):
    """Rows in the syntax of AIP-160, and sorted; docs/api says by which fields."""

    filter: str
    order_by: str
    page_size: int


class Messages(Listed, total=False):
    """Files by the way they went and where their life stands."""

    direction: Message.Direction.ValueType
    state: Message.State.ValueType


class Deliveries(Listed, total=False):
    """Deliveries in the syntax of AIP-160: `state`, `overdue_time:*` …"""


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


class Forecasts(Streamed, Shown, total=False):
    """The same, page by page."""

    order_by: str
    page_size: int


class Versions(Listed, total=False):
    """Versions in the syntax of AIP-160, and as they were known at a moment."""

    as_of: Timestamp


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


class Exceptions(Listed, total=False):
    """Exceptions by agreement (`agreements/…`) and state."""

    agreement: str
    state: ForecastException.State.ValueType


class Orders(Listed, total=False):
    """Orders by where their life stands."""

    state: Order.State.ValueType


class Catalogue(Listed, total=False):
    """Items and locations, in the syntax of AIP-160."""


class Supply(Listed, total=False):
    """Shipments and stock, in the syntax of AIP-160."""


class Replenished(Listed, total=False):
    """Projections and proposals by agreement (`agreements/…`)."""

    agreement: str


class Scorecards(Listed, total=False):
    """Scorecards, and metric exceptions, by agreement (`agreements/…`)."""

    agreement: str


class SumScorecards(TypedDict, total=False):
    """Of which days, whose rows (`partners/…`), and by what they are split."""

    first_date: Date
    last_date: Date
    author: str
    split: SumScorecardsRequest.Split.ValueType
