"""Partner profile: how a partner speaks, and where its files go."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from hub.model.agreement import Policy, Weekday
from hub.model.as2 import As2Terms
from hub.model.delivery import DeliveryTerms
from hub.model.exchange import Address, Answers, Writing
from hub.model.item import GLN
from hub.model.quota import QuotaTerms
from hub.model.retention import RetentionTerms
from hub.model.sftp import SftpTerms
from hub.model.value import Value

Stage = Literal["drafted", "connected", "tested", "live"]
"""How far a partner is: on paper, reachable, proven by its samples, in business. Before the last one all that it sends
is a test, and nothing but tests goes out to it: to a drafted one nothing at all."""


class FormatAddress(Value):
    """The partner's envelope address in one format ("x12", "edifact", "csv")."""

    format: str
    address: Address


class Profile(Value):
    """Who a partner is, what it speaks and how it wants to be answered.

    `numbering`: whether its control numbers count for each receiver, so that one left out is missing, or over all.
    `receives` maps what goes out ("order", "order_response", "sales_forecast", "order_forecast", "activity",
    "inventory") to the table that it is written with, for example "edifact/D96A/ORDERS".
    `xsd` maps documents ("ubl/Order", "gs1/order") to the partner's own schema, a file in its directory xsd/.
    `stage` is where the partner begins; once it is in the hub, `hub partner stage` and `hub partner test` move it.
    `trying` are kinds of documents ("despatch", "invoice") that it still tests, in and out, when it is live otherwise.
    `takes_tests`: what others send it as a test is delivered to it, marked so, even when it is live.
    `tls_certificates` are the client certificates with which it comes, as PEM: so that their end is not overlooked.
    `certificate_role` is what a certificate may do that names no account, as long as nobody has opened the account
    "certificate": read and trade, only read, or nothing. To plan or to administer takes an account.
    """

    name: str
    title: str
    kind: Literal["supplier", "manufacturer", "distributor", "retailer"]
    gln: GLN
    addresses: tuple[FormatAddress, ...]
    week_start: Weekday = "monday"
    policy: Policy = "accept_with_errors"
    receives: dict[str, str] = {}
    xsd: dict[str, str] = {}
    delivery: DeliveryTerms = DeliveryTerms()
    answers: Answers = Answers()
    writing: Writing = Writing()
    numbering: Literal["per_receiver", "shared"] = "per_receiver"
    as2: As2Terms | None = None
    sftp: SftpTerms | None = None
    stage: Stage = "live"
    trying: tuple[str, ...] = ()
    takes_tests: bool = False
    tls_certificates: tuple[str, ...] = ()
    certificate_role: Literal["operator", "viewer", "nobody"] = "operator"
    retention: RetentionTerms = RetentionTerms()
    quota: QuotaTerms = QuotaTerms()

    @property
    def live(self) -> bool:
        return self.stage == "live"

    @model_validator(mode="after")
    def _carried(self) -> Profile:
        if self.delivery.channel == "sftp" and (self.sftp is None or self.sftp.put is None):
            raise ValueError('channel "sftp" needs a table [sftp] with the server, and the folder to put into')
        return self

    def address(self, format: str) -> Address | None:
        return next((a.address for a in self.addresses if a.format == format), None)
