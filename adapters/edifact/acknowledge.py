"""CONTRL out of what was found, in the codes of `schemas/ack/edifact.toml`.

Syntax version 3 as UN/CEFACT D.3 has it, version 4 as ISO 9735-4: whichever the sender used.

Action 4 rejects, 7 acknowledges unless a lower level is rejected, 8 says no more than that the interchange arrived.
There is no "accepted with errors", so a message with errors that was taken is acknowledged. UCM stands for each message
that is not simply accepted, with UCS and UCD for the faults of a rejected one; UCF stands between for the groups.
Names and addresses are repeated as they were sent. CONTRL and APERAK are never answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from adapters.edifact.envelope import Writer, composite
from adapters.mapping.dialect import Row, trimmed
from hub.errors import Finding, Severity, Where
from hub.model.exchange import (
    Acknowledgement,
    Address,
    Closing,
    Envelope,
    GroupVerdict,
    Numbers,
    Status,
    Verdict,
)
from hub.model.finding import name_of
from schemas import facts

NEVER_ANSWERED = ("CONTRL", "APERAK")
REJECTED, ACKNOWLEDGED, RECEIVED = "4", "7", "8"
UNSPECIFIED = "18"
VERSION, VERSION_4 = "D3", "41"
"""Of CONTRL: what UNH says in syntax version 3, and in 4."""


def acknowledge(closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
    """The CONTRL for one interchange, back to its sender; none for a file without header or for answers alone."""
    head = closing.interchange
    if head.sender is None or head.receiver is None or _only_answers(closing):
        return []
    syntax = {"charset": head.syntax["charset"]} if head.syntax.get("charset", "").startswith("UNO") else {}
    said = head.syntax.get("syntax", "")[:1]
    newer = said == "4"
    syntax |= {"syntax": said} if said in ("1", "2", "3", "4") else {}
    envelope = Envelope(
        sender=head.receiver, receiver=head.sender, numbers=numbers, prepared_at=now, test=head.test, syntax=syntax
    )
    writer = Writer(envelope, answering=True)
    writer.open()
    writer.message("CONTRL", VERSION_4 if newer else VERSION, list(_rows(closing)))
    return [Acknowledgement(type="CONTRL", content=writer.close(), control=str(numbers.interchange))]


def _only_answers(closing: Closing) -> bool:
    messages = [v.message for g in closing.groups for v in g.verdicts]
    return bool(messages) and all(m in NEVER_ANSWERED for m in messages)


def _errors(findings: tuple[Finding, ...]) -> list[Finding]:
    return [f for f in findings if f.severity is Severity.ERROR]


def _fact(item: Finding) -> dict[str, str]:
    return dict(facts.acknowledgements("edifact").get(name_of(item), {}))


def _service_fault(findings: tuple[Finding, ...]) -> Row:
    """0085, 0013 and S011 of the first fault of a service segment."""
    item = next(iter(_errors(findings)), None)
    if item is None:
        return []
    fact = _fact(item)
    at = str(int(fact["element"]) + 1) if "element" in fact else ""  # the tag is position 1
    return [fact.get("d0085", UNSPECIFIED), fact.get("segment", ""), at]


def _rows(closing: Closing) -> Iterator[Row]:
    head = closing.interchange
    newer = head.syntax.get("syntax", "").startswith("4")
    yield trimmed(
        [
            "UCI",
            head.control or "",
            _address(head.sender),
            _address(head.receiver),
            _action(closing),
            *_service_fault(closing.findings),
        ]
    )
    if closing.rejected:
        return
    for group in closing.groups:
        if group.control or group.code:
            yield from _group(group, newer)
        else:
            yield from _messages(group, newer)


def _action(closing: Closing) -> str:
    """0083 of UCI: a mere receipt where that is wanted and there is nothing else to say."""
    if closing.rejected:
        return REJECTED
    sound = all(v.status is Status.ACCEPTED for g in closing.groups for v in g.verdicts)
    told = any(_errors(g.findings) for g in closing.groups)
    return RECEIVED if closing.wanted.contrl == "receipt" and sound and not told else ACKNOWLEDGED


def _address(address: Address | None) -> str:
    return trimmed(["", composite(address.id, address.qualifier)])[1] if address else ""


def _group(group: GroupVerdict, newer: bool) -> Iterator[Row]:
    errors = _errors(group.findings)
    yield trimmed(
        [
            "UCF",
            group.control or "",
            _address(Address(id=group.sender or "", qualifier=group.sender_qualifier)),
            _address(Address(id=group.receiver or "", qualifier=group.receiver_qualifier)),
            REJECTED if errors else ACKNOWLEDGED,
            *_service_fault(group.findings),
        ]
    )
    if not errors:
        yield from _messages(group, newer)


def _messages(group: GroupVerdict, newer: bool) -> Iterator[Row]:
    for verdict in group.verdicts:
        if verdict.message in NEVER_ANSWERED or verdict.status is Status.ACCEPTED:
            continue
        rejected = verdict.status is Status.REJECTED
        whole = [f for f in _errors(verdict.findings) if (f.where.segment or 1) == 1 or f.where.tag in ("UNH", "UNT")]
        yield trimmed(
            [
                "UCM",
                verdict.control or "0",
                _identifier(verdict),
                REJECTED if rejected else ACKNOWLEDGED,
                *(_message_fault(whole[0]) if rejected and whole else []),
            ]
        )
        if rejected:
            yield from _segment_faults([f for f in _errors(verdict.findings) if f not in whole], newer)


def _identifier(verdict: Verdict) -> str:
    """S009 as it was sent; made of type and version where nobody kept it."""
    version = verdict.version or "D96A"
    return verdict.identifier or composite(verdict.message or "UNKNWN", version[:1], version[1:], "UN")


def _message_fault(item: Finding) -> Row:
    where = item.where
    return [_fact(item).get("d0085", UNSPECIFIED), where.tag or "", _position(where) if where.element else ""]


def _position(where: Where, newer: bool = False) -> str:
    """S011: the segment tag counts as element 1 (0098), the components of a composite from 1 (0104); syntax version 4
    adds which repetition (0136)."""
    repeat = str(where.repeat) if newer and where.repeat else ""
    return trimmed(["", composite(str((where.element or 0) + 1), str(where.component or ""), repeat)])[1]


def _number(item: Finding) -> int:
    """0096: the segment; for a missing one, the last that stands before its place."""
    number = item.where.segment or 0
    return number - 1 if name_of(item) == "MISSING-SEGMENT" else number


def _segment_faults(errors: list[Finding], newer: bool) -> Iterator[Row]:
    """UCS for each faulty segment, UCD for its elements, in the order of the message."""
    placed = sorted((f for f in errors if f.where.segment), key=_number)
    for number, found in groupby(placed, key=_number):
        inside = list(found)
        whole = [f for f in inside if not f.where.element]
        yield trimmed(["UCS", str(number), _fact(whole[0]).get("d0085", UNSPECIFIED) if whole else ""])
        for item in inside:
            if item.where.element:
                yield trimmed(["UCD", _fact(item).get("d0085", UNSPECIFIED), _position(item.where, newer)])
