"""A partner on its way into business: drafted, connected, tested, live; each step audited with who took it and why."""

from __future__ import annotations

from hub.model.event import HubEvent
from hub.model.profile import Stage
from hub.ports import Unit

ORDER: tuple[Stage, ...] = ("drafted", "connected", "tested", "live")


async def move(unit: Unit, partner: str, stage: Stage, actor: str, reason: str) -> Stage | None:
    """Bring a partner to a stage; where it was before, None when it is there already. Raises NotFound."""
    before = await unit.partners.move(partner, stage, actor, reason)
    if before is not None:
        await unit.audit.record(actor, "partner.stage", partner, {"from": before, "to": stage, "reason": reason})
        await unit.events.publish([HubEvent(
            type="partner.stage", subject=partner, partners=(partner,), data={"from": before, "to": stage})])
    return before


async def advance(unit: Unit, partner: str, at: Stage, to: Stage, actor: str, reason: str) -> Stage:
    """As far as was proven: from `at` to `to`, never backwards and never past "tested"; where it is then."""
    if ORDER.index(to) > ORDER.index(at):
        await move(unit, partner, to, actor, reason)
        return to
    return at
