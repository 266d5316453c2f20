"""A file on its way to a partner, for tests of what transports do with it."""

from __future__ import annotations

import hashlib
import io

from hub.model.delivery import DeliveryTerms
from hub.model.profile import Profile
from hub.ports import Outgoing


def receiver(partner: str = "acme", terms: DeliveryTerms | None = None) -> Profile:
    """A retailer with that name and those terms."""
    return Profile(
        name=partner, title=partner.title(), kind="retailer", gln="9521002000009", addresses=(),
        delivery=terms or DeliveryTerms(),
    )


def outgoing(
    content: bytes, filename: str = "orders.edi", *, partner: str = "acme", terms: DeliveryTerms | None = None,
    format: str = "edifact",
) -> Outgoing:
    return Outgoing(
        message="msg_1", message_id="<msg_1@hub>", receiver=receiver(partner, terms), filename=filename, format=format,
        sha256=hashlib.sha256(content).hexdigest(), length=len(content), source=io.BytesIO(content),
    )
