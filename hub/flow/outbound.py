"""A file leaves: the `send` job hands stored bytes to the receiver's transport and logs the attempt."""

from __future__ import annotations

from collections.abc import Mapping

from hub.errors import Retry
from hub.ports import Transport, Units


async def send(units: Units, transports: Mapping[str, Transport], message: str) -> None:
    """Deliver one queued message. A message that was sent already is left alone: the job may run twice.

    Raises Retry when the peer cannot take it now; the attempt is logged first.
    """
    async with units.worker() as unit:
        stored = await unit.outbox.lock(message)
        if stored.state != "queued" or stored.receiver is None or stored.filename is None:
            return
        content = b"".join([chunk async for chunk in unit.inbox.content(message)])
        try:
            detail = await transports[stored.channel].deliver(stored.receiver, stored.filename, content)
        except Retry as later:
            failure: Retry | None = later
            await unit.outbox.attempt(message, ok=False, detail=str(later))
        else:
            failure = None
            await unit.outbox.attempt(message, ok=True, detail=detail)
    if failure:
        raise failure
