"""Inbound control numbers: a repeat refuses the interchange; a gap, a late one, a counter that began anew are told."""

from __future__ import annotations

from hub.errors import Finding, Severity, Where
from hub.flow.dispatch import Dispatch
from hub.model.exchange import Interchange
from hub.ports import Arrival

DIGITS = 15
"""Longer references are names, not numbers."""


async def numbered(
    interchange: Interchange, sender: str, dispatch: Dispatch, message: str
) -> tuple[Finding | None, list[Finding]]:
    """Why the interchange is refused, if it is; and what else its number says. Numbers count per pair of addresses."""
    control = interchange.control
    if control is None:
        return None, []
    if not (control.isascii() and control.isdigit() and len(control) <= DIGITS and interchange.sender):
        earlier = await dispatch.unit.inbox.seen_control(interchange, sender, message)
        return (_repeated(interchange, earlier) if earlier else None), []
    arrival = await dispatch.unit.controls.arrive(
        interchange.format, sender, interchange.sender, interchange.receiver, int(control))
    if arrival.kind == "repeated":
        return _repeated(interchange, arrival.earlier), []
    counts_by_pair = dispatch.context.profiles[sender].numbering == "per_receiver"
    return None, _told(interchange, arrival) if counts_by_pair else []


def _repeated(interchange: Interchange, earlier: str | None) -> Finding:
    where = f"in message {earlier}" if earlier else "in an earlier message"
    return Finding(
        code="E-DUPLICATE-CONTROL", severity=Severity.ERROR, where=Where(interchange=interchange.ordinal),
        value=interchange.control,
        message=f"Control number {interchange.control} was used before, {where}; nothing was posted.",
        hint="Give every new interchange the next number. If the content is new, send it again under a new number.",
    )


def _told(interchange: Interchange, arrival: Arrival) -> list[Finding]:
    if arrival.kind == "gap" and arrival.missing:
        first, last = arrival.missing
        which = f"{first} has" if first == last else f"{first} to {last} have"
        return [_note(
            interchange, "W-CONTROL-GAP", Severity.WARNING,
            f"Control number {interchange.control} follows {arrival.last}: {which} not arrived.",
            "Look whether these files were sent, and send what is missing; or set numbering to \"shared\" in the "
            "profile when this partner counts over all its receivers.",
        )]
    if arrival.kind == "late":
        return [_note(
            interchange, "W-CONTROL-LATE", Severity.INFO,
            f"Control number {interchange.control} came after {arrival.last}; it was taken.",
            "Nothing to do, unless files must be taken in order.",
        )]
    if arrival.kind == "wrapped":
        return [_note(
            interchange, "W-CONTROL-WRAPPED", Severity.INFO,
            f"After {arrival.last} the sender's counter began anew with {interchange.control}.",
            "Nothing to do: numbers of the turn before may be used again.",
        )]
    return []


def _note(interchange: Interchange, code: str, severity: Severity, message: str, hint: str) -> Finding:
    return Finding(
        code=code, severity=severity, where=Where(interchange=interchange.ordinal), value=interchange.control,
        message=message, hint=hint,
    )
