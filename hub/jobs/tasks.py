"""One attempt at a job, and what becomes of it when it fails."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from procrastinate import JobContext

from hub.errors import HubError, NotFound
from hub.jobs.remedy import PATIENCE, Again, Bury, Patience, remedy
from hub.jobs.work import Work
from hub.model.event import HubEvent
from hub.ports import Message, Units

FINAL = ("rejected", "dead", "failed")

log = structlog.get_logger("hub.jobs")


class TryAgain(Exception):
    """Ends an attempt: the job waits `seconds` and is tried again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.0f} seconds")
        self.seconds = seconds


class Buried(Exception):
    """Ends an attempt: the job is over, and its message is among the dead letters."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When to give up. `limit`: failures that are not Retry; `patience`: for those that are, by job name."""

    limit: int = 3
    patience: Mapping[str, Patience] = field(default_factory=lambda: PATIENCE)


Remember = Callable[[int, int], Awaitable[None]]
"""Writes (job id, failures so far) into the job's row."""


def attempting(job: str, work: Work, rules: Rules, remember: Remember) -> Callable[..., Awaitable[None]]:
    """The function that the queue runs for `job`: calls the driver, and turns its failure into TryAgain or Buried."""
    driver, names = work.drivers[job]

    async def attempt(context: JobContext, failures: int = 0, **arguments: str) -> None:
        subject = arguments[names[0]]
        with structlog.contextvars.bound_contextvars(job=job, subject=subject):
            try:
                await driver(*(arguments[name] for name in names))
            except Exception as error:
                before = context.job.attempts
                answer = remedy(
                    error, attempts=before, failures=failures, limit=rules.limit, patience=rules.patience[job]
                )
                report(error, answer, before + 1)
                if isinstance(answer, Bury):
                    await bury(work.units, job, arguments, why(error), before + 1, answer)
                    raise Buried from error
                if answer.failures > failures and context.job.id is not None:
                    await remember(context.job.id, answer.failures)
                raise TryAgain(answer.seconds * random.uniform(0.8, 1.2)) from error

    return attempt


def report(error: Exception, answer: Again | Bury, attempts: int) -> None:
    """One line per failed attempt. The traceback of a failure that we know says nothing that its sentence does not."""
    facts: dict[str, Any] = {"error": type(error).__name__, "attempts": attempts}
    if isinstance(answer, Again):
        facts["again_in"] = answer.seconds
    log.warning("attempt failed", **facts, exc_info=None if isinstance(error, HubError) else error)


def why(error: BaseException) -> str:
    """The reason as a dead letter shows it: `TOO_LARGE: The limit is …` or `ValueError: …`."""
    name = error.reason if isinstance(error, HubError) else type(error).__name__
    return f"{name}: {error}"


async def bury(
    units: Units, job: str, arguments: Mapping[str, str], reason: str, attempts: int, answer: Bury
) -> None:
    """Give the message to the dead letters, in one transaction with its new state. Burying twice is burying once.

    A job without a message (`plan`) goes into the audit trail, where an operator finds it.
    """
    log.error("given up", reason=reason, attempts=attempts, state=answer.state)
    async with units.worker() as unit:
        if "message" not in arguments:
            detail = {**arguments, "reason": reason, "attempts": attempts}
            await unit.audit.record("hub", f"{job}.failed", arguments.get("agreement", job), detail)
            return
        try:
            message = await unit.inbox.lock(arguments["message"])
        except NotFound:
            log.error("no such message", message=arguments["message"])
            return
        if message.state in FINAL:
            return
        state = "failed" if message.direction == "out" else answer.state
        await unit.dead_letters.add(message.id, job, reason, attempts)
        await unit.inbox.settle(
            message.id, state, sender=message.sender, receiver=message.receiver, format=message.format,
            kind=message.message, version=message.version, control=message.control, findings=message.findings,
        )
        await unit.events.publish([announcement(message, state)])


def announcement(message: Message, state: str) -> HubEvent:
    """What the message's own partner may know of it: that it will not be processed. The reason is the operator's."""
    owner = message.receiver if message.direction == "out" else message.sender
    return HubEvent(type=f"message.{state}", subject=message.id, partners=() if owner is None else (owner,))
