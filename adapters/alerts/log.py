"""Alerts as lines of the log, for whoever collects those."""

from __future__ import annotations

import structlog

from hub.ports import Raised

log = structlog.get_logger("hub.alert")


class Log:
    name = "log"

    async def tell(self, raised: Raised) -> None:
        alert = raised.alert
        write = log.error if alert.severity == "error" else log.warning
        write("alert", alert=raised.id, kind=alert.kind, subject=alert.subject, partner=alert.partner)
