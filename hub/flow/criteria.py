"""A partner's exception criteria arrive: two engines find the same exceptions only by the same criteria."""

from __future__ import annotations

from collections import Counter

from hub.errors import Severity
from hub.flow.arrangement import criteria_document
from hub.flow.posting import Posting, pass_on
from hub.model.agreement import Agreement
from hub.model.exception_notice import Criterion, ExceptionCriteria

Said = Counter[str]


async def post_criteria(posting: Posting, document: ExceptionCriteria) -> None:
    """Held against what was agreed: a finding says where they differ. The agreement stands; the document is kept, and
    passed on to who it is addressed to."""
    agreement = _agreement(posting, document)
    if agreement is None:
        posting.say(
            "W-NO-AGREEMENT", Severity.WARNING,
            f"No agreement in force between {posting.parties.buyer or 'nobody'} and "
            f"{posting.parties.seller or 'nobody'}: the criteria are kept and compared with nothing.",
            "Name buyer and seller by the GLNs of their profiles.", document.number)
    else:
        _compare(posting, document, agreement)
    await pass_on(posting, "exception_criteria", document, posting.parties.receiver)


def _agreement(posting: Posting, document: ExceptionCriteria) -> Agreement | None:
    """The one between these two that the document's number names; else the first one."""
    sides = {posting.parties.buyer, posting.parties.seller}
    found = [a for a in posting.dispatch.context.of(posting.parties.sender) if {m.partner for m in a.members} == sides]
    return next((a for a in found if document.number.startswith(a.name)), found[0] if found else None)


def _compare(posting: Posting, document: ExceptionCriteria, agreement: Agreement) -> None:
    theirs, ours = _said(document), _said(criteria_document(agreement, posting.dispatch.context))
    if theirs == ours:
        return
    more, less = theirs - ours, ours - theirs
    posting.say(
        "W-CRITERIA-DIFFER", Severity.WARNING,
        f"These criteria are not those of agreement {agreement.name}: "
        + "; ".join([*(f"{one} is not agreed" for one in sorted(more)), *(f"{one} is missing" for one in sorted(less))])
        + ". The hub compares by the agreement.",
        f"See `hub agreement show {agreement.name}`; correct the criteria, or have both sides sign the agreement anew.",
        document.number)


def _said(document: ExceptionCriteria) -> Said:
    """Every criterion in words: a threshold with the number of weeks it holds for, one of performance with its metric
    and whose forecasts it judges."""
    return Counter(_metric(line) if line.metric else _threshold(line) for line in document.lines)


def _threshold(line: Criterion) -> str:
    weeks = ((line.end - line.start).days + 1) // 7 if line.start and line.end else "all"
    return f"{line.threshold.normalize():f} {line.unit or 'units'} for {weeks} week(s)"


def _metric(line: Criterion) -> str:
    made = f" {line.days.normalize():f} day(s) ahead" if line.days is not None else ""
    whose = f" of {line.source}" if line.source else ""
    return f"{line.metric} {line.threshold.normalize():f} {line.unit or 'units'}{whose}{made}"
