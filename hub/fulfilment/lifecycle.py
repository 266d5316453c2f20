"""The life of an order: its states, what may happen in each, and what a seller's answer does to it.

    received ──send──> sent ──accept──> accepted ─┐
        │                │ ├──change──> changed  ─┤ the seller may answer again until the goods leave
        │                │ └──reject──> rejected  │
        └── every answer may also meet an order that the hub only watched (never sent itself)
    cancel by the buyer ends it; replace by the buyer begins it anew, as long as nothing has left
    despatch: goods are on their way; receive: some arrived (partly_received); complete: all did (delivered)
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from hub.errors import Reject
from hub.model.order import Order, OrderLine
from hub.model.response import LineAnswer, OrderResponse, OrderResponseLine

OrderState = Literal["received", "sent", "accepted", "changed", "rejected", "cancelled", "despatched",
                     "partly_received", "delivered"]
Happening = Literal["send", "accept", "change", "reject", "replace", "cancel", "despatch", "receive", "complete"]

GOODS: dict[Happening, OrderState] = {
    "despatch": "despatched", "receive": "partly_received", "complete": "delivered"}
"""What goods do to an order that nobody refused: also to one that the seller never answered in words."""
TRANSITIONS: dict[OrderState, dict[Happening, OrderState]] = {
    "received": {"send": "sent", "accept": "accepted", "change": "changed", "reject": "rejected",
                 "replace": "received", "cancel": "cancelled", **GOODS},
    "sent": {"accept": "accepted", "change": "changed", "reject": "rejected",
             "replace": "received", "cancel": "cancelled", **GOODS},
    "accepted": {"accept": "accepted", "change": "changed", "reject": "rejected",
                 "replace": "received", "cancel": "cancelled", **GOODS},
    "changed": {"accept": "accepted", "change": "changed", "reject": "rejected",
                "replace": "received", "cancel": "cancelled", **GOODS},
    "rejected": {"replace": "received"},
    "cancelled": {},
    "despatched": {**GOODS},
    "partly_received": {"despatch": "partly_received", "receive": "partly_received", "complete": "delivered"},
    "delivered": {"despatch": "delivered", "receive": "delivered", "complete": "delivered"},
}


@dataclass(frozen=True, slots=True)
class Promise:
    """What stands behind one order line after the seller answered: quantities in `unit`."""

    line: OrderLine
    answer: LineAnswer
    promised: Decimal
    unit: str
    deliver_on: date | None


@dataclass(frozen=True, slots=True)
class Applied:
    """An order after an answer: its new state, a promise per order line, and response lines that match none of them."""

    state: OrderState
    promises: tuple[Promise, ...]
    unmatched: tuple[OrderResponseLine, ...]


def advance(state: OrderState, happening: Happening) -> OrderState:
    """The state after `happening`. Raises Reject ORDER_STATE when it may not happen in `state`."""
    after = TRANSITIONS[state].get(happening)
    if after is None:
        raise Reject(f"an order that is {state} cannot {happening} any more", reason="ORDER_STATE")
    return after


def answer(order: Order, state: OrderState, response: OrderResponse) -> Applied:
    """What `response` makes of `order`.

    Lines match by number, else by item. A line that the seller does not mention stands as the whole answer says:
    promised as ordered, or not at all when the order is rejected. An answer that calls itself accepted but promises
    something else on a line counts as a change: the lines are believed. Raises Reject ORDER_STATE as `advance` does.
    """
    said = {id(line): reply for line, reply in _pairs(order, response)}
    matched = {id(reply) for reply in said.values()}
    promises = tuple(_promise(order, line, said.get(id(line)), response) for line in order.lines)
    happening = _happening(order, promises, response)
    unmatched = tuple(reply for reply in response.lines if id(reply) not in matched)
    return Applied(advance(state, happening), promises, unmatched)


def _pairs(order: Order, response: OrderResponse) -> list[tuple[OrderLine, OrderResponseLine]]:
    """Each order line with its reply; a reply answers one line only, and never a line about another item."""
    found: list[tuple[OrderLine, OrderResponseLine]] = []
    lines, replies = list(order.lines), list(response.lines)
    for name in ("number", "gtin", "buyer_item", "seller_item"):
        waiting: dict[str | None, deque[OrderResponseLine]] = {}
        for reply in replies:
            waiting.setdefault(getattr(reply, name), deque()).append(reply)
        waiting.pop(None, None)
        for line in lines:
            queue = waiting.get(getattr(line, name))
            if queue and _same_item(line, queue[0]):
                found.append((line, queue.popleft()))
        paired = {id(one) for pair in found for one in pair}
        lines = [line for line in lines if id(line) not in paired]
        replies = [reply for reply in replies if id(reply) not in paired]
    return found


def _same_item(line: OrderLine, reply: OrderResponseLine) -> bool:
    """Not known to be different: a seller may number its lines in its own way, or substitute an item and say so."""
    return reply.answer == "substituted" or None in (line.gtin, reply.gtin) or line.gtin == reply.gtin


def _promise(order: Order, line: OrderLine, reply: OrderResponseLine | None, response: OrderResponse) -> Promise:
    agreed = response.deliver_on or line.deliver_on or order.deliver_on
    if reply is None:
        if response.answer == "rejected":
            return Promise(line, "rejected", Decimal(0), line.unit, None)
        return Promise(line, "accepted", line.quantity, line.unit, agreed)
    if response.answer == "rejected" or reply.answer == "rejected":
        return Promise(line, "rejected", Decimal(0), line.unit, None)
    standing = Decimal(0) if reply.answer == "backordered" else line.quantity
    promised = reply.quantity if reply.quantity is not None else standing
    unit = reply.unit or line.unit
    deliver_on = reply.deliver_on or agreed
    stated = reply.answer or "accepted"
    if stated == "accepted" and (promised, unit) != (line.quantity, line.unit):
        stated = "quantity_changed"
    return Promise(line, stated, promised, unit, deliver_on)


def _happening(order: Order, promises: tuple[Promise, ...], response: OrderResponse) -> Happening:
    if response.answer == "rejected" or (promises and all(p.answer == "rejected" for p in promises)):
        return "reject"
    as_asked = all(
        p.answer == "accepted" and (p.line.deliver_on or order.deliver_on) in (None, p.deliver_on) for p in promises
    )
    return "accept" if as_asked and response.answer == "accepted" else "change"
