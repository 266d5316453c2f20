"""What to do about a failure, decided by its place in the error tree and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hub.errors import HubError, Reject, Retry
from hub.flow.patience import HOUR, MINUTE, Patience


class WorkerDied(HubError):
    """The process that did the job is gone. Nobody raises this; the sweep finds it."""

    reason = "WORKER_DIED"


PATIENCE = {
    "process": Patience(1.0, 5 * MINUTE, 48 * HOUR),
    "plan": Patience(10.0, 10 * MINUTE, 24 * HOUR),
    "start_cycles": Patience(60.0, 10 * MINUTE, 12 * HOUR),
    "purge": Patience(60.0, 10 * MINUTE, 12 * HOUR),
    "fetch": Patience(10.0, MINUTE, 5 * MINUTE),
    "tell_revision": Patience(10.0, 10 * MINUTE, 24 * HOUR),
    "send_order": Patience(10.0, 10 * MINUTE, 24 * HOUR),
}
"""Jobs wait for our own database; deliveries, which wait for a partner's computer, are no jobs."""


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
