"""An answer goes out whatever was wrong with what it answers."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from hub.model.exchange import Closing, Numbers
from hub.ports import Format, Guide

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONG = "SENDER WITH FAR TOO LONG AN IDENTIFICATION FOR ANY ENVELOPE"


def answer(format: Format, content: bytes) -> str:
    closing = next(e for e in format.read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Closing))
    [reply] = format.acknowledge(closing, Numbers(interchange=7, group=7), NOW)
    return reply.content.decode("latin-1")


@pytest.mark.parametrize("sender", [LONG, "A>B", ">" * 15])
def test_a_997_goes_out_to_an_address_that_no_isa_can_hold(sender: str) -> None:
    content = (
        f"ISA*00*          *00*          *ZZ*{sender}*ZZ*HUB            *261122*0800*U*00401*000000001*0*P*>~"
        f"GS*PO*{sender}*HUB*20261122*0800*1*X*004010~ST*850*0001~SE*2*0001~GE*1*1~IEA*1*000000001~"
    )
    reply = answer(X12(), content.encode())
    assert reply.startswith("ISA*")
    assert reply[105] == "~", "the ISA of the answer has its fixed width"
    assert "AK9*R*1*1*0" in reply


def test_a_contrl_goes_out_to_an_address_that_no_unb_can_hold() -> None:
    content = f"UNB+UNOA:3+{LONG}:ZZ+HUB:ZZ+261122:0800+1'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+1'"
    assert "UCI+1+" in answer(Edifact(), content.encode())
