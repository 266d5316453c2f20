"""What a planner should know before believing a plan: a partner has not said that it has, or understands, a file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from hub.ports import Raised, Unit

KINDS = ("acknowledgement.overdue", "receipt.overdue")


async def unanswered(unit: Unit, agreements: Collection[str]) -> tuple[Raised, ...]:
    """Files to partners of these agreements whose acknowledgement or receipt is overdue, the oldest first."""
    partners = {
        member.partner for agreement in await unit.partners.agreements() if agreement.name in agreements
        for member in agreement.members}
    found = [raised for kind in KINDS for raised in await unit.alerts.of_kind(kind) if raised.alert.partner in partners]
    return tuple(sorted(found, key=lambda raised: raised.at))


def unanswered_lines(found: Sequence[Raised]) -> list[dict[str, Any]]:
    return [{"partner": raised.alert.partner, "message": raised.alert.subject, "since": f"{raised.at:%Y-%m-%d %H:%M}",
             "what": raised.alert.message, "do": raised.alert.hint} for raised in found]
