"""Small documents for the tests, and what a reader says to them."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from adapters.xml.door import Limits
from adapters.xml.format import Xml
from hub.errors import Finding
from hub.model.agreement import Policy
from hub.model.exchange import Address, Closing, Envelope, Event, Numbers, Opening, Reading, Remark
from hub.model.finding import name_of
from hub.ports import Guide

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC = f"{UBL}CommonAggregateComponents-2", f"{UBL}CommonBasicComponents-2"
ENVELOPE = Envelope(sender=Address(id="5412345000013"), receiver=Address(id="4012345000009"),
                    numbers=Numbers(interchange=7), prepared_at=NOW)
LINE = """<cac:ForecastLine><cbc:ID>{n}</cbc:ID><cbc:ForecastTypeCode>TOTAL</cbc:ForecastTypeCode>
<cac:ForecastPeriod><cbc:StartDate>2026-11-23</cbc:StartDate><cbc:EndDate>2026-11-29</cbc:EndDate></cac:ForecastPeriod>
<cac:SalesItem><cbc:Quantity unitCode="CS">{n}</cbc:Quantity><cac:Item><cac:StandardItemIdentification>
<cbc:ID schemeID="GTIN">04012345000016</cbc:ID></cac:StandardItemIdentification></cac:Item></cac:SalesItem>
</cac:ForecastLine>"""
HEAD = """<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:ID>F1</cbc:ID><cbc:IssueDate>2026-11-22</cbc:IssueDate>
<cbc:ForecastPurposeCode>SALES_FORECAST</cbc:ForecastPurposeCode><cac:ForecastPeriod/><cac:SenderParty/>
<cac:ReceiverParty/>"""
ORDER = """<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:ID>PO1</cbc:ID><cbc:IssueDate>2026-11-22</cbc:IssueDate>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cac:BuyerCustomerParty/><cac:SellerSupplierParty/>
<cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode="CS">12</cbc:Quantity>
<cac:Item><cbc:Name>LAMP</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine>"""


def ubl(document: str, body: str, before: str = "", attributes: str = "") -> str:
    """A UBL document; `before` stands before its first tag."""
    return (f'{before}<{document} xmlns="{UBL}{document}-2" xmlns:cac="{CAC}" xmlns:cbc="{CBC}"{attributes}>\n'
            f"{body}\n</{document}>")


def forecast(lines: int = 1, head: str = HEAD, line: str = LINE) -> str:
    """A Forecast with so many lines."""
    return ubl("Forecast", head + "\n" + "\n".join(line.format(n=n) for n in range(1, lines + 1)))


def events(content: str | bytes, policy: Policy = "accept_with_errors", limits: Limits | None = None) -> list[Event]:
    """Everything that a file yields."""
    raw = content if isinstance(content, bytes) else content.encode()
    return list(Xml(limits=limits).read(io.BytesIO(raw), lambda _: Guide(policy=policy)))


def readings(content: str | bytes, policy: Policy = "accept_with_errors") -> list[Reading]:
    return [event for event in events(content, policy) if isinstance(event, Reading)]


def findings(found: list[Event]) -> list[Finding]:
    """All that was found, apart from notes."""
    said: list[Finding] = []
    for event in found:
        if isinstance(event, Remark):
            said.append(event.finding)
        elif not isinstance(event, Opening):
            said += event.findings
    return [finding for finding in said if finding.severity.value != "info"]


def names(content: str | bytes, limits: Limits | None = None) -> list[str]:
    """The names of all findings apart from notes."""
    return [name_of(finding) for finding in findings(events(content, limits=limits))]


def answer(content: str | bytes) -> str:
    """The text of the acknowledgement."""
    closing = next(event for event in events(content) if isinstance(event, Closing))
    (only,) = Xml().acknowledge(closing, Numbers(interchange=0), NOW)
    return only.content.decode()
