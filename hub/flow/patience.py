"""How long to wait for the world to get better."""

from __future__ import annotations

from dataclasses import dataclass, replace

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds before the first repeat, then doubled up to `cap`; no repeat starts later than `total` seconds after the
    first attempt, and one starts just then."""

    first: float
    cap: float
    total: float

    def wait(self, repeats: int, elapsed: float | None = None) -> float | None:
        """Seconds to wait when there were `repeats` already; None when patience is at its end.

        `elapsed`: seconds since the first attempt; unknown, it is what the earlier waits add up to.
        """
        if elapsed is None:
            elapsed = sum(self._step(n) for n in range(repeats))
        left = self.total - elapsed
        return None if left <= 0 else min(self._step(repeats), left)

    def _step(self, repeats: int) -> float:
        return min(self.first * 2.0 ** min(repeats, 40), self.cap)

    def lasting(self, hours: float) -> Patience:
        """The same, but given up after so many hours."""
        return replace(self, total=hours * HOUR)


DELIVERY = Patience(5 * MINUTE, 6 * HOUR, 48 * HOUR)
"""For a partner's computer: 5, 10, 20, 40 … minutes, at most six hours, for two days."""
