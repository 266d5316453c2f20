"""What a partner says to what we sent: 997, 999, TA1, CONTRL about its syntax; 824 and APERAK about its content.

Each is matched to our message and to the transactions in it. One that refuses something opens an alert, which a planner
sees until what was refused is answered well or somebody closes it; one that fits nothing of ours is told.
"""

from __future__ import annotations

from hub.errors import Severity
from hub.flow.posting import Posting, pass_on
from hub.model.acknowledgement import Acknowledged, AcknowledgedTransaction, Outcome
from hub.model.advice import AdvisedDocument, ApplicationAdvice
from hub.model.alert import Alert
from hub.ports import Answered

KIND = "acknowledgement.negative"
SHOWN = 5


async def post_acknowledged(posting: Posting, answer: Acknowledged) -> None:
    """Matched by the number of the group (997, 999) or the interchange (TA1, CONTRL), then set by set."""
    sender, reading = posting.parties.sender, posting.reading
    scope = "group" if answer.code else "interchange"
    found = sender and await posting.dispatch.unit.outbox.acknowledged(
        sender, reading.interchange.format, answer, scope, posting.message)
    if not sender or not found:
        _unmatched(posting, answer.control)
        return
    for number in found.unknown[:SHOWN]:
        posting.say(
            "W-UNMATCHED-TRANSACTION", Severity.WARNING,
            f"The {reading.message} answers a transaction {number} that was not in our {scope} {answer.control}.",
            "Compare the numbers of the transactions with what you received.", number,
        )
    posting.tell("message.acknowledged", found.message, sender, outcome=answer.outcome)
    if answer.outcome in ("rejected", "partially_accepted") or found.rejected:
        await _alert(posting, sender, found, answer)
    elif answer.outcome != "received":
        await posting.dispatch.unit.alerts.close(KIND, found.message)


async def _alert(posting: Posting, sender: str, found: Answered, answer: Acknowledged) -> None:
    title = posting.dispatch.context.profiles[sender].title
    named = ", ".join(f"{kind} {control}" for kind, control in found.rejected[:SHOWN])
    more = f" and {len(found.rejected) - SHOWN} more" if len(found.rejected) > SHOWN else ""
    what = f"{named}{more} of our message" if answer.outcome != "rejected" and named else "our whole message"
    codes = tuple(dict.fromkeys(code for t in answer.transactions if t.outcome == "rejected" for code in t.codes))
    why = f" ({', '.join(codes[:SHOWN])})" if codes else ""
    await _raise(posting, sender, found.message, f"{title} refuses {what} {found.message}{why}.")


async def _raise(posting: Posting, sender: str, message: str, sentence: str) -> None:
    if not posting.test:  # who tries something out looks for the answer; nobody else is called
        await posting.dispatch.unit.alerts.open(Alert(
            kind="acknowledgement.negative", subject=message, partner=sender, message=sentence,
            hint="Read what was refused with `hub messages show`, mend its cause, and send it anew under new numbers.",
        ))
    posting.tell("message.refused", message, sender)


async def post_advice(posting: Posting, advice: ApplicationAdvice) -> None:
    """What a partner's application says: matched by the numbers of our envelope where it repeats them (824); what it
    refuses opens an alert. An advice between two partners is passed on."""
    receiver, sender = posting.parties.receiver, posting.parties.sender
    for document in advice.documents or (AdvisedDocument(),):
        outcome = document.outcome or advice.outcome
        found = await _advised(posting, document)
        errors = document.errors or advice.errors
        if sender and outcome in ("rejected", "partially_accepted", "accepted_with_errors"):
            words = "; ".join(e.text or e.code for e in errors[:SHOWN])
            name = " ".join(filter(None, (document.message, document.number))) or advice.number
            title = posting.dispatch.context.profiles[sender].title
            verb = "refuses" if outcome == "rejected" else "finds faults in"
            subject = found.message if found else f"{sender}:{name}"
            await _raise(posting, sender, subject, f"{title} {verb} {name}{': ' + words if words else ''}.")
        if document.group_control and not found and receiver in (None, sender):
            _unmatched(posting, document.group_control)
    if receiver and receiver != sender:
        await pass_on(posting, "application_advice", advice, receiver)


async def _advised(posting: Posting, document: AdvisedDocument) -> Answered | None:
    """Our message that a document of an advice was in; its 997 or CONTRL has said what became of its syntax."""
    sender = posting.parties.sender
    if not sender or not document.group_control:
        return None
    outcome: Outcome = "rejected" if document.outcome == "rejected" else "received"
    told = AcknowledgedTransaction(message=document.message, control=document.control or "", outcome=outcome)
    answer = Acknowledged(code=document.message, control=document.group_control, outcome="received",
                          transactions=(told,))
    return await posting.dispatch.unit.outbox.acknowledged(
        sender, posting.reading.interchange.format, answer, "advice", posting.message)


def _unmatched(posting: Posting, control: str) -> None:
    sender = posting.parties.sender
    posting.say(
        "W-UNMATCHED-ACKNOWLEDGEMENT", Severity.WARNING,
        f"Nothing that we sent to {sender or 'this sender'} carries the control number {control}.",
        "Compare the number with what you received; a mistyped one leaves our message unanswered.", control,
    )
