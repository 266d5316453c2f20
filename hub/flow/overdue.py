"""Acknowledgements that do not come: found by the clock, told as alerts, over as soon as they arrive."""

from __future__ import annotations

from hub.killpoint import reached
from hub.model.alert import Alert
from hub.model.event import HubEvent
from hub.ports import Delivery, Units


async def find_overdue(units: Units) -> int:
    """Raise an alert for each message whose acknowledgement should be there by now, once; how many. Close the alerts of
    those that were answered after all."""
    async with units.worker() as unit:
        late = await unit.deliveries.overdue()
        for delivery in late:
            await unit.alerts.open(overdue(delivery))
        await unit.events.publish(
            HubEvent(type="acknowledgement.overdue", subject=d.message, partners=(d.receiver,),
                     data={"expects": d.expects, "control": d.control})
            for d in late
        )
        await unit.deliveries.answered_late()
        if late:
            reached("overdue.marked")
    return len(late)


def overdue(delivery: Delivery) -> Alert:
    sent = f"{delivery.delivered_at:%d %b %H:%M} UTC" if delivery.delivered_at else "earlier"
    return Alert(
        kind="acknowledgement.overdue", subject=delivery.message, partner=delivery.receiver, severity="warning",
        message=f"{delivery.receiver} has not answered {delivery.kind} {delivery.control or ''} of {sent} with a "
                f"{delivery.expects}: nobody knows whether it was understood.".replace("  ", " "),
        hint=f"Ask {delivery.receiver} for the {delivery.expects}; if the file is not there, `hub resend "
             f"{delivery.message}`.",
    )
