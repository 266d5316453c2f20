"""How much at once, and how often, one partner may come through a door."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hub.errors import Retry


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of one message, seconds that a request may idle away, messages received at once from all partners, and
    requests of one partner in a minute."""

    message_bytes: int
    seconds: float
    in_flight: int
    per_minute: int = 1200

    @property
    def per_partner(self) -> int:
        return max(1, self.in_flight // 2)


@dataclass
class Places:
    """The places for messages under way: the door has so many, and one partner may not take them all."""

    limits: Limits
    _busy: Counter[str] = field(default_factory=Counter)

    def check(self) -> None:
        if self._busy.total() >= self.limits.in_flight:
            raise Retry("The hub is receiving as many messages as it can.", reason="BUSY")

    @contextmanager
    def taken(self, partner: str, own: int | None = None) -> Iterator[None]:
        """`own`: how many places were agreed with this partner. Raises Retry when it, or everybody, has too many."""
        self.check()
        if self._busy[partner] >= (own or self.limits.per_partner):
            raise Retry("You are sending as many messages at once as one partner may.", reason="TOO_MANY_FROM_YOU")
        self._busy[partner] += 1
        try:
            yield
        finally:
            self._busy[partner] -= 1


@dataclass
class Buckets:
    """A bucket of tokens for each partner: a request takes one, and they come back evenly over a minute."""

    per_minute: int
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, partner: str) -> None:
        """Raises Retry, with the seconds until there is a token again."""
        now, rate = time.monotonic(), self.per_minute / 60.0
        tokens, at = self._left.get(partner, (float(self.per_minute), now))
        tokens = min(float(self.per_minute), tokens + (now - at) * rate)
        if tokens < 1.0:
            self._left[partner] = (tokens, now)
            raise Retry(
                f"One partner may make {self.per_minute} requests in a minute.", reason="TOO_OFTEN",
                after=(1.0 - tokens) / rate)
        self._left[partner] = (tokens - 1.0, now)
