"""What the AS2 door and its transport do in the hub: receipts owed and received, and who is told of refusals."""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from adapters.transports.as2.fault import Fault
from adapters.transports.as2.mime import heading
from adapters.transports.as2.package import expected_mic
from adapters.transports.as2.push import conclude, kind_of
from adapters.transports.as2.receipt import Statement
from adapters.transports.as2.server import Crew
from hub.errors import NotFound, Reject, Retry
from hub.killpoint import reached
from hub.model.alert import Alert
from hub.model.event import HubEvent
from hub.model.profile import Profile
from hub.ports import Answer, Delivery, Parcel, Receipt, Units

OURS = re.compile(r"<(msg_[A-Za-z0-9_-]+)@[^>]*>")


@dataclass(frozen=True, slots=True)
class As2House:
    """The hub behind the AS2 door."""

    units: Units
    inbox: Callable[[Parcel], Awaitable[Receipt]]
    directory: Callable[[], Awaitable[Mapping[str, Profile]]]
    crew: Crew

    async def receive(self, parcel: Parcel) -> Receipt:
        return await self.inbox(parcel)

    async def partners(self) -> Mapping[str, Profile]:
        return await self.directory()

    async def owe(self, partner: str, message: str | None, url: str, receipt: Answer) -> None:
        """The receipt becomes a delivery of its own, with retries. A repeat of the message gets it once more."""
        content = heading({**receipt.headers, "Receipt-Delivery-Option": url}) + receipt.body
        async with self.units.worker() as unit:
            await unit.outbox.put(
                partner, "as2-receipt", f"{message or 'refused'}.mdn", content, sender=None, format="mdn", kind="MDN",
                version=None, control=None, in_reply_to=message)
        reached("as2.owed")

    async def refused(self, partner: str, fault: Fault, reference: str | None) -> None:
        """One alert for each partner and trouble, until somebody closes it."""
        async with self.units.worker() as unit:
            await unit.alerts.open(Alert(
                kind="as2.refused", subject=f"{partner} {fault.trouble}", partner=partner, severity="warning",
                message=f"An AS2 message of {partner} ({reference or 'without a Message-ID'}) was not taken, "
                        f"{fault.disposition}: {fault.message}",
                hint=f"{partner} was told: {fault.hint} Compare the table [as2] of its profile with what it uses."))

    async def receipted(
        self, partner: str, statement: Statement, proven: bool, headers: Mapping[str, str], content: bytes
    ) -> None:
        """A receipt that we did not wait for. A bad one makes the message a dead letter, which can be sent again."""
        match = OURS.fullmatch((statement.original or "").strip())
        if match is None:
            raise NotFound("The receipt names no message of this hub.")
        delivery, mic = await self._sent(match[1], partner)
        profile = (await self.partners())[partner]
        assert profile.as2 is not None  # noqa: S101  (or nobody had let the receipt in)
        if profile.as2.receipt_signed and not proven:  # anybody could have written it
            raise Reject("The receipt is not signed, as was agreed.", reason="BAD_RECEIPT")
        await self.keep(delivery.message, statement, proven, headers, content)
        reached("as2.receipted")
        expected = await self.crew.call(
            expected_mic, mic, delivery.filename, kind_of(delivery.format), profile.as2)
        try:
            words = conclude(statement, proven, match[0], expected, profile.as2)
        except (Reject, Retry) as bad:
            await self._bad(delivery, str(bad))
        else:
            await self._good(delivery, words)

    async def _sent(self, message: str, partner: str) -> tuple[Delivery, bytes]:
        """What we sent to that partner, with its bytes. Raises NotFound."""
        async with self.units.worker() as unit:
            delivery = await unit.deliveries.get(message)
            if delivery.receiver != partner or delivery.channel != "as2":
                raise NotFound("The receipt names no message that went to you over AS2.")
            return delivery, b"".join([chunk async for chunk in unit.inbox.content(message)])

    async def keep(
        self, message: str, statement: Statement, proven: bool, headers: Mapping[str, str], content: bytes
    ) -> None:
        """The receipt as it came goes into the audit, whose chain shows that nobody has changed it since."""
        async with self.units.worker() as unit:
            await unit.audit.record("as2", "receipt.received", message, {
                "disposition": statement.disposition, "mic": str(statement.mic) if statement.mic else None,
                "signed": proven, "content_type": headers.get("content-type"),
                "message_id": headers.get("message-id"), "body": base64.b64encode(content).decode()})
            await unit.deliveries.receipted(message)
            await unit.alerts.close("receipt.overdue", message)

    async def expect(self, message: str, seconds: float) -> None:
        async with self.units.worker() as unit:
            await unit.deliveries.expect_receipt(message, seconds)

    async def _good(self, delivery: Delivery, words: str) -> None:
        async with self.units.worker() as unit:
            await unit.events.publish([HubEvent(
                type="receipt.positive", subject=delivery.message, partners=(delivery.receiver,),
                data={"receipt": words})])
            await unit.alerts.close("acknowledgement.negative", delivery.message)

    async def _bad(self, delivery: Delivery, why: str) -> None:
        async with self.units.worker() as unit:
            await unit.dead_letters.add(delivery.message, "send", f"NEGATIVE_RECEIPT: {why}", delivery.attempts)
            await unit.alerts.open(Alert(
                kind="acknowledgement.negative", subject=delivery.message, partner=delivery.receiver,
                message=f"{delivery.receiver} does not vouch for {delivery.filename}: {why}",
                hint="Mend the cause with the partner, then `hub dead-letters replay ID`; or `hub dead-letters discard "
                     "ID`."))
