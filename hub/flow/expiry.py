"""Certificates that run out: told 30, 14, 7 and 1 days before, and when it has happened; each step once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from hub.model.alert import Alert
from hub.model.certificate import WatchedCertificate
from hub.model.proof import Proof
from hub.ports import Clock, Units

STEPS = (0, 1, 7, 14, 30)
"""Days before the end; 0 is the end itself."""
KIND = "certificate.expiring"


def step_of(certificate: WatchedCertificate, now: datetime) -> int | None:
    """At which of STEPS a certificate is; None while there is time."""
    left = (certificate.valid_to - now).total_seconds() / 86400
    return next((step for step in STEPS if left <= step), None)


def replaced(certificate: WatchedCertificate, among: Sequence[WatchedCertificate], now: datetime) -> bool:
    """Whether another one of the same owner and use is there already that lasts longer than the first step."""
    return any(
        (other.owner, other.use) == (certificate.owner, certificate.use) and other.valid_from <= now
        and step_of(other, now) is None for other in among)


async def look_at_certificates(
    units: Units, read: Callable[[], Awaitable[Sequence[WatchedCertificate]]], clock: Clock
) -> None:
    """As the watch does every hour."""
    await watch_certificates(units, await read(), clock.now())


async def watch_certificates(units: Units, found: Sequence[WatchedCertificate], now: datetime) -> int:
    """Raise what is due and was not told yet, close what is over; how many alerts were raised."""
    due = {subject_of(one, step): (one, step) for one in found
           if (step := step_of(one, now)) is not None and not replaced(one, found, now)}
    raised = 0
    async with units.worker() as unit:
        for open_ in await unit.alerts.of_kind(KIND):
            if open_.alert.subject not in due:
                await unit.alerts.close(KIND, open_.alert.subject)
        for subject, (one, step) in due.items():
            raised += await unit.alerts.open(expiring(one, step, subject, now), again=False)
    return raised


def subject_of(certificate: WatchedCertificate, step: int) -> str:
    when = f"{step} days" if step else "expired"
    return f"{certificate.owner} {certificate.use} {certificate.fingerprint[:16]} {when}"


def expiring(certificate: WatchedCertificate, step: int, subject: str, now: datetime) -> Alert:
    theirs = certificate.owner != "hub"
    whose = f"of {certificate.owner}" if theirs else "of the hub"
    left = certificate.days_left(now)
    until = f"has run out on {certificate.valid_to:%d %b %Y}" if step == 0 else (
        f"runs out on {certificate.valid_to:%d %b %Y}, in {left} day{'' if left == 1 else 's'}")
    remedy = "Ask for the new one, add it to the profile beside the old one and apply it" if theirs else (
        "Make a new one, lay it beside the old one, and send it to the partners")
    return Alert(
        kind=KIND, subject=subject, partner=certificate.owner if theirs else None,
        severity="warning" if step > 7 else "error",
        message=f"The certificate {certificate.subject} {whose} ({certificate.use}) {until}.",
        hint=f"{remedy}; `hub partner certificates` shows both.",
    )


def proven(found: Sequence[WatchedCertificate], now: datetime) -> list[Proof]:
    """The certificates as lines of a checklist."""
    lines = []
    for one in found:
        step, spare = step_of(one, now), replaced(one, found, now)
        outcome = "failed" if step == 0 and not spare else "open" if step is not None and not spare else "passed"
        lines.append(Proof(
            area="certificates", what=f"{one.owner}: {one.use}", outcome=outcome,
            told=f"{one.subject}, {one.days_left(now)} days left",
            remedy="" if outcome == "passed" else "A newer one is needed; add it beside this one."))
    return lines
