"""What happened, for those who may know: published from the same transaction that made it true."""

from __future__ import annotations

from typing import Any

from hub.model.value import Value


class HubEvent(Value):
    """`type` is past tense and dotted ("message.received", "order.released"); `subject` names the thing by public id.

    `partners` are the short names of those who may see it.
    """

    type: str
    subject: str
    partners: tuple[str, ...]
    data: dict[str, Any] = {}
