"""The answers to one X12 interchange: a TA1 about its envelope, and a 997 or 999 about each of its groups.

One list of findings, told in the codes of `schemas/ack/x12.toml`. A TA1 is sent when ISA14 asks for it and always when
something is wrong with the envelope: R rejects the interchange and with it every set, E notes what was tolerated. A
group FA is never answered, nor is a TA1: answers are the end of the matter. The answer goes back under the addresses,
separators and release of what it answers, so that its sender can surely read it.
"""

from __future__ import annotations

import re
from datetime import datetime

from adapters.mapping.dialect import Row
from adapters.x12.envelope import SYNTAX, Writer
from adapters.x12.functional import Form, errors, form, respond
from hub.errors import Finding, Severity
from hub.model.exchange import (
    Acknowledgement,
    Address,
    Closing,
    Envelope,
    GroupVerdict,
    Numbers,
)
from hub.model.finding import name_of
from schemas import facts

NOBODY = Address(id="")
REPEATED = ("INTERCHANGE-DUPLICATE", "DUPLICATE-CONTROL")
"""An interchange sent twice gets a TA1 alone: a 997 that rejects its groups would be taken for the first one's."""
NO_ERROR, INVALID_CONTENT = "000", "024"
_CONTROL_VERSION = re.compile(r"00[2-9]\d\d")


def acknowledge(closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
    """The answers to one interchange, none to one without addresses or with nothing but answers.

    A TA1 beside a 997 travels in an interchange of its own when `numbers.also` numbers it, else before the first group.
    """
    head = closing.interchange
    if head.sender is None or head.receiver is None:
        return []
    again = any(name_of(f) in REPEATED for f in errors(closing.findings))
    groups = [] if again else [g for g in closing.groups if g.code not in ("", "FA") and g.control]
    wants_ta1 = _wants_ta1(closing)
    answers: list[Acknowledgement] = []
    if wants_ta1 and (numbers.also is not None or not groups):
        answers.append(_interchange(closing, [], True, numbers, now))
        numbers = numbers.model_copy(update={"interchange": numbers.also}) if numbers.also is not None else numbers
        wants_ta1 = False
    if groups:
        answers.append(_interchange(closing, groups, wants_ta1, numbers, now))
    return answers


def _wants_ta1(closing: Closing) -> bool:
    """Whether something is wrong with the envelope, or an answer to it is wanted (never one to answers alone)."""
    if _note(closing.findings) != NO_ERROR or closing.rejected:
        return True
    answers = closing.receipts > 0 or any(g.code == "FA" for g in closing.groups)
    only_answers = answers and all(g.code == "FA" for g in closing.groups)
    return not only_answers and (closing.interchange.answer_requested or closing.wanted.interchange == "always")


def _interchange(
    closing: Closing,
    groups: list[GroupVerdict],
    ta1: bool,
    numbers: Numbers,
    now: datetime,
) -> Acknowledgement:
    head = closing.interchange
    ours, theirs = head.receiver or NOBODY, head.sender or NOBODY
    writer = Writer(
        Envelope(
            sender=ours,
            receiver=theirs,
            numbers=numbers,
            prepared_at=now,
            test=head.test,
            syntax=_syntax(closing),
        ),
        answering=True,
    )
    writer.open()
    if ta1:
        writer.segment(_ta1(closing))
    shapes: list[Form] = []
    for group in groups:
        shape = form(group, closing.wanted.functional, tuple(writer.marks[k] for k in _separators(writer)))
        rows = respond(group, closing.rejected, shape)
        writer.group("FA", shape.version, [(shape.kind, rows)], group.receiver, group.sender)
        shapes.append(shape)
    kinds = list(dict.fromkeys(shape.kind for shape in shapes)) or ["TA1"]
    return Acknowledgement(type=kinds[0], content=writer.close(), control=f"{numbers.interchange:09d}")


def _separators(writer: Writer) -> list[str]:
    repeats = ["repetition"] if writer.marks["version"] >= "00402" else []
    return ["element", "component", "segment", *repeats]


def _syntax(closing: Closing) -> dict[str, str]:
    """The sender's separators and control version, as far as they can be written back: not a blank or a letter, which
    stand in every text, nor one sign for two purposes."""
    said = closing.interchange.syntax
    syntax = {k: said[k] for k in ("element", "component", "segment", "repetition") if said.get(k)}
    signs = [{**SYNTAX, **syntax}[k] for k in ("element", "component", "segment")]
    if len(set(signs)) < len(signs) or any(sign == " " or sign.isalnum() for sign in signs):
        syntax = {}
    version = said.get("version", "")
    if _CONTROL_VERSION.fullmatch(version) and (version < "00402" or "repetition" in syntax):
        syntax["version"] = version
    return syntax


def _note(findings: tuple[Finding, ...]) -> str:
    """TA105: what is wrong with the envelope, errors before what was tolerated."""
    table = facts.acknowledgements("x12")
    for wanted in (Severity.ERROR, Severity.WARNING):
        for found in findings:
            fact = table.get(name_of(found), {})
            code = fact.get(f"ta105-{found.where.element or 0:02d}") or fact.get("ta105")
            if code and found.severity is wanted:
                return code
    return NO_ERROR


def _ta1(closing: Closing) -> Row:
    head = closing.interchange
    note = _note(closing.findings)
    if note == NO_ERROR and closing.rejected:
        note = INVALID_CONTENT
    letter = "R" if closing.rejected else "A" if note == NO_ERROR else "E"
    control = (head.control or "").rjust(9, "0")
    return ["TA1", control, head.syntax.get("date", ""), head.syntax.get("time", ""), letter, note]
