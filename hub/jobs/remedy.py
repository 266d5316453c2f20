"""What to do about a failure, decided by its place in the error tree and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hub.errors import HubError, Reject, Retry

MINUTE, HOUR = 60.0, 3600.0


class WorkerDied(HubError):
    """The process that did the job is gone. Nobody raises this; the sweep finds it."""

    reason = "WORKER_DIED"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the world may take to get better: seconds before the first repeat, then doubled up to `cap`; no repeat
    starts later than `total` seconds after the first attempt."""

    first: float
    cap: float
    total: float

    def wait(self, repeats: int) -> float | None:
        """Seconds to wait when there were `repeats` already; None when patience is at its end."""
        waited = sum(min(self.first * 2.0**n, self.cap) for n in range(repeats))
        return None if waited >= self.total else min(self.first * 2.0**repeats, self.cap)


PATIENCE = {
    "process": Patience(1.0, 5 * MINUTE, 48 * HOUR),
    "send": Patience(5 * MINUTE, 6 * HOUR, 48 * HOUR),
    "plan": Patience(10.0, 10 * MINUTE, 24 * HOUR),
}
"""`send` waits for a partner's computer, the others for our own database."""


@dataclass(frozen=True, slots=True)
class Again:
    """Try again after `seconds`. `failures`: how many attempts count against the limit so far."""

    seconds: float
    failures: int


@dataclass(frozen=True, slots=True)
class Bury:
    """Never again. `state` is what an incoming message is from now on."""

    state: Literal["rejected", "dead"]


def remedy(error: BaseException, *, attempts: int, failures: int, limit: int, patience: Patience) -> Again | Bury:
    """The remedy for `error` after `attempts` earlier attempts, of which `failures` were nobody's bad weather.

    Retry is the world's fault: it costs time and no failure. Reject is the input's fault: no second attempt. Everything
    else, the death of a worker included, may be ours: `limit` of them and the job is given up.
    """
    if isinstance(error, Reject):
        return Bury("rejected")
    if isinstance(error, Retry):
        wait = patience.wait(attempts - failures)
        return Bury("dead") if wait is None else Again(wait, failures)
    if failures + 1 >= limit:
        return Bury("dead")
    return Again(0.0 if isinstance(error, WorkerDied) else min(patience.first, 10.0) * 4.0**failures, failures + 1)
