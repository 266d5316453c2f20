"""A file arrives. `receive` while the sender waits on the wire; `process` when a worker takes the job.

Nothing is answered before it is stored, and everything that processing does — documents, posted quantities, routed
messages, the acknowledgement, events — commits as one transaction or not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import polars as pl
import structlog

from hub.errors import Finding, Reject, Severity, Where
from hub.flow import trial
from hub.flow.acknowledge import answer
from hub.flow.advise import Advised, advise
from hub.flow.context import Context
from hub.flow.dispatch import Dispatch
from hub.flow.identify import identify
from hub.flow.intake import Guard, holding
from hub.flow.marked import by_name
from hub.flow.numbers import numbered
from hub.flow.post import REPORTS, goes_on, lines_of, observe, post, post_forecast
from hub.flow.posting import Posting
from hub.flow.world import World
from hub.killpoint import reached
from hub.model.alert import Alert
from hub.model.event import HubEvent
from hub.model.exchange import Closing, Event, Interchange, Opening, Reading, Remark, Status
from hub.model.forecast import Forecast
from hub.ports import Clock, Format, Message, Parcel, Receipt, Unit, Units

log = structlog.get_logger("hub.process")

SPOOL = 8 * 1024 * 1024
"""A message larger than this is read back through a temporary file instead of memory."""
SHORT = 16 * 1024
"""What is no longer is read in a few milliseconds, less than a thread costs."""
AT_ONCE = 1024 * 1024
"""What is no longer, and whose sender wants no words of ours, is stored with its job in one trip to the store."""
BLOCK = 50_000
"""Reported lines that are checked and posted together."""


async def receive(units: Units, parcel: Parcel, limit: int, guard: Guard | None = None) -> Receipt:
    """Bytes, SHA-256 and the `process` job in ONE transaction; returns after COMMIT, for a repeat the first receipt.

    Raises TooLarge past `limit` bytes, and what `guard` says; nothing is stored then.
    """
    if guard is not None:
        await guard.admit(parcel.claimed_sender)
    async with holding(parcel, limit) as whole:
        try:
            receipt = await _receive(units, whole, limit)
        except Reject as refusal:
            if refusal.reason == "REFERENCE_REUSED" and parcel.claimed_sender is not None:
                async with units.worker() as unit:
                    await unit.alerts.open(reused(parcel.claimed_sender, parcel.reference or "", str(refusal)))
            raise
    reached("receive.committed")
    if guard is not None and not receipt.duplicate:
        guard.note(parcel.claimed_sender, receipt.length)
    return receipt


async def _receive(units: Units, parcel: Parcel, limit: int) -> Receipt:
    parcel = replace(parcel, test=parcel.test or by_name(parcel.filename))
    lane = f"in:{parcel.claimed_sender or 'unknown'}"
    if parcel.answer is None and parcel.held is not None and parcel.held.length <= AT_ONCE:
        return await units.take_in(parcel, "process", lane)
    async with units.receiving(parcel.claimed_sender) as unit:
        receipt = await unit.inbox.receive(parcel, limit)
        if not receipt.duplicate:
            reached("receive.stored")
            await unit.queue.defer("process", lock=lane, message=receipt.message)
            reached("receive.deferred")
    return receipt


def reused(partner: str, reference: str, why: str) -> Alert:
    return Alert(
        kind="message.reference_reused", subject=f"{partner} {reference}", partner=partner, severity="warning",
        message=f"{partner} sent different bytes under the id {reference}; nothing was stored. {why}",
        hint=f"Ask {partner} to give every new file an id of its own, and to send this one again.",
    )


@dataclass(slots=True)
class Progress:
    """What reading one file has found so far. `staged`: its sender was not live when it came; `test`: the interchange
    that is being read is a test. `events` and `observed` are kept apart, those of tests under True."""

    staged: bool = False
    test: bool = False
    tests: list[bool] = field(default_factory=list)
    first: Interchange | None = None
    kinds: list[str] = field(default_factory=list)
    version: str | None = None
    findings: list[Finding] = field(default_factory=list)
    events: dict[bool, list[HubEvent]] = field(default_factory=lambda: {False: [], True: []})
    observed: dict[bool, list[pl.DataFrame]] = field(default_factory=lambda: {False: [], True: []})
    waiting: list[Posting] = field(default_factory=list)
    lines: int = 0
    refusal: Finding | None = None
    accepted: int = 0
    barred: frozenset[Part] = frozenset()
    advices: list[Advised] = field(default_factory=list)

    def refuses(self, reading: Reading) -> bool:
        """Whether nothing of it may be posted, however sound it is in itself."""
        ordinal = reading.interchange.ordinal
        return self.refusal is not None or bool({(ordinal, None), (ordinal, reading.group)} & self.barred)


Part = tuple[int, int | None]
"""An interchange of a file, or one of its groups; both count from 1."""


class Condemned(Exception):
    """An interchange or group turned out wrong at its end, when parts of it were posted already."""

    def __init__(self, parts: frozenset[Part]) -> None:
        super().__init__(parts)
        self.parts = parts


async def process(units: Units, world: World, message: str, *, clock: Clock) -> None:
    """Read, check, post, acknowledge and route one stored message. Doing it twice does it once.

    What is answered as rejected is not posted: a trailer that condemns what came before it undoes the transaction, and
    the file is read again with that part barred from the beginning.
    """
    barred: frozenset[Part] = frozenset()
    while True:
        try:
            return await _process(units, world, message, clock.now(), barred)
        except Condemned as found:
            barred |= found.parts


async def _process(units: Units, world: World, message: str, now: datetime, barred: frozenset[Part]) -> None:
    async with units.worker() as unit:
        stored = await unit.inbox.lock(message)
        if stored.state != "received":
            return
        reached("process.begun")
        context, formats = await world.known(unit, now.date())
        done = await work(unit, formats, stored, now, context, barred, stored.staged)
    reached("process.committed")
    log.info("processed", message=message, **done)


async def work(
    unit: Unit, formats: Mapping[str, Format], stored: Message, now: datetime, context: Context,
    barred: frozenset[Part], staged: bool,
) -> dict[str, object]:
    """All that a message does, in the caller's transaction; what became of it, as the log tells it.

    Raises Condemned when parts of it are to be barred and it has to be done anew in another transaction. `staged`: as a
    test, whatever it says itself.
    """
    dispatch = Dispatch(unit, context, formats, now)
    progress = Progress(barred=barred, staged=staged)
    with await _spool(unit.inbox.content(stored.id)) as source:
        events = _events(source, stored.length, formats, context, stored.sender)
        async for event in events:
            try:
                await _take(event, progress, dispatch, stored.id, stored.sender)
            except Condemned as found:  # all there are: the file is read twice, not as often as it is bad
                rest = [_condemned(e) async for e in events if isinstance(e, Closing)]
                raise Condemned(found.parts.union(*rest)) from None
            reached("process.read")
    await _post_observations(unit, context, stored.id, progress)
    reached("process.posted")
    done = await _settle(unit, context, stored, progress)
    reached("process.settled")
    return done


async def _settle(unit: Unit, context: Context, stored: Message, progress: Progress) -> dict[str, object]:
    first = progress.first
    sender = (context.partner_at(first.format, first.sender) if first else None) or stored.sender
    receiver = context.partner_at(first.format, first.receiver) if first else None
    state = "processed" if progress.accepted else "rejected"
    test = progress.staged or (bool(progress.tests) and all(progress.tests))
    await unit.inbox.settle(
        stored.id, state, sender=sender, receiver=receiver, format=first.format if first else None,
        kind=" ".join(dict.fromkeys(progress.kinds)) or None, version=progress.version,
        control=first.control if first else None, findings=progress.findings, test=test,
    )
    known = tuple(dict.fromkeys(p for p in (sender, receiver) if p))
    progress.events[test].append(HubEvent(type=f"message.{state}", subject=stored.id, partners=known))
    for where, events in progress.events.items():
        if events:
            await unit.sandbox(where)
            await unit.events.publish(events)
    return {"state": state, "format": first.format if first else None, "test": test, "findings": len(progress.findings)}


async def _spool(content: AsyncIterator[bytes]) -> BinaryIO:
    file = cast(BinaryIO, SpooledTemporaryFile(max_size=SPOOL))  # noqa: SIM115  (the caller closes it)
    async for chunk in content:
        file.write(chunk)
    file.seek(0)
    return file


async def _events(
    source: BinaryIO, length: int, formats: Mapping[str, Format], context: Context, claimed: str | None
) -> AsyncIterator[Event]:
    """The file's events; but for a short one every step of the reader runs in a thread, so that no file stops the loop.

    It is one thread for the whole file: a tree of XML grown in one thread and cut in another breaks the process.
    """
    reader = identify(source, list(formats.values()), lambda interchange: context.guide(interchange, claimed))
    if length <= SHORT:
        for event in reader:
            yield event
        return
    steps: Iterator[Event] = iter(reader)
    thread = ThreadPoolExecutor(1, "read")
    try:
        loop = asyncio.get_running_loop()
        while (found := await loop.run_in_executor(thread, _next, steps)) is not None:
            yield found
    finally:
        if isinstance(steps, Generator):
            thread.submit(steps.close)
        thread.shutdown(wait=False)


def _next(steps: Iterator[Event]) -> Event | None:
    return next(steps, None)


async def _take(event: Event, progress: Progress, dispatch: Dispatch, message: str, claimed: str | None) -> None:
    match event:
        case Remark(finding):
            progress.findings.append(finding)
        case Opening(interchange):
            progress.first = progress.first or interchange
            await _enter(interchange, progress, dispatch, claimed)
            again = (interchange.ordinal, None) in progress.barred  # its number may be used once more
            progress.refusal, notes = (None, []) if again else await _refusal(interchange, dispatch, message, claimed)
            progress.findings += notes
            if progress.refusal:
                progress.findings.append(progress.refusal)
        case Reading():
            await _take_reading(event, progress, dispatch, message, claimed)
        case Closing():
            condemned = _condemned(event) - progress.barred
            if condemned and not progress.refusal:
                raise Condemned(condemned)
            await _post_waiting(progress)
            await dispatch.unit.sandbox(progress.test)
            progress.findings += event.findings
            progress.findings += [f for group in event.groups for f in group.findings]
            closing = replace(event, findings=(*event.findings, progress.refusal)) if progress.refusal else event
            await answer(closing, dispatch, message, claimed, progress.advices)
            progress.findings += await advise(closing, progress.advices, dispatch, message, claimed)
            progress.advices = []


async def _enter(interchange: Interchange, progress: Progress, dispatch: Dispatch, claimed: str | None) -> None:
    """Into the sandbox with an interchange that is a test, before anything is asked of its numbers."""
    sender = dispatch.context.partner_at(interchange.format, interchange.sender) or claimed
    progress.test = trial.whole(interchange, sender, progress.staged, dispatch.context)
    progress.tests.append(progress.test)
    await dispatch.unit.sandbox(progress.test)


def _condemned(closing: Closing) -> frozenset[Part]:
    """What is answered as rejected as a whole: the interchange, or (in EDIFACT) a group whose trailer is wrong. An X12
    group says so itself and its sets stand."""
    ordinal = closing.interchange.ordinal
    if closing.rejected:
        return frozenset({(ordinal, None)})
    if closing.interchange.format != "edifact":
        return frozenset()
    return frozenset(
        (ordinal, number) for number, group in enumerate(closing.groups, 1)
        if (group.code or group.control) and any(f.severity is Severity.ERROR for f in group.findings)
    )


async def _refusal(
    interchange: Interchange, dispatch: Dispatch, message: str, claimed: str | None
) -> tuple[Finding | None, list[Finding]]:
    """Why nothing in this interchange may be posted, or None: a sender we do not know or that is not who it says, a
    control number used before. And what else its number says."""
    context, where = dispatch.context, Where(interchange=interchange.ordinal)
    sender = context.partner_at(interchange.format, interchange.sender)
    if interchange.sender is None:
        sender = claimed
    if sender is None:
        shown = interchange.sender.id if interchange.sender else "nobody"
        return Finding(
            code="E-UNKNOWN-SENDER", severity=Severity.ERROR, where=where, value=shown,
            message=f"The sender {shown} is not a partner of this hub; nothing was posted, the file is kept.",
            hint="Check sender qualifier and id in the envelope, or have the hub's operator add them to a profile.",
        ), []
    if claimed is not None and sender != claimed:
        return Finding(
            code="E-SENDER-MISMATCH", severity=Severity.ERROR, where=where,
            value=interchange.sender.id if interchange.sender else None,
            message=f"The envelope names {sender}, but the file came over {claimed}'s channel; nothing was posted.",
            hint="Send each company's files over its own channel, or correct the sender in the envelope.",
        ), []
    return await numbered(interchange, sender, dispatch, message)


async def _take_reading(
    reading: Reading, progress: Progress, dispatch: Dispatch, message: str, claimed: str | None
) -> None:
    interchange = reading.interchange
    progress.kinds.append(reading.message)
    progress.version = progress.version or reading.version
    sender = dispatch.context.partner_at(interchange.format, interchange.sender) or claimed
    if progress.refuses(reading):
        reading = replace(reading, status=Status.REJECTED)
    sound = reading.document is not None and reading.status is not Status.REJECTED
    parties = dispatch.context.parties(reading.document, interchange, sender)
    tried = None if progress.test else trial.document(reading, parties, dispatch.context)
    test = progress.test or tried is not None
    posting = Posting(dispatch, message, reading, parties, progress.observed[test], test)
    if tried and sound:
        posting.findings.append(tried.model_copy(update={"where": posting.where}))
    if sound and isinstance(reading.document, (*REPORTS, Forecast)):
        await _wait(posting, progress)
        return
    if sound:  # what is not does not part a view in two
        await _post_waiting(progress)
    await dispatch.unit.sandbox(test)
    if sound:
        await post(posting)
    await _record(posting, progress)


async def _wait(posting: Posting, progress: Progress) -> None:
    """Reports of one kind and the same parties wait until there are BLOCK lines of them; the parts of a forecast until
    there are no more, because they are one view."""
    if progress.waiting and not goes_on(progress.waiting[0], posting):
        await _post_waiting(progress)
    progress.waiting.append(posting)
    progress.lines += lines_of(posting)
    if progress.lines >= BLOCK and isinstance(posting.reading.document, REPORTS):
        await _post_waiting(progress)


async def _post_waiting(progress: Progress) -> None:
    if progress.waiting:
        postings, progress.waiting, progress.lines = progress.waiting, [], 0
        await postings[0].dispatch.unit.sandbox(postings[0].test)
        if isinstance(postings[0].reading.document, Forecast):
            await post_forecast(postings)
        else:
            await asyncio.to_thread(observe, postings)
        for posting in postings:
            await _record(posting, progress)


async def _record(posting: Posting, progress: Progress) -> None:
    """The transaction as it was received and what became of it, in the document log."""
    reading = replace(posting.reading, findings=(*posting.reading.findings, *posting.findings))
    progress.events[posting.test] += posting.events
    progress.accepted += reading.status is not Status.REJECTED
    progress.findings += reading.findings
    if posting.findings and reading.status is not Status.REJECTED:
        progress.advices.append(Advised(posting.reading, tuple(posting.findings), posting.parties))
    await posting.dispatch.unit.documents.add(
        posting.message, reading, posting.parties.sender, posting.parties.receiver)


async def _post_observations(unit: Unit, context: Context, message: str, progress: Progress) -> None:
    """What is reported under an agreement that is not live goes to the sandbox, whoever reports it."""
    keys = ["agreement", "gtin", "gln", "measure", "period"]
    live = {a.name: context.is_live(a) for a in context.agreements}
    for test, observed in progress.observed.items():
        if not observed:
            continue
        rows = pl.concat(observed).group_by(keys, maintain_order=True).agg(pl.col("quantity").sum())
        for (agreement,), part in rows.group_by("agreement", maintain_order=True):
            await unit.sandbox(test or not live[str(agreement)])
            await unit.observations.post(str(agreement), message, part.drop("agreement"))
