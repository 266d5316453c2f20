"""What the jobs call: the drivers of `hub.flow`, handed in by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from hub.ports import Units

Driver = Callable[..., Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Work:
    """The hub's jobs by name.

    `process(message)` reads a received message, `plan(agreement, as_of)` runs a planning cycle; `as_of` is an ISO date.
    `fetch(partner)` takes what lies on a partner's own server; `tell_revision(version, exceptions)` tells the partners
    what they have signed: a number, and public ids with spaces; `purge()` takes out what is over its time;
    `start_cycles(day)` enqueues the planning cycles that are due; `send_order(order)` puts a released order into the
    seller's mailbox. Each commits its own transactions, raises by remedy (`hub.errors`), and may be called again after
    any of them, and after a crash at any point. `units` serves the dead letters. Deliveries are no jobs; see `courier`.
    """

    process: Callable[[str], Awaitable[None]]
    plan: Callable[[str, str], Awaitable[None]]
    units: Units
    fetch: Callable[[str], Awaitable[None]]
    tell_revision: Callable[[str, str], Awaitable[None]]
    purge: Callable[[], Awaitable[object]]
    start_cycles: Callable[[str], Awaitable[object]]
    send_order: Callable[[str], Awaitable[None]]

    @property
    def drivers(self) -> Mapping[str, tuple[Driver, tuple[str, ...]]]:
        """Job name -> what it calls, with the names of the job's arguments in order."""
        return {
            "process": (self.process, ("message",)),
            "plan": (self.plan, ("agreement", "as_of")),
            "fetch": (self.fetch, ("partner",)),
            "tell_revision": (self.tell_revision, ("version", "exceptions")),
            "purge": (self.purge, ()),
            "start_cycles": (self.start_cycles, ("day",)),
            "send_order": (self.send_order, ("order",)),
        }
