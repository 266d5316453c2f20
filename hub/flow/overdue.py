"""Acknowledgements that do not come: found by the clock, told as alerts, over as soon as they arrive."""

from __future__ import annotations

from hub.killpoint import reached
from hub.model.alert import Alert
from hub.model.event import HubEvent
from hub.ports import Delivery, Units


async def find_overdue(units: Units) -> int:
    """Raise an alert for each message whose acknowledgement or receipt should be there by now, once; how many. Close
    the alerts of those that were answered after all."""
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
        unproven = await unit.deliveries.without_receipt()
        for delivery in unproven:
            await unit.alerts.open(without_receipt(delivery))
        if late:
            reached("overdue.marked")
    return len(late) + len(unproven)


def without_receipt(delivery: Delivery) -> Alert:
    sent = f"{delivery.delivered_at:%d %b %H:%M} UTC" if delivery.delivered_at else "earlier"
    return Alert(
        kind="receipt.overdue", subject=delivery.message, partner=delivery.receiver, severity="warning",
        message=f"{delivery.receiver} has sent no receipt (MDN) for {delivery.filename} of {sent}: nobody can prove "
                "that it arrived.",
        hint=f"Ask {delivery.receiver} whether it has the file, and whether it can reach our address for receipts; "
             f"`hub resend {delivery.message}` sends it again under the same Message-ID.",
    )


def overdue(delivery: Delivery) -> Alert:
    sent = f"{delivery.delivered_at:%d %b %H:%M} UTC" if delivery.delivered_at else "earlier"
    return Alert(
        kind="acknowledgement.overdue", subject=delivery.message, partner=delivery.receiver, severity="warning",
        message=f"{delivery.receiver} has not answered {delivery.kind} {delivery.control or ''} of {sent} with a "
                f"{delivery.expects}: nobody knows whether it was understood.".replace("  ", " "),
        hint=f"Ask {delivery.receiver} for the {delivery.expects}; if the file is not there, `hub resend "
             f"{delivery.message}`.",
    )
