"""A certificate that somebody relies on, and how long it still counts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from hub.model.value import Value

Use = Literal["as2 signature", "as2 encryption", "tls client", "tls server", "tls authority"]


class WatchedCertificate(Value):
    """`owner` is a partner's short name, or "hub". `fingerprint`: SHA-256 of the certificate, in hexadecimal."""

    owner: str
    use: Use
    subject: str
    serial: str
    fingerprint: str
    valid_from: datetime
    valid_to: datetime

    def days_left(self, now: datetime) -> int:
        """Whole days until it runs out; negative when it has."""
        return (self.valid_to - now).days
