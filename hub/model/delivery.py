"""How files go out to a partner, and what is expected of it afterwards."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from hub.model.value import Value

Channel = Literal["folder", "mailbox", "http", "as2", "sftp"]
"""folder: a directory shared with the hub; mailbox: the partner fetches over HTTPS or SFTP; http: it hosts a server;
as2: one that speaks AS2, by the table [as2] of its profile; sftp: one with an SFTP server, by the table [sftp]."""


class DeliveryTerms(Value):
    """The table [delivery] of a profile. Hours may have fractions.

    `secret` names a file in the hub's directory of secrets (HUB_SECRETS) that holds the bearer token for `url`; the
    token itself never stands in a profile. `order` "kept": a file waits until the one before it has arrived; "free":
    others pass one that has to wait. After `patience_hours` of failing a delivery is given up. Of what calls for an
    acknowledgement, one is expected within `acknowledge_hours`; None: never.
    """

    channel: Channel = "folder"
    url: str | None = None
    secret: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    order: Literal["kept", "free"] = "kept"
    patience_hours: float = Field(48.0, gt=0)
    acknowledge_hours: float | None = Field(24.0, gt=0)

    @model_validator(mode="after")
    def _reachable(self) -> DeliveryTerms:
        if self.channel in ("http", "as2") and self.url is None:
            raise ValueError(f'channel "{self.channel}" needs the url of the partner\'s server')
        if self.url is not None and not safe(self.url):
            raise ValueError(f"{self.url!r} must begin with https:// (http:// only on loopback) and hold no password")
        return self


def safe(url: str) -> bool:
    """Whether a file and a token may be sent there: encrypted, or not leaving this machine."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname))


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
