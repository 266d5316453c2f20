"""The life of an order: the table decides what may happen, and promises are read from the lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Reject
from hub.fulfilment.lifecycle import TRANSITIONS, advance, answer
from hub.model.order import Order, OrderLine
from hub.model.response import OrderResponse, OrderResponseLine

FRIDAY = date(2026, 11, 27)


def order(*lines: OrderLine) -> Order:
    return Order(number="PO1", purpose="original", placed_on=date(2026, 11, 22), deliver_on=FRIDAY, lines=lines)


def line(number: str, quantity: int, gtin: str | None = None) -> OrderLine:
    return OrderLine(number=number, quantity=Decimal(quantity), unit="case", gtin=gtin)


def reply(number: str | None, said, quantity: int | None = None, gtin: str | None = None, **more) -> OrderResponseLine:
    return OrderResponseLine(number=number, answer=said, gtin=gtin,
                             quantity=None if quantity is None else Decimal(quantity), **more)


def response(said, *lines: OrderResponseLine) -> OrderResponse:
    return OrderResponse(order_number="PO1", answer=said, lines=lines)


def test_an_order_accepted_as_a_whole_is_promised_as_it_was_asked():
    applied = answer(order(line("1", 10), line("2", 5)), "sent", response("accepted"))
    assert applied.state == "accepted"
    assert [(p.promised, p.deliver_on) for p in applied.promises] == [(10, FRIDAY), (5, FRIDAY)]


def test_a_rejected_order_promises_nothing():
    applied = answer(order(line("1", 10)), "sent", response("rejected", reply("1", "accepted", 10)))
    assert (applied.state, applied.promises[0].promised) == ("rejected", 0)


def test_lines_are_believed_more_than_the_word_accepted_above_them():
    applied = answer(order(line("1", 10), line("2", 5)), "sent", response("accepted", reply("1", "accepted", 8)))
    assert applied.state == "changed"
    assert [(p.answer, p.promised) for p in applied.promises] == [("quantity_changed", 8), ("accepted", 5)]


def test_a_later_date_is_a_change():
    late = reply("1", "date_changed", 10, deliver_on=date(2026, 12, 1))
    applied = answer(order(line("1", 10)), "sent", response("accepted_with_changes", late))
    assert (applied.state, applied.promises[0].deliver_on) == ("changed", date(2026, 12, 1))


def test_backordered_without_a_quantity_promises_nothing_for_now():
    back = response("accepted_with_changes", reply("1", "backordered"))
    assert answer(order(line("1", 10)), "sent", back).promises[0].promised == 0


def test_when_every_line_is_rejected_so_is_the_order():
    applied = answer(order(line("1", 10)), "sent", response("accepted_with_changes", reply("1", "rejected")))
    assert applied.state == "rejected"


def test_lines_match_by_item_when_the_seller_numbers_them_otherwise():
    asked = order(line("1", 10, "A"), line("2", 5, "B"))
    applied = answer(asked, "sent", response("accepted_with_changes", reply("1", "quantity_changed", 4, "B"),
                                             reply("2", "accepted", 10, "A"), reply("7", "accepted", 1, "C")))
    assert [p.promised for p in applied.promises] == [10, 4]
    assert [r.gtin for r in applied.unmatched] == ["C"]


def test_another_unit_is_a_change_even_with_the_same_number():
    applied = answer(order(line("1", 10)), "sent", response("accepted", reply("1", "accepted", 10, unit="each")))
    assert (applied.state, applied.promises[0].unit) == ("changed", "each")


def test_a_rejected_order_cannot_be_accepted_later_but_the_buyer_may_replace_it():
    with pytest.raises(Reject, match="order that is rejected cannot accept") as refusal:
        answer(order(line("1", 1)), "rejected", response("accepted"))
    assert refusal.value.reason == "ORDER_STATE"
    assert advance("rejected", "replace") == "received"


def test_every_transition_leads_to_a_known_state_and_the_cancelled_stay_cancelled():
    reached = {after for row in TRANSITIONS.values() for after in row.values()}
    assert reached <= set(TRANSITIONS)
    assert TRANSITIONS["cancelled"] == {}


@given(st.lists(st.tuples(st.integers(1, 100), st.sampled_from([None, 0, 1, 5, 200])), min_size=1, max_size=8))
def test_there_is_one_promise_per_line_in_the_order_of_the_lines(rows):
    asked = order(*[line(str(i), quantity) for i, (quantity, _) in enumerate(rows)])
    said = [reply(str(i), None, promised) for i, (_, promised) in reversed(list(enumerate(rows)))]
    applied = answer(asked, "sent", response("accepted", *said))
    assert [p.promised for p in applied.promises] == [q if p is None else p for q, p in rows]
    assert applied.state == ("accepted" if all(p in (None, q) for q, p in rows) else "changed")
    assert applied.unmatched == ()
