"""What partners' own files taught: one sentence of a message, and what it must mean."""

from __future__ import annotations

from datetime import date

import pytest

from hub.model.exchange import Document
from hub.model.response import OrderResponse
from tests.edi.samples import GS, st, x12
from tests.messages.test_messages import documents


def said(kind: str, group: str, *rows: str) -> Document:
    """The one document of an X12 transaction set of these segments."""
    [document] = documents(f"x12/004010/{kind}", x12(st(rows, kind=kind), gs=GS.replace("PO", group)).encode())
    return document


@pytest.mark.parametrize(("qualifier", "day"), [("067", date(2026, 12, 5)), ("017", date(2026, 12, 5)), ("068", None)])
def test_the_day_of_an_acknowledged_line_is_one_of_delivery_only_where_its_qualifier_says_so(
    qualifier: str, day: date | None
) -> None:
    response = said("855", "PR", "BAK*00*AC*4711*20261120", "PO1*1*300*EA*2", f"ACK*IA*300*EA*{qualifier}*20261205")
    assert isinstance(response, OrderResponse)
    [line] = response.lines
    assert line.deliver_on == day
    statuses = line.aside.statuses if line.aside else ()
    assert [one.on for one in statuses] == ([] if day else [date(2026, 12, 5)])
