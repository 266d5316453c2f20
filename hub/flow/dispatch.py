"""From a canonical document to bytes in the receiver's dialect, stored and queued in the transaction that caused them.

The bytes are made once, here, with a control number taken in the same transaction: a retry sends the same file again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from hub.errors import Finding, Reject, Severity
from hub.flow.context import Context
from hub.flow.marked import MARK, WITH_A_MARK
from hub.flow.words import in_words_of
from hub.model.exchange import Document, Envelope, Numbers, Sent
from hub.model.mention import mentioned
from hub.model.profile import Profile
from hub.ports import Format, Naming, Numbering, Portioning, Unit

EXPECTED = {"x12": "997", "edifact": "CONTRL", "ubl": "ApplicationResponse"}
"""How the receiver of each format answers."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """All that is needed to write to partners within one transaction."""

    unit: Unit
    context: Context
    formats: Mapping[str, Format]
    now: datetime

    async def send(
        self, kind: str, document: Document, *, sender: str | None, receiver: str, cause: str | None = None,
        answers: bool = False,
    ) -> tuple[str | None, tuple[Finding, ...]]:
        """Write `document` as `receiver` wants its `kind` and queue it; the public message id with findings on what
        was left out, or findings why not.

        `sender` is the partner on whose behalf the hub writes, None for the hub itself. In the sandbox the file is
        marked as a test; `answers`: it is for the one who sent the test.
        """
        profile = self.context.profiles[receiver]
        if not self.unit.test and not profile.live:
            return None, (_not_live(profile),)
        table = profile.receives.get(kind)
        if table is None:
            return None, (_no_dialect(receiver, kind),)
        named = in_words_of(document, self.context, sender, receiver)
        try:
            sent = await self._write(table, named, profile, sender, cause, answers)
        except Reject as refusal:
            return None, (_cannot_carry(table, refusal),)
        kept = () if self._delivers(profile, answers) else (_kept(table, profile, sent),)
        return sent, (*self._left_out(table, named, receiver), *kept)

    def _delivers(self, profile: Profile, answers: bool) -> bool:
        """Whether a file really goes out. To a drafted partner nothing does; the test of somebody else reaches a live
        partner only when it wants such, and is kept otherwise: what it would have got can be looked at."""
        if profile.stage == "drafted":
            return False
        return answers or not self.unit.test or not profile.live or profile.takes_tests

    def _left_out(self, table: str, document: Document, receiver: str) -> tuple[Finding, ...]:
        writer = self.formats[table.partition("/")[0]]
        return writer.left_out(table, document, receiver) if isinstance(writer, Naming) else ()

    async def _write(
        self, table: str, document: Document, profile: Profile, sender: str | None, cause: str | None, answers: bool
    ) -> str:
        """As many interchanges as the receiver's limits make of it; the first one's public id. What cannot be written
        is refused before it takes a number, so that the receiver sees no gap."""
        writer, numbers = self.formats[table.partition("/")[0]], sorted(mentioned(document))
        if not isinstance(writer, Portioning):
            envelope = await self._envelope(table, profile, sender)
            content = writer.write(table, [document], envelope, profile.name)
            return await self._queue(table, content, envelope, profile, sender, cause, answers, numbers)
        portions = list(writer.portions(table, [document], profile.writing, profile.name))
        if not portions:
            raise Reject("there is nothing in it", reason="NOTHING_TO_SAY")
        sent = []
        for portion in portions:
            envelope = await self._envelope(table, profile, sender)
            content = writer.bind(table, portion, envelope, profile.name)
            sent.append(await self._queue(table, content, envelope, profile, sender, cause, answers, numbers))
        return sent[0]

    async def _envelope(self, table: str, profile: Profile, sender: str | None) -> Envelope:
        format = table.partition("/")[0]
        source, target = (self.context.address_of(partner, format) for partner in (sender, profile.name))
        take = self.unit.controls.take
        number = await take(format, source, target)
        grouped = format == "x12" or profile.writing.groups
        group = await take(format, source, target, scope="group") if grouped else 1
        return Envelope(
            sender=source, receiver=target, numbers=Numbers(interchange=number, group=group), prepared_at=self.now,
            test=self.unit.test, syntax=profile.writing.syntax(),
        )

    async def _queue(
        self, table: str, content: bytes, envelope: Envelope, profile: Profile, sender: str | None, cause: str | None,
        answers: bool, numbers: Sequence[str],
    ) -> str:
        format, version, message = table.split("/")
        return await self.queue(
            profile.name, content, format=format, kind=message, version=version,
            control=str(envelope.numbers.interchange), sender=sender, cause=cause,
            expects=EXPECTED.get(format), sent=self._sent(format, content), answers=answers,
            numbers=numbers,
        )

    def _sent(self, format: str, content: bytes) -> tuple[Sent, ...]:
        writer = self.formats[format]
        return tuple(writer.sent(content)) if isinstance(writer, Numbering) else ()

    async def queue(
        self, receiver: str, content: bytes, *, format: str, kind: str, version: str | None, control: str | None,
        sender: str | None = None, cause: str | None = None, expects: str | None = None, sent: Sequence[Sent] = (),
        answers: bool = False, numbers: Sequence[str] = (),
    ) -> str:
        """Store finished bytes as an outbound message; a courier carries it once this transaction is committed.

        Control numbers count per pair, so the file name carries a random part as well. Nobody is pressed for the
        acknowledgement of a test.
        """
        profile = self.context.profiles[receiver]
        extension = {"x12": "x12", "edifact": "edi", "csv": "csv"}.get(format, "xml")
        mark = MARK if self.unit.test and format not in WITH_A_MARK else ""
        filename = f"{kind.lower()}-{self.now:%Y%m%d}-{control or 'report'}-{token_hex(4)}{mark}.{extension}"
        return await self.unit.outbox.put(
            receiver, profile.delivery.channel, filename, content, sender=sender, format=format, kind=kind,
            version=version, control=control, in_reply_to=cause, expects=None if self.unit.test else expects,
            sent=sent, deliver=self._delivers(profile, answers), numbers=numbers,
        )


def _no_dialect(receiver: str, kind: str) -> Finding:
    return Finding(
        code="E-NO-DIALECT", severity=Severity.ERROR, value=kind,
        message=f"Nothing is agreed about how {receiver} receives documents of the kind {kind}; it was not forwarded.",
        hint=f'Add {kind} to [receives] in the profile of {receiver} (as in order = "x12/004010/850"); then resend.',
    )


def _cannot_carry(table: str, refusal: Reject) -> Finding:
    return Finding(
        code="E-DIALECT-CANNOT-CARRY", severity=Severity.ERROR, value=table,
        message=f"The receiver's dialect {table} cannot carry this document: {refusal}",
        hint="Change the value named above and send the document again, or agree on another limit, charset or table.",
    )


def _not_live(receiver: Profile) -> Finding:
    return Finding(
        code="E-RECEIVER-NOT-LIVE", severity=Severity.ERROR, value=receiver.name,
        message=f"{receiver.title} is not live yet ({receiver.stage}); only tests are sent to it.",
        hint=f"Prove it with `hub partner test {receiver.name}`, then `hub partner stage {receiver.name} live`.",
    )


def _kept(table: str, receiver: Profile, message: str) -> Finding:
    return Finding(
        code="I-TEST-KEPT", severity=Severity.INFO, value=message,
        message=f"This is a test: what {receiver.title} would get was written by {table} and kept as {message}, not "
                "delivered.",
        hint=f"Look at it with `hub messages {message}`; a receiver that wants tests has `takes_tests = true` in its "
             "profile.",
    )
