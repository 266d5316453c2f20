"""What an operator does about messages that did not make it: try again, process again, or give up. All is audited."""

from __future__ import annotations

from hub.errors import NotFound, Reject
from hub.ports import DeadLetter, Message, Unit


async def resend(unit: Unit, message: str, actor: str = "operator") -> None:
    """Send an outbound message once more, now, under its own Message-ID. Raises NotFound or Reject."""
    _refuse_purged(await unit.inbox.get(message))
    before = await unit.deliveries.resend(message)
    if before == "failed":
        await _settle_trouble(unit, message, "replayed", actor)
    await unit.audit.record(actor, "message.resend", message, {"before": before})


async def reprocess(unit: Unit, message: str, actor: str = "operator") -> Message:
    """Process a rejected or dead message as if it had just come in, with the tables and master data of now. Raises
    Reject when its bytes are gone."""
    found = await unit.inbox.get(message)
    _refuse_purged(found)
    before = found.state
    reopened = await unit.inbox.reopen(message)
    if before == "dead":
        await _settle_trouble(unit, message, "replayed", actor)
    await unit.queue.defer("process", lock=f"in:{reopened.sender or 'unknown'}", message=message)
    await unit.audit.record(actor, "message.reprocess", message, {"before": before})
    return reopened


async def replay(unit: Unit, message: str, actor: str = "operator") -> None:
    """Give a dead letter another chance, whichever way it was going. Raises NotFound when none waits by that name."""
    if not await unit.dead_letters.of(message):
        raise NotFound(f"no dead letter waits under the name {message!r}")
    if (await unit.inbox.get(message)).direction == "out":
        await resend(unit, message, actor)
    else:
        await reprocess(unit, message, actor)


async def discard(unit: Unit, message: str, actor: str = "operator", reason: str | None = None) -> DeadLetter:
    """Take a dead letter off the list for good; its bytes stay. Raises NotFound when none waits by that name."""
    letter = await unit.dead_letters.end(message, "discarded", actor, reason)
    if letter.job == "send":
        await unit.deliveries.discard(message)
    await unit.alerts.close(_kind(letter.job), message)
    await unit.audit.record(actor, "message.discard", message, {"reason": reason or ""})
    return letter


async def _settle_trouble(unit: Unit, message: str, action: str, actor: str) -> None:
    """The dead letters of a message that gets another chance wait no longer, and their alerts are over."""
    for letter in await unit.dead_letters.of(message):
        await unit.dead_letters.end(message, action, actor)
        await unit.alerts.close(_kind(letter.job), message)


def _kind(job: str) -> str:
    return "delivery.dead" if job == "send" else "message.dead"


def _refuse_purged(message: Message) -> None:
    if message.purged_at is not None:
        raise Reject(f"the bytes of {message.id} were purged on {message.purged_at:%Y-%m-%d}, as was agreed",
                     reason="PURGED")
