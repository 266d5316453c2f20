"""One transaction on its way into the hub's books: what its handler knows, says and passes on."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from hub.errors import Finding, Severity, Where
from hub.flow.context import Parties
from hub.flow.dispatch import Dispatch
from hub.model.event import HubEvent
from hub.model.exchange import Document, Reading


@dataclass(slots=True)
class Posting:
    """One transaction on its way into the hub's books. Handlers append to `findings` and `events`.

    `observed` collects rows of the whole message: one message and period is one immutable chunk in the store. `test`:
    it is posted in the sandbox.
    """

    dispatch: Dispatch
    message: str
    reading: Reading
    parties: Parties
    observed: list[pl.DataFrame]
    test: bool = False
    findings: list[Finding] = field(default_factory=list)
    events: list[HubEvent] = field(default_factory=list)

    @property
    def where(self) -> Where:
        r = self.reading
        return Where(interchange=r.interchange.ordinal, group=r.group, transaction=r.ordinal)

    def say(self, code: str, severity: Severity, message: str, hint: str, value: str | None = None) -> None:
        self.findings.append(
            Finding(code=code, severity=severity, where=self.where, message=message, hint=hint, value=value)
        )

    def tell(self, type: str, subject: str, *partners: str | None, **data: object) -> None:
        names = tuple(dict.fromkeys(p for p in partners if p))
        self.events.append(HubEvent(type=type, subject=subject, partners=names, data=data))


async def forward(posting: Posting, kind: str, document: Document, receiver: str) -> bool:
    """Whether it could be written in the receiver's dialect and is queued; if not, findings say why."""
    sent, findings = await posting.dispatch.send(
        kind, document, sender=posting.parties.sender, receiver=receiver, cause=posting.message)
    posting.findings += [f.model_copy(update={"where": posting.where}) for f in findings]
    if sent:
        posting.tell("message.routed", sent, posting.parties.sender, receiver, kind=kind)
    return sent is not None


def no_counterpart(posting: Posting, role: str) -> None:
    posting.say(
        "E-UNKNOWN-PARTNER", Severity.ERROR,
        f"The {role} is not named by a GLN that the hub knows, and the envelope names no such partner either.",
        f"Put the {role}'s GLN into the document (N1 with qualifier UL, NAD with agency 9) and send it again.",
    )


def not_yours(posting: Posting, what: str, owner: str) -> None:
    posting.say(
        "E-NOT-YOURS", Severity.ERROR,
        f"This {what} speaks for {owner}, but it came from {posting.parties.sender}; it was not posted.",
        "Send documents of your own side only.",
    )


async def pass_on(posting: Posting, kind: str, document: Document, receiver: str | None) -> bool:
    """Forward to a partner who has said how it receives this kind; told where it has not."""
    if receiver is None or receiver == posting.parties.sender:
        return False
    if kind in posting.dispatch.context.profiles[receiver].receives:
        return await forward(posting, kind, document, receiver)
    posting.say(
        "W-KEPT-NOT-FORWARDED", Severity.WARNING,
        f"The document is kept, but {receiver} has not said how it receives documents of the kind {kind}.",
        f"Ask {receiver} to name a table for {kind} in its profile; then send the document again.", kind,
    )
    return False
