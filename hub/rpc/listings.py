"""By what each listing can be narrowed and sorted. The names are those of the resource's own fields."""

from __future__ import annotations

from hub.rpc import values
from hub.rpc.convert import DIRECTION_WORDS
from hub.rpc.filters import Fields
from hub.rpc.pb.v1 import (
    agreements_pb2,
    cycles_pb2,
    exceptions_pb2,
    exchange_pb2,
    forecasts_pb2,
    orders_pb2,
    replenishment_pb2,
    scorecards_pb2,
)

MESSAGES = Fields({
    "direction": values.word(exchange_pb2.Message.Direction, DIRECTION_WORDS.__getitem__),
    "state": values.word(exchange_pb2.Message.State), "channel": values.text(), "sender": values.named("partners"),
    "receiver": values.named("partners"), "format": values.text(), "message_type": values.text(),
    "format_version": values.text(), "control_number": values.text(), "filename": values.text(),
    "sha256": values.text(), "size_bytes": values.number(), "create_time": values.moment(),
    "in_reply_to": values.named("messages"),
}, frozenset({"create_time", "size_bytes", "filename", "state", "message_type"}))
DELIVERIES = Fields({
    "state": values.word(exchange_pb2.Delivery.State), "channel": values.text(), "attempt_count": values.number(),
    "expected_acknowledgement": values.text(), "create_time": values.moment(), "delivery_time": values.moment(),
    "due_time": values.moment(), "overdue_time": values.moment(),
}, frozenset({"create_time", "delivery_time", "due_time", "attempt_count", "state"}))
AGREEMENTS = Fields({
    "name": values.named("agreements"), "start_date": values.day(), "end_date": values.day(),
    "frozen_weeks": values.number(), "slushy_weeks": values.number(), "settlement_rule": values.text(),
    "settle_days": values.number(), "horizon_weeks": values.number(), "currency_code": values.text(),
    "release": values.word(agreements_pb2.Agreement.Release),
}, frozenset({"name", "start_date", "end_date", "horizon_weeks", "currency_code"}))
FORECASTS = Fields({
    "agreement": values.named("agreements"), "author": values.named("partners"),
    "measure": values.word(forecasts_pb2.Measure), "gtin": values.gtin(), "gln": values.gln(),
    "first_week": values.day(), "create_time": values.moment(),
}, frozenset({"agreement", "author", "measure", "gtin", "gln", "first_week", "create_time"}))
VERSIONS = Fields({
    "agreement": values.named("agreements"), "author": values.named("partners"),
    "measure": values.word(forecasts_pb2.Measure), "first_week": values.day(), "create_time": values.moment(),
}, frozenset({"create_time", "first_week"}))
EXCEPTIONS = Fields({
    "agreement": values.named("agreements"), "state": values.word(exceptions_pb2.ForecastException.State),
    "measure": values.word(forecasts_pb2.Measure),
    "gtin": values.gtin(), "gln": values.gln(), "week": values.day(), "lag_weeks": values.number(),
    "buyer": values.named("partners"), "seller": values.named("partners"), "buyer_quantity": values.number(),
    "seller_quantity": values.number(), "difference_percent": values.number(), "value_at_stake": values.number(),
    "owner": values.text(), "offered_by": values.named("partners"), "due_date": values.day(),
    "settlement_rule": values.text(),
}, frozenset({"value_at_stake", "difference_percent", "week", "lag_weeks", "due_date", "gtin", "gln", "owner"}))
METRIC_EXCEPTIONS = Fields({
    "agreement": values.named("agreements"), "metric": values.word(exceptions_pb2.MetricException.Metric),
    "author": values.named("partners"), "measure": values.word(forecasts_pb2.Measure), "group": values.text(),
    "first_week": values.day(), "last_week": values.day(), "found_percent": values.number(),
    "allowed_percent": values.number(), "value_at_stake": values.number(),
}, frozenset({"agreement", "group", "found_percent", "value_at_stake"}))
ORDERS = Fields({
    "number": values.text(), "buyer": values.named("partners"), "seller": values.named("partners"),
    "state": values.word(orders_pb2.Order.State), "order_date": values.day(), "delivery_date": values.day(),
    "currency_code": values.text(), "create_time": values.moment(),
}, frozenset({"number", "order_date", "delivery_date", "create_time", "state"}))
ITEMS = Fields({
    "gtin": values.gtin(), "display_name": values.text(), "base_unit": values.text(), "group": values.text(),
}, frozenset({"gtin", "display_name", "group"}))
LOCATIONS = Fields({
    "gln": values.gln(), "display_name": values.text(), "kind": values.text(),
}, frozenset({"gln", "display_name", "kind"}))
SCORECARDS = Fields({
    "agreement": values.named("agreements"), "as_of_date": values.day(), "first_week": values.day(),
    "last_week": values.day(), "observed": values.word(scorecards_pb2.Scorecard.Observed),
}, frozenset({"agreement", "as_of_date", "first_week", "last_week"}))
PROJECTIONS = Fields({
    "agreement": values.named("agreements"), "gtin": values.gtin(), "gln": values.gln(), "first_week": values.day(),
    "lowest_quantity": values.number(), "create_time": values.moment(),
}, frozenset({"agreement", "gtin", "gln", "lowest_quantity"}))
ORDER_PROPOSALS = Fields({
    "agreement": values.named("agreements"), "gtin": values.gtin(), "gln": values.gln(), "order_week": values.day(),
    "quantity": values.number(), "create_time": values.moment(),
    "state": values.word(replenishment_pb2.OrderProposal.State),
}, frozenset({"agreement", "gtin", "gln", "quantity"}))
SHIPMENTS = Fields({
    "number": values.text(), "buyer": values.named("partners"), "seller": values.named("partners"),
    "order": values.named("orders"), "create_time": values.moment(),
}, frozenset({"number", "create_time"}))
INVENTORY_POSITIONS = Fields({
    "agreement": values.named("agreements"), "gtin": values.gtin(), "gln": values.gln(),
}, frozenset({"agreement", "gtin", "gln"}))
CYCLES = Fields({
    "agreement": values.named("agreements"), "state": values.word(cycles_pb2.CycleMetadata.State),
})
