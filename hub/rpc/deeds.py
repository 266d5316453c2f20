"""What a caller does is done once, in one transaction with its entry in the audit trail and with its reply.

A request that carries a `request_id` and comes again gets the first reply, whatever has changed since; another request
under the same id is refused. Replies are kept for seven days.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message as Protobuf

from hub.killpoint import reached
from hub.ports import Unit, Units
from hub.rpc.errors import Invalid
from hub.rpc.identity import caller

Reply = TypeVar("Reply", bound=Protobuf)


def attempt(text: str) -> str | None:
    """A `request_id` in its one form; None when empty. Raises Invalid for what is no UUID."""
    try:
        return str(UUID(text)) if text else None
    except ValueError:
        raise Invalid("request_id", "must be a UUID.", reason="MALFORMED_REQUEST_ID") from None


async def once(
    units: Units, request: Any, kind: type[Reply], act: Callable[[Unit], Awaitable[Reply]]
) -> Reply:
    """`act` in one transaction of the worker, which speaks for the caller; it audits itself."""
    partner, id = caller(), attempt(request.request_id)
    async with units.worker() as unit:
        await unit.speak_for(partner)
        reply = await act(unit) if id is None else await _kept(unit, partner, id, request, kind, act)
    reached("deed.committed")
    return reply


async def _kept(
    unit: Unit, partner: str, id: str, request: Any, kind: type[Reply], act: Callable[[Unit], Awaitable[Reply]]
) -> Reply:
    """The reply that was kept under this id, or else a new one, kept from now on."""
    kept = await unit.replies.claim(partner, id, request.DESCRIPTOR.full_name, _digest(request))
    if kept is not None:
        return kind.FromString(kept)
    reply = await act(unit)
    await unit.replies.keep(partner, id, reply.SerializeToString())
    return reply


def _digest(request: Protobuf) -> bytes:
    return sha256(request.SerializeToString(deterministic=True)).digest()
