"""How messages fared on their way out, to protobuf."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from hub import ports
from hub.rpc.convert import moment, value
from hub.rpc.names import name
from hub.rpc.pb.v1.exchange_pb2 import Delivery

OURS = "failed"
"""The outcome of an attempt that the hub itself could not make: why is nobody else's business."""


def delivery(
    row: ports.Delivery, attempts: Sequence[ports.Attempt] = (), matched: Sequence[ports.Matched] = ()
) -> Delivery:
    """One delivery, with what happened to it where that was asked for."""
    return Delivery(
        name=name("deliveries", row.message), message=name("messages", row.message),
        state=value(Delivery.State, row.state), channel=row.channel, attempt_count=row.attempts,
        create_time=moment(row.queued_at), delivery_time=_when(row.delivered_at),
        expected_acknowledgement=row.expects or "", due_time=_when(row.due_at),
        overdue_time=_when(row.overdue_at),
        attempts=[_attempt(one) for one in attempts], acknowledgements=[_matched(one) for one in matched],
    )


def _when(moment_of: datetime | None) -> Timestamp | None:
    return None if moment_of is None else moment(moment_of)


def _attempt(one: ports.Attempt) -> Delivery.Attempt:
    return Delivery.Attempt(
        end_time=moment(one.at), outcome=value(Delivery.Attempt.Outcome, one.outcome), seconds=one.seconds,
        answer="" if one.outcome == OURS else one.answer)


def _matched(one: ports.Matched) -> Delivery.Acknowledgement:
    kinds = Delivery.Acknowledgement
    return kinds(
        scope=value(kinds.Scope, one.scope), outcome=value(kinds.Outcome, one.outcome),
        group_control_number=one.group_control or "", control_number=one.control or "", codes=one.codes,
        message=name("messages", one.answer), create_time=moment(one.at))
