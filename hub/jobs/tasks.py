"""One attempt at a job, and what becomes of it when it fails."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import structlog
from procrastinate import JobContext

from hub.errors import HubError, NotFound
from hub.flow.patience import Patience
from hub.jobs.remedy import PATIENCE, Again, Bury, remedy
from hub.jobs.room import Room
from hub.jobs.work import Work
from hub.logs import frames
from hub.model.alert import Alert
from hub.model.event import HubEvent
from hub.ports import Message, Unit, Units

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

    def answer(self, job: str, error: BaseException, attempts: int, memory: Memory) -> Again | Bury:
        """The remedy for `error` after so many earlier attempts at `job`."""
        return remedy(
            error, attempts=attempts, failures=memory.failures, limit=self.limit, patience=self.patience[job]
        )


Remember = Callable[[int, Mapping[str, int]], Awaitable[None]]
"""Writes into a job's row (by id) what it must not forget: `Memory`, beside its arguments."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a job's row knows about its past. `failures`: attempts that count against the limit, `deaths`: those of them
    in which the worker died; `alone`: the last attempt that had a worker to itself, by number."""

    failures: int = 0
    deaths: int = 0
    alone: int = -1

    @classmethod
    def split(cls, row: Mapping[str, Any]) -> tuple[Memory, dict[str, str]]:
        """Memory and arguments, which share a column."""
        names = cls.__dataclass_fields__.keys()
        return cls(**{n: row[n] for n in names & row.keys()}), {n: v for n, v in row.items() if n not in names}


@dataclass(frozen=True, slots=True)
class Attempts:
    """How the queue runs the jobs of one worker."""

    work: Work
    rules: Rules
    remember: Remember
    room: Room = field(default_factory=Room)

    def at(self, job: str) -> Callable[..., Awaitable[None]]:
        """The function that the queue calls for `job`."""

        async def attempt(context: JobContext, **row: Any) -> None:
            memory, arguments = Memory.split(row)
            with structlog.contextvars.bound_contextvars(job=job, **arguments):
                async with self.room.entered(alone=memory.deaths > 0):
                    await self._attempt(job, context, memory, arguments)

        return attempt

    async def _attempt(self, job: str, context: JobContext, memory: Memory, arguments: Mapping[str, str]) -> None:
        """Call the driver, and turn its failure into TryAgain or Buried."""
        assert context.job.id is not None  # noqa: S101  (it comes from the table)
        before, (driver, names) = context.job.attempts, self.work.drivers[job]
        if memory.deaths:
            await self.remember(context.job.id, {"alone": before})
        try:
            await driver(*(arguments[name] for name in names))
        except Exception as error:
            answer = self.rules.answer(job, error, before, memory)
            report(error, answer, before + 1)
            if isinstance(answer, Bury):
                await bury(self.work.units, job, arguments, why(error), before + 1, answer)
                raise Buried from None
            if answer.failures > memory.failures:
                await self.remember(context.job.id, {"failures": answer.failures})
            raise TryAgain(answer.seconds * random.uniform(0.8, 1.2)) from None


def report(error: Exception, answer: Again | Bury, attempts: int) -> None:
    """One line per failed attempt. What the exception says may quote the message: only the dead letter keeps it."""
    facts: dict[str, Any] = {"error": frames(error), "attempts": attempts}
    if isinstance(answer, Again):
        facts["again_in"] = answer.seconds
    log.warning("attempt failed", **facts)


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
    log.error("given up", reason=reason.partition(":")[0], attempts=attempts, state=answer.state)
    async with units.worker() as unit:
        if "message" not in arguments:
            detail = {**arguments, "reason": reason, "attempts": attempts}
            await unit.audit.record("hub", f"{job}.failed", arguments.get("agreement", job), detail)
            if job == "plan":
                await _failed(unit, arguments, reason)
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
        if state == "dead":
            await unit.alerts.open(died(message, reason))


async def _failed(unit: Unit, arguments: Mapping[str, str], reason: str) -> None:
    """Its cycle does not go on by itself: whoever waits for it is told why."""
    try:
        run = await unit.runs.open(arguments["agreement"], date.fromisoformat(arguments["as_of"]))
    except NotFound:
        log.error("no such agreement", agreement=arguments["agreement"])
        return
    if run.state not in ("finished", "cancelled"):
        await unit.runs.advance(run.id, run.step or "", {"failed": reason.partition(":")[0]}, "failed")


def died(message: Message, reason: str) -> Alert:
    sender = message.sender or "an unknown sender"
    return Alert(
        kind="message.dead", subject=message.id, partner=message.sender,
        message=f"A file of {sender} could not be processed: {reason.partition(':')[0]}.",
        hint=f"See `hub dead-letters show {message.id}`; when the cause is mended, replay it.",
    )


def announcement(message: Message, state: str) -> HubEvent:
    """What the message's own partner may know of it: that it will not be processed. The reason is the operator's."""
    owner = message.receiver if message.direction == "out" else message.sender
    return HubEvent(type=f"message.{state}", subject=message.id, partners=() if owner is None else (owner,))
