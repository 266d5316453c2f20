"""The answer to an interchange: in the sender's dialect, with the hub's next control number, queued with the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.flow.advise import Advised
from hub.flow.dispatch import Dispatch
from hub.model.exchange import Closing, Numbers
from hub.ports import Reporting

PROBE = Numbers(interchange=1, group=1)
GROUPED = ("997", "999")
"""Answers that stand in a group of their own, one for each that is answered."""


async def answer(
    closing: Closing, dispatch: Dispatch, message: str, claimed: str | None, checked: Sequence[Advised] = ()
) -> None:
    """Queue the acknowledgements that `closing` calls for, to the partner it came from; with what the hub's own checks
    found (`checked`), where the format has one answer for all.

    A control number is taken only when there is something to say, so that the partner sees no gap. The answer to a test
    is marked as one.
    """
    interchange = closing.interchange
    receiver = claimed or dispatch.context.partner_at(interchange.format, interchange.sender)
    format = dispatch.formats.get(interchange.format)
    if receiver and receiver in dispatch.context.profiles:
        closing = replace(closing, wanted=dispatch.context.profiles[receiver].answers)
    if receiver is None or format is None:
        return
    if isinstance(format, Reporting):
        closing = format.told(closing, [(one.reading, one.findings) for one in checked])
    if dispatch.unit.test:
        closing = replace(closing, interchange=interchange.model_copy(update={"test": True}))
    due = format.acknowledge(closing, PROBE, dispatch.now)
    if not due:
        return
    numbers = Numbers(interchange=0)
    if interchange.sender and interchange.receiver:
        ends = interchange.format, interchange.receiver, interchange.sender
        number = await dispatch.unit.controls.take(*ends)
        # one answer for each group that was sent; their numbers follow each other, for the row is ours until we commit
        answered = [g for g in closing.groups if g.control and any(reply.type in GROUPED for reply in due)]
        groups = [await dispatch.unit.controls.take(*ends, scope="group") for g in answered if g.code != "FA"]
        numbers = Numbers(interchange=number, group=groups[0] if groups else number)
    for reply in format.acknowledge(closing, numbers, dispatch.now):
        control = reply.control or (str(numbers.interchange) if numbers.interchange else None)
        await dispatch.queue(
            receiver, reply.content, format=interchange.format, kind=reply.type, version=interchange.version,
            control=control, cause=message, answers=True,
        )
