"""The 997 and 999 for one functional group: the same findings, told in the segments of either.

997 (X12 AK1-AK9) is what every release knows. 999 (005010X231) says the same with IK3, IK4 and IK5, names the release
of the group in AK103, and adds CTX: the document that a faulty segment belongs to, and what made an absent element
necessary. AK3 and IK3 count segments from ST = 1; the loop (447) is the one of the message's table. AK4 and IK4 name an
element by its number and place; the copy of a bad value is left out where it would itself break the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from adapters.mapping.dialect import COMPONENT, Row, trimmed
from adapters.mapping.segment import element_fact
from hub.errors import Finding, Severity
from hub.model.exchange import GroupVerdict, Status, Verdict
from hub.model.finding import name_of
from schemas import facts

LETTERS = {Status.ACCEPTED: "A", Status.ACCEPTED_WITH_ERRORS: "E", Status.REJECTED: "R"}
VERSION = "004010"
"""Of an answer to a group that names no release."""
IMPLEMENTATION = "005010X231"
SINCE = "005010"
"""The first release in which a 999 may answer, and in which AK4 counts repetitions."""
MOST_SETS = 999_999
"""What AK902 can say; of a trailer that says more it is our own count."""
MAX_CODES = 5
MAX_COPY = 99
MAX_REFERENCE = 35
_RELEASE = re.compile(r"\d{6}[A-Z0-9]{0,6}")
_TAG = re.compile(r"[A-Z0-9]{2,3}")
_SEGMENTS_IN_ERROR = "5"
_ELEMENTS_IN_ERROR = "8"


@dataclass(frozen=True, slots=True)
class Form:
    """One of the two answers. `marks` are the separators of the interchange that carries it."""

    kind: str
    version: str
    segment: str
    element: str
    trailer: str
    marks: tuple[str, ...]

    @property
    def detailed(self) -> bool:
        return self.kind == "999"


def form(group: GroupVerdict, wanted: str, marks: tuple[str, ...]) -> Form:
    """A 999 where it is wanted and the group's release has one, otherwise the 997 of the group's release."""
    version = group.version if group.version and _RELEASE.fullmatch(group.version) else VERSION
    if wanted == "999" and version[:6] >= SINCE:
        return Form("999", IMPLEMENTATION, "IK3", "IK4", "IK5", marks)
    return Form("997", version, "AK3", "AK4", "AK5", marks)


def respond(group: GroupVerdict, rejected: bool, shape: Form) -> Iterator[Row]:
    """The rows between ST and SE. `rejected`: the interchange is, so nothing of this group is accepted."""
    release = [group.version] if shape.detailed and group.version else []
    yield ["AK1", group.code, group.control or "", *release]
    accepted, noted = 0, False
    for verdict in group.verdicts:
        status = Status.REJECTED if rejected else verdict.status
        accepted += status is not Status.REJECTED
        noted |= status is Status.ACCEPTED_WITH_ERRORS
        yield ["AK2", verdict.message or "000", (verdict.control or "0001")[:9]]
        if status is Status.ACCEPTED and not (verdict.findings and errors(verdict.findings)):
            yield [shape.trailer, LETTERS[status]]
            continue
        told = list(_segments(verdict, shape))
        yield from told
        codes = codes_of(verdict.findings, "ak502") if status is not Status.ACCEPTED else []
        if any(True for _ in _placed(verdict)) or (verdict.status is Status.REJECTED and not codes):
            codes.append(_SEGMENTS_IN_ERROR)
        yield trimmed([shape.trailer, LETTERS[status], *codes[:MAX_CODES]])
    included = group.received if group.included is None or group.included > MOST_SETS else group.included
    counts = [str(n) for n in (included, group.received, accepted)]
    codes = codes_of(group.findings, "ak905")
    yield trimmed(["AK9", _letter(group, accepted, rejected, noted), *counts, *codes[:MAX_CODES]])


def errors(findings: tuple[Finding, ...]) -> list[Finding]:
    return [f for f in findings if f.severity is Severity.ERROR]


def codes_of(findings: tuple[Finding, ...], kind: str) -> list[str]:
    """The distinct codes of one kind among the errors, in order."""
    table = facts.acknowledgements("x12")
    found = (table.get(name_of(f), {}).get(kind) for f in errors(findings))
    return list(dict.fromkeys(code for code in found if code))


def _letter(group: GroupVerdict, accepted: int, rejected: bool, noted: bool) -> str:
    """AK901: P when some sets are accepted and some are not; E when all are, but something was noted."""
    if rejected or (accepted == 0 and group.received > 0):
        return "R"
    if accepted < group.received:
        return "P"
    return "E" if noted or errors(group.findings) else "A"


def _placed(verdict: Verdict) -> Iterator[tuple[Finding, str, bool]]:
    """The errors that AK3 can tell, each with its code and whether it is one of an element."""
    table = facts.acknowledgements("x12")
    for found in errors(verdict.findings):
        fact = table.get(name_of(found), {})
        if not found.where.segment or not _TAG.fullmatch((found.where.tag or "")[:3]):
            continue
        if "ak304" in fact:
            yield found, fact["ak304"], False
        elif "ak403" in fact and found.where.element:
            yield found, fact["ak403"], True


def _segments(verdict: Verdict, shape: Form) -> Iterator[Row]:
    """AK3 for each faulty segment and AK4 for its elements, in the order of the message."""
    placed = sorted(_placed(verdict), key=lambda one: one[0].where.segment or 0)
    for (number, tag), found in groupby(placed, key=lambda one: (one[0].where.segment or 0, one[0].where.tag or "")):
        together = list(found)
        loop = next((f.loop for f, _, _ in together if f.loop), "")
        head = [shape.segment, tag[:3], str(number), loop]
        for _, code, inside in together:
            if not inside:
                yield [*head, code]
                yield from _business_unit(verdict, shape)
        inner = [(f, code) for f, code, inside in together if inside]
        if inner:
            yield [*head, _ELEMENTS_IN_ERROR]
            yield from _business_unit(verdict, shape)
            for one, code in inner:
                yield _element(one, code, verdict.version, shape)
                yield from _trigger(one, number, tag, loop, verdict.version, shape)


def _element(found: Finding, code: str, version: str | None, shape: Form) -> Row:
    where = found.where
    number = _reference_number(where.tag, where.element, where.component, version)
    return trimmed([shape.element, _position(found, shape), number, code, _copy(found.value, shape)])


def _position(found: Finding, shape: Form) -> str:
    """C030: the element, its component, and since 005010 its repetition."""
    where = found.where
    parts = [str(where.element or ""), str(where.component or "")]
    if where.repeat and shape.version[:6] >= SINCE:
        parts.append(str(where.repeat))
    return trimmed(["", COMPONENT.join(parts)])[1]


def _reference_number(tag: str | None, element: int | None, component: int | None, version: str | None) -> str:
    """Element 725 (a composite has none)."""
    segment = facts.dictionary("x12", (version or VERSION)[:6]).segments.get(tag or "")
    use = element_fact(segment, element, component)
    return use.number if use and use.element and use.number.isdigit() else ""


def _copy(value: str | None, shape: Form) -> str:
    """Element 724, AN 1/99: the bad value, where it can be repeated without being a fault of the answer itself."""
    text = (value or "").rstrip(" ")
    legal = len(text) <= MAX_COPY and text.isascii() and text.isprintable()
    return text if text and legal and not any(mark in text for mark in shape.marks) else ""


# -- CTX, of the 999 alone -----------------------------------------------------------------------------------------


def _business_unit(verdict: Verdict, shape: Form) -> Iterator[Row]:
    """CTX01: where the number of the document stands, and the number (at most its first 35 characters)."""
    if shape.detailed and verdict.reference:
        name, text = verdict.reference
        if text := _copy(text[:MAX_REFERENCE], shape):
            yield ["CTX", f"{name}{COMPONENT}{text}"]


def _trigger(found: Finding, number: int, tag: str, loop: str, version: str | None, shape: Form) -> Iterator[Row]:
    """What a syntax note made depend: the other element of the rule, where there is no doubt which."""
    positions = re.findall(r"\d\d", found.rule or "")
    others = [int(p) for p in positions if int(p) != found.where.element]
    sure = len(others) == 1 or (others and found.rule and found.rule[0] in "CL" and int(positions[0]) == others[0])
    if not shape.detailed or not sure or not found.rule or found.rule[0] == "R":
        return
    reference = _reference_number(tag, others[0], None, version)
    yield trimmed(["CTX", "SITUATIONAL TRIGGER", tag[:3], str(number), loop, str(others[0]), reference])
