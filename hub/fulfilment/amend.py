"""What a change makes of an order: lines added, taken out, or otherwise than before. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from hub.model.order import Order, OrderLine
from hub.model.order_change import OrderChange, OrderChangeLine
from hub.model.response import OrderResponse, OrderResponseLine

KEPT = ("quantity", "unit", "price", "deliver_on", "description")
NAMES = ("gtin", "buyer_item", "seller_item")


@dataclass(frozen=True, slots=True)
class Amended:
    """The order as it shall be, and lines of the change that fit no line of the order or lack what a new line needs."""

    order: Order
    unmatched: tuple[OrderChangeLine, ...]


def amend(order: Order, change: OrderChange) -> Amended:
    """`change` applied line by line; what it does not mention stays. Lines match by number, else by item."""
    lines, unmatched = list(order.lines), []
    for told in change.lines:
        if told.action in ("none", "reject"):
            continue
        at = _find(lines, told)
        if told.action == "add":
            added = _added(told) if at is None else None
            lines += [added] if added else []
            unmatched += [] if added else [told]
        elif at is None:
            unmatched.append(told)
        elif told.action == "delete":
            del lines[at]
        else:
            lines[at] = _changed(lines[at], told)
    update = {"lines": tuple(lines), "deliver_on": change.deliver_on or order.deliver_on,
              "ship_to": change.ship_to or order.ship_to, "currency": change.currency or order.currency}
    return Amended(order.model_copy(update=update), tuple(unmatched))


def as_response(change: OrderChange) -> OrderResponse:
    """A seller's change as an answer to the order as it stands: both promise line by line."""
    return OrderResponse(
        order_number=change.order_number, answer=change.answer or "accepted_with_changes", number=change.number,
        ordered_on=change.ordered_on, responded_on=change.responded_on or change.changed_on,
        deliver_on=change.deliver_on, buyer=change.buyer, seller=change.seller, ship_to=change.ship_to,
        lines=tuple(_reply(line) for line in change.lines),
    )


def _reply(line: OrderChangeLine) -> OrderResponseLine:
    gone = line.action == "delete" or line.answer == "rejected"
    answer = "rejected" if gone else line.answer
    return OrderResponseLine(
        number=line.number, answer=answer, quantity=None if gone else line.quantity, unit=line.unit, price=line.price,
        gtin=line.gtin, buyer_item=line.buyer_item, seller_item=line.seller_item, deliver_on=line.deliver_on,
    )


def _find(lines: list[OrderLine], told: OrderChangeLine) -> int | None:
    for name in ("number", *NAMES):
        value = getattr(told, name)
        found = [at for at, line in enumerate(lines) if value and getattr(line, name) == value]
        if found:
            return found[0]
    return None


def _added(told: OrderChangeLine) -> OrderLine | None:
    """None where quantity or unit are not told."""
    if told.quantity is None or told.unit is None:
        return None
    fields = {name: getattr(told, name) for name in ("number", *KEPT, *NAMES)}
    return OrderLine.model_validate(fields)


def _changed(line: OrderLine, told: OrderChangeLine) -> OrderLine:
    names = (*KEPT, *NAMES) if told.action == "substitute" else KEPT
    return line.model_copy(update={n: getattr(told, n) for n in names if getattr(told, n) is not None})
