"""What we wrote is known again by its numbers."""

from __future__ import annotations

from hub.model.exchange import Sent
from tests.edi.samples import GS, ORDER, ORDERS, E, X, edifact, st, unh, x12


def test_each_set_is_known_by_its_number_and_its_groups() -> None:
    text = x12(st(ORDER, 1), st(ORDER, 2), ge="GE*2*1~" + GS.replace("*1*X*", "*2*X*") + st(ORDER, 1) + "GE*1*2~")
    assert list(X.sent(text.encode())) == [
        Sent(kind="850", control="0001", group="1"), Sent(kind="850", control="0002", group="1"),
        Sent(kind="850", control="0001", group="2")]


def test_each_message_is_known_by_its_number_and_a_released_header_is_text() -> None:
    rows = [*ORDERS[:6], "FTX+AAI+++odd??'UNH?+9?+ORDERS", *ORDERS[6:]]
    rows[6] = "FTX+AAI+++odd?'UNH+9+ORDERS"
    ung = "UNG+ORDERS+A+B+261122:1200+G1+UN+D:96A'"
    text = edifact(unh(ORDERS, 1), ung, unh(rows, 2), "UNE+1+G1'")
    assert list(E.sent(text.encode())) == [
        Sent(kind="ORDERS", control="1"), Sent(kind="ORDERS", control="2", group="G1")]
