"""What the hub's own checks found, told to the sender of a document: an 824 or an APERAK, besides the 997 or CONTRL.

A projection of the same findings that the log shows, for partners whose profile asks for it ([answers] application) and
names a table for `application_advice`. An advice is never answered with an advice.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from hub.errors import Finding
from hub.flow.context import Parties
from hub.flow.dispatch import Dispatch
from hub.model.advice import AdviceOutcome, AdvisedDocument, ApplicationAdvice, ApplicationError
from hub.model.exchange import Closing, Reading
from hub.model.finding import name_of
from hub.model.note import Note
from hub.model.party import Party
from hub.ports import Reporting
from schemas import facts

KIND = "application_advice"
SHORT, LONG = 60, 350
"""Characters of a text: what every dialect can carry (X12 element 3), and what the roomiest can (EDIFACT C108)."""
NOTE = 80


@dataclass(frozen=True, slots=True)
class Advised:
    """A document with what was found in it, beyond its syntax."""

    reading: Reading
    findings: tuple[Finding, ...]
    parties: Parties


async def advise(
    closing: Closing, advised: Sequence[Advised], dispatch: Dispatch, message: str, claimed: str | None
) -> list[Finding]:
    """Queue one advice for each document of an interchange that something is to be said about; findings say what could
    not be told."""
    interchange = closing.interchange
    receiver = claimed or dispatch.context.partner_at(interchange.format, interchange.sender)
    profile = dispatch.context.profiles.get(receiver) if receiver else None
    if profile is None or not profile.answers.application or closing.rejected:
        return []
    if isinstance(dispatch.formats.get(interchange.format), Reporting):
        return []  # its answer has told
    format = profile.receives.get(KIND, "").partition("/")[0]
    found: list[Finding] = []
    for one in advised:
        told = [f for f in one.findings if name_of(f) in facts.acknowledgements("application")]
        if not told or isinstance(one.reading.document, ApplicationAdvice):
            continue
        for length in (LONG, SHORT):
            advice = compose(one.reading, told, closing, dispatch, format, length)
            _, found_now = await dispatch.send(
                KIND, advice, sender=None, receiver=profile.name, cause=message, answers=True)
            if not any(f.code == "E-DIALECT-CANNOT-CARRY" for f in found_now):
                break
        found += found_now
    return found


def compose(
    reading: Reading, told: Sequence[Finding], closing: Closing, dispatch: Dispatch, format: str, length: int
) -> ApplicationAdvice:
    """The advice about one document, with texts of at most `length` characters and the rest as notes.

    An APERAK speaks of one document and says outcome and errors of the whole; an 824 says them of each document, which
    it finds again by the control numbers of its envelope.
    """
    group = closing.groups[reading.group - 1] if reading.group and reading.group <= len(closing.groups) else None
    head = getattr(reading.document, "header", reading.document)
    number = str(getattr(head, "number", None) or reading.control or "0")
    outcome, errors = _outcome(told), tuple(_error(f, format, number, length) for f in told)
    controls: list[str | None] = [closing.interchange.control, group.control if group else None, reading.control]
    advice = ApplicationAdvice(
        number="-".join(filter(None, controls)),
        issued_on=dispatch.now.date(),
        sender=Party(id=dispatch.context.hub_gln, scheme="gln"),
    )
    if format == "edifact":
        known = reading.message if reading.message in facts.codes("advised", format) else None
        document = AdvisedDocument(number=number, message=known)
        return advice.model_copy(update={"outcome": outcome, "documents": (document,), "errors": errors})
    document = AdvisedDocument(
        outcome=outcome, number=number, message=reading.message, group_control=group.control if group else None,
        control=reading.control, errors=errors,
    )
    return advice.model_copy(update={"documents": (document,)})


def _outcome(told: Sequence[Finding]) -> AdviceOutcome:
    codes = facts.acknowledgements("application")
    return "rejected" if any(codes[name_of(f)].get("rejects") for f in told) else "accepted_with_errors"


def _error(found: Finding, format: str, number: str, length: int) -> ApplicationError:
    """The clerk's words: the sentence, then the remedy."""
    words = f"{found.message} {found.hint}"
    first, *rest = textwrap.wrap(words, length)
    return ApplicationError(
        code=facts.acknowledgements("application")[name_of(found)].get(format, "024"), text=first, value=found.value,
        reference=number, notes=tuple(Note(text=line) for line in textwrap.wrap(" ".join(rest), NOTE)),
    )
