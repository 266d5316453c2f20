"""What would become of a file, tried on the real database and taken back: what a partner sends, and what it gets."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from hub.errors import Finding, Reject, Severity
from hub.flow.context import Context
from hub.flow.identify import identify
from hub.flow.inbound import Condemned, Part, work
from hub.flow.post import kind_of
from hub.flow.words import in_words_of
from hub.model.bulk import Bulk
from hub.model.exchange import Document, Envelope, Numbers, Reading, Status
from hub.model.order import Order
from hub.model.profile import Profile
from hub.model.proof import Proof
from hub.ports import Clock, Format, Guide, Held, Message, Naming, Parcel, Unit, Units

UNKNOWN = {"E-UNKNOWN-ORDER"}
"""What is wrong with a sample only because it stands alone."""


class TakenBack(Exception):
    """All was seen; nothing of it shall stay."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A file of a partner's directory."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How a file came out: the message as it would be logged, its documents by kind, the answers by type."""

    message: Message
    documents: tuple[str, ...]
    answers: tuple[str, ...]


async def rehearse(
    units: Units, formats: Mapping[str, Format], partner: str, sample: Sample, *, clock: Clock, hub_gln: str,
    given: Sequence[Document] = (),
) -> Rehearsal:
    """Receive and process a file of `partner` as a test, then roll everything back. Orders among `given`, which it has
    got before, can be answered."""
    barred: frozenset[Part] = frozenset()
    while True:
        seen: list[Rehearsal] = []
        try:
            async with units.worker() as unit:
                await unit.sandbox(True)
                await unit.controls.forget(partner)  # a sample may be tried as often as one likes
                context = await Context.load(unit, hub_gln, clock.now().date())
                await _place(unit, given, context)
                held = Held(io.BytesIO(sample.content), f"rehearsal {token_hex(16)}", len(sample.content))
                receipt = await unit.inbox.receive(Parcel(
                    _none(), "rehearsal", partner, clock.now(), sample.name, held=held), len(sample.content))
                stored = await unit.inbox.get(receipt.message)
                await work(unit, formats, stored, clock.now(), context, barred, staged=True)
                documents = await unit.documents.of_message(stored.id)
                written = [m for m in await unit.inbox.find(stored.id, 500) if m.in_reply_to == stored.id]
                seen.append(Rehearsal(
                    await unit.inbox.get(stored.id), tuple(d.kind for d in documents if d.kind),
                    tuple(m.message or "" for m in written if m.sender is None)))
                raise TakenBack
        except TakenBack:
            return seen[0]
        except Condemned as found:
            barred |= found.parts


async def _place(unit: Unit, given: Sequence[Document], context: Context) -> None:
    for order in (document for document in given if isinstance(document, Order)):
        buyer, seller = (context.by_gln.get(side.id) if side else None for side in (order.buyer, order.seller))
        if buyer and seller:
            await unit.orders.place(order, buyer, seller, None)


async def _none() -> AsyncIterator[bytes]:
    """The bytes are held already."""
    return
    yield b""


def proven_in(sample: Sample, tried: Rehearsal) -> Proof:
    """What the hub makes of a file that the partner sends."""
    found = tried.message.findings
    if wrong := next((f for f in found if f.severity is Severity.ERROR), None):
        more = sum(f.severity is Severity.ERROR for f in found) - 1
        told = f"{wrong.code}: {wrong.message}" + (f" And {more} more." if more else "")
        if wrong.code in UNKNOWN:
            return Proof(area="in", what=sample.name, outcome="open", told=told,
                         remedy="Put the order that it speaks of into samples/out/.")
        return Proof(area="in", what=sample.name, outcome="failed", told=told, remedy=wrong.hint)
    if tried.message.state != "processed":
        return Proof(area="in", what=sample.name, outcome="failed", told=f"It would be {tried.message.state}.",
                     remedy="See `hub explain` for this file.")
    each = (f"{tried.documents.count(kind)} {kind}" for kind in dict.fromkeys(tried.documents))
    kinds = ", ".join(each) or "no document"
    answers = ", ".join(dict.fromkeys(tried.answers)) or "nothing"
    notes = sum(f.severity is Severity.WARNING for f in found)
    noted = f", {notes} warning{'' if notes == 1 else 's'}" if notes else ""
    told = f"{tried.message.message} read as {kinds}, answered with {answers}"
    return Proof(area="in", what=sample.name, outcome="passed", told=told + noted)


def documents_in(formats: Mapping[str, Format], partner: str, sample: Sample) -> list[Document]:
    """The sound documents of a file, read by that partner's tables."""
    events = identify(io.BytesIO(sample.content), list(formats.values()), lambda _: Guide(partner))
    found = (e for e in events if isinstance(e, Reading) and e.status is not Status.REJECTED)
    return [reading.document for reading in found if reading.document is not None]


def proven_out(
    formats: Mapping[str, Format], profile: Profile, context: Context, own: Sequence[Document],
    borrowed: Sequence[Document], now: datetime,
) -> list[Proof]:
    """For each kind that the partner receives: a document written by its table, read again and compared. Where there is
    none of its `own` it is `borrowed` from what it sends; such a one proves nothing against the table."""
    by_kind = {kind_of(document): document for document in reversed([*own, *borrowed])}
    has = {kind_of(document) for document in own}
    return [
        _written(formats, profile, context, by_kind[kind], kind in has, now) if kind in by_kind else _missing(
            f"{kind} by {table}", f"There is no sample of the kind {kind}.")
        for kind, table in profile.receives.items()
    ]


def _missing(what: str, told: str) -> Proof:
    return Proof(area="out", what=what, outcome="open", told=told,
                 remedy="Put a file with one, as the partner wants to get it, into samples/out/.")


def _written(
    formats: Mapping[str, Format], profile: Profile, context: Context, document: Document, own: bool, now: datetime
) -> Proof:
    kind = kind_of(document)
    table = profile.receives[kind]
    dialect = table.partition("/")[0]
    what, format = f"{kind} by {table}", formats[dialect]
    named = in_words_of(document, context, None, profile.name)
    envelope = Envelope(
        sender=context.address_of(None, dialect), receiver=context.address_of(profile.name, dialect),
        numbers=Numbers(interchange=1, group=1), prepared_at=now, test=True, syntax=profile.writing.syntax())
    try:
        content = format.write(table, [named], envelope, profile.name)
        again = documents_in(formats, profile.name, Sample(what, content))
        left_out = format.left_out(table, named, profile.name) if isinstance(format, Naming) else ()
        stable = bool(again) and format.write(table, again, envelope, profile.name) == content
    except Reject as refusal:
        if not own:
            return _missing(what, f"What it sends of the kind {kind} says too little for this table.")
        return Proof(area="out", what=what, outcome="failed", told=str(refusal),
                     remedy="Agree with the partner on another table, or on what it carries.")
    return _compared(what, named, again, left_out, stable)


def _compared(
    what: str, document: Document, again: Sequence[Document], left_out: Sequence[Finding], stable: bool
) -> Proof:
    """The same document; or the same but for what the dialect has no place for, and named so."""
    if not (len(again) == 1 and (same(document, again[0]) or (left_out and stable))):
        return Proof(area="out", what=what, outcome="failed", told="What was written reads as another document.",
                     remedy="Compare the partner's own rows of this table with the standard's.")
    losses = f"; it has no place for {len(left_out)} fields" if left_out else ""
    return Proof(area="out", what=what, outcome="passed", told=f"written, read again and the same{losses}")


def same(left: Document, right: Document) -> bool:
    if isinstance(left, Bulk) and isinstance(right, Bulk):
        return left.header == right.header and left.lines.equals(right.lines)
    return left == right
