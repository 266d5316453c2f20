"""Alerts by POST, as one JSON object, to a chat, a pager or a ticket system.

With a secret, `X-Hub-Signature-256` carries `sha256=` and the HMAC-SHA-256 of the body in hex, so that the receiver
knows who speaks.
"""

from __future__ import annotations

import hashlib
import hmac
import json

import httpx

from hub.errors import Retry
from hub.ports import Raised


class Webhook:
    name = "webhook"

    def __init__(self, url: str, secret: str | None = None) -> None:
        self._url = url
        self._secret = secret

    async def tell(self, raised: Raised) -> None:
        body = json.dumps(told(raised), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "cpfr-hub"}
        if self._secret is not None:
            seal = hmac.new(self._secret.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Hub-Signature-256"] = f"sha256={seal}"
        try:
            async with httpx.AsyncClient(timeout=10.0, trust_env=False) as client:
                reply = await client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Retry(f"The webhook cannot be reached: {type(error).__name__}.") from error
        if not reply.is_success:
            raise Retry(f"The webhook answered {reply.status_code}.")


def told(raised: Raised) -> dict[str, str | None]:
    """An alert as others read it."""
    alert = raised.alert
    return {
        "id": raised.id, "at": raised.at.isoformat(), "kind": alert.kind, "severity": alert.severity,
        "subject": alert.subject, "partner": alert.partner, "message": alert.message, "hint": alert.hint,
    }
