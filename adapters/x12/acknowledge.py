"""TA1 and 997 (004010) out of what was found: one list of findings, told in the codes of `schemas/ack/x12.toml`.

Rules (997 implementation notes; X12.5 for TA1): a group FA is never acknowledged. AK3 names a segment by its number, ST
being 1. AK404 repeats a bad value only when that would not break the 997 itself. AK5 is A, E or R. AK9 is A when all
sets are, P when some are rejected, R when all are or the group itself is; its counts are those claimed, received and
accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from adapters.mapping.dialect import Row, trimmed
from adapters.mapping.segment import element_fact
from adapters.x12.envelope import Writer
from hub.errors import Finding, Severity
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

_LETTERS = {Status.ACCEPTED: "A", Status.ACCEPTED_WITH_ERRORS: "E", Status.REJECTED: "R"}
VERSION = "004010"
MAX_CODES = 5
NOBODY = Address(id="")
REPEATED = ("INTERCHANGE-DUPLICATE", "DUPLICATE-CONTROL")
"""An interchange sent twice gets a TA1 alone: a 997 that rejects its groups would be taken for the first one's."""


def acknowledge(closing: Closing, numbers: Numbers, now: datetime) -> list[Acknowledgement]:
    """The answers to one interchange. A TA1 when it was asked for or the envelope is wrong, a 997 per group.

    Both at once travel in two interchanges when `numbers.also` gives the second one a number, else in one.
    """
    head = closing.interchange
    if head.sender is None or head.receiver is None:
        return []
    again = any(name_of(f) in REPEATED for f in _errors(closing.findings))
    groups = [] if again else [g for g in closing.groups if g.code not in ("", "FA") and g.control]
    only_answers = bool(closing.groups) and not groups and all(g.code == "FA" for g in closing.groups)
    wants_ta1 = (head.answer_requested or bool(_errors(closing.findings))) and not (
        only_answers and not _errors(closing.findings)
    )
    answers: list[Acknowledgement] = []
    if wants_ta1 and (numbers.also is not None or not groups):
        answers.append(_interchange(closing, [], True, numbers, now))
        numbers = numbers.model_copy(update={"interchange": numbers.also}) if numbers.also is not None else numbers
        wants_ta1 = False
    if groups:
        answers.append(_interchange(closing, groups, wants_ta1, numbers, now))
    return answers


def _interchange(
    closing: Closing,
    groups: list[GroupVerdict],
    ta1: bool,
    numbers: Numbers,
    now: datetime,
) -> Acknowledgement:
    head = closing.interchange
    ours, theirs = head.receiver or NOBODY, head.sender or NOBODY
    # ISA12 of the answer is ours (00401); separators are the sender's, so that it can surely read them.
    syntax = {k: head.syntax[k] for k in ("element", "component", "segment") if head.syntax.get(k)}
    writer = Writer(
        Envelope(
            sender=ours, receiver=theirs, numbers=numbers, prepared_at=now, test=head.test, syntax=syntax
        ),
        answering=True,
    )
    writer.open()
    if ta1:
        writer.segment(_ta1(closing))
    for group in groups:
        rows = list(_997(group, closing.rejected, writer))
        writer.group("FA", VERSION, [("997", rows)], group.receiver, group.sender)
    return Acknowledgement(
        type="997" if groups else "TA1", content=writer.close(), control=f"{numbers.interchange:09d}"
    )


def _errors(findings: tuple[Finding, ...]) -> list[Finding]:
    return [f for f in findings if f.severity is Severity.ERROR]


def _codes(findings: tuple[Finding, ...], kind: str) -> list[str]:
    """The distinct codes of one kind among the errors, in order."""
    table = facts.acknowledgements("x12")
    found = (table.get(name_of(f), {}).get(kind) for f in _errors(findings))
    return list(dict.fromkeys(code for code in found if code))


def _ta1(closing: Closing) -> Row:
    head = closing.interchange
    note = next(iter(_codes(closing.findings, "ta105")), "000" if not closing.rejected else "024")
    return [
        "TA1",
        (head.control or "").rjust(9, "0"),
        head.syntax.get("date", ""),
        head.syntax.get("time", ""),
        "R" if closing.rejected else "A",
        note,
    ]


def _997(group: GroupVerdict, rejected: bool, writer: Writer) -> Iterator[Row]:
    yield ["AK1", group.code, group.control or ""]
    for verdict in group.verdicts:
        yield ["AK2", verdict.message or "000", verdict.control or "0001"]
        yield from _segment_errors(verdict, writer)
        codes = _codes(verdict.findings, "ak502") if verdict.status is not Status.ACCEPTED else []
        if any(f.where.segment and _level(f) for f in _errors(verdict.findings)):
            codes.append("5")
        if verdict.status is Status.REJECTED and not codes:
            codes = ["5"]
        yield trimmed(["AK5", _LETTERS[verdict.status], *codes[:MAX_CODES]])
    accepted = 0 if rejected else sum(1 for v in group.verdicts if v.status is not Status.REJECTED)
    codes = _codes(group.findings, "ak905")
    yield trimmed(
        [
            "AK9",
            _group_letter(group, accepted, rejected),
            str(group.included if group.included is not None else group.received),
            str(group.received),
            str(accepted),
            *codes[:MAX_CODES],
        ]
    )


def _group_letter(group: GroupVerdict, accepted: int, rejected: bool) -> str:
    if rejected or (accepted == 0 and group.received > 0):
        return "R"
    if accepted < group.received:
        return "P"
    noted = _errors(group.findings) or any(v.status is Status.ACCEPTED_WITH_ERRORS for v in group.verdicts)
    return "E" if noted else "A"


def _level(item: Finding) -> str | None:
    """Whether a finding belongs to a segment (ak304) or to an element of one (ak403)."""
    row = facts.acknowledgements("x12").get(name_of(item), {})
    return "ak304" if "ak304" in row else "ak403" if "ak403" in row else None


def _segment_errors(verdict: Verdict, writer: Writer) -> Iterator[Row]:
    """AK3 for each faulty segment and AK4 for its elements, in the order of the message."""
    errors = [f for f in _errors(verdict.findings) if f.where.segment and _level(f)]
    errors.sort(key=lambda f: f.where.segment or 0)
    table = facts.acknowledgements("x12")
    for (number, tag), found in groupby(errors, key=lambda f: (f.where.segment or 0, f.where.tag or "")):
        inside = []
        for one in found:
            if _level(one) == "ak304":
                yield ["AK3", tag[:3], str(number), "", table[name_of(one)]["ak304"]]
            else:
                inside.append(one)
        if inside:
            yield ["AK3", tag[:3], str(number), "", "8"]
            for one in inside:
                yield _element_error(one, table[name_of(one)]["ak403"], verdict.version, writer)


def _element_error(item: Finding, code: str, version: str | None, writer: Writer) -> Row:
    where = item.where
    segment = facts.dictionary("x12", (version or VERSION)[:6]).segments.get(where.tag or "")
    use = element_fact(segment, where.element, where.component)
    position = str(where.element) if not where.component else f"{where.element}\x1f{where.component}"
    number = use.number if use and use.element else ""
    return trimmed(["AK4", position, number, code, _copy(item.value, writer)])


def _copy(value: str | None, writer: Writer) -> str:
    """The bad value, where it can be repeated without being a fault of the 997 itself (AK404: AN 1/99)."""
    if not value or len(value) > 99 or not value.isprintable() or not value.isascii():
        return ""
    return "" if any(writer.marks[k] in value for k in ("element", "component", "segment")) else value
