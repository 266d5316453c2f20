"""GS1 XML 3: which version a message claims, who sends it by its header (SBDH), and who judges it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from adapters.mapping.overlaid import Overlays
from adapters.xml import gs1_header
from adapters.xml.door import refuse
from adapters.xml.gs1_read import Messages
from adapters.xml.gs1_schema import judge
from adapters.xml.gs1_shape import unfold
from adapters.xml.identify import Identity
from adapters.xml.partner_schema import PartnerJudge, PartnerSchemas
from adapters.xml.read import Reader
from adapters.xml.report import Report
from adapters.xml.table import Table
from adapters.xml.tables import Tables
from adapters.xml.validate import Judging
from hub.model.exchange import Address, Interchange

MAJOR = "3"


@dataclass(frozen=True, slots=True)
class Around:
    """A partner's own schema, which is that of the whole message, asked about one document in it."""

    own: PartnerJudge

    @property
    def schema(self) -> Around:
        return self

    @property
    def prefixes(self) -> Mapping[str, str]:
        return self.own.prefixes

    def validate(self, node: etree._Element) -> bool:
        return self.own.validate(_message(node))

    def holds(self, node: etree._Element, report: Report, but: str | None = None, only: str | None = None) -> bool:
        """What `Judging` says, of the message around a document."""
        return self.own.holds(_message(node), report, but, only)


def _message(node: etree._Element) -> etree._Element:
    above = node.getparent()
    return node if above is None else above


class Gs1:
    """Implements `adapters.xml.read.Standard`."""

    name = "gs1"
    title = "GS1"
    reader: type[Reader] | None = Messages

    def __init__(self, tables: Tables | Overlays | None = None) -> None:
        self.tables = tables if isinstance(tables, Tables) else Tables(self.name, tables)
        self.schemas = PartnerSchemas({} if isinstance(tables, Tables) else tables or {})

    def version(self, identity: Identity, root: etree._Element) -> str | None:
        """That of the header ("3.1"), else the one that the namespace tells ("3")."""
        said = gs1_header.said(gs1_header.header_of(root), "DocumentIdentification/TypeVersion")[1]
        return said[:20] or identity.major or None

    def judges(self, identity: Identity, version: str | None, partner: str | None) -> Sequence[Judging]:
        if identity.major != MAJOR:
            raise refuse("UNKNOWN-VERSION", 1, f"/{identity.message}Message", identity.major[:40],
                         known=", ".join(gs1_header.VERSIONS))
        own = self.schemas.judge(partner, f"{self.name}/{identity.message}")
        return (judge(tolerant=True),) if own is None else (judge(tolerant=True), Around(own))

    def interchange(self, identity: Identity, root: etree._Element, table: Table | None) -> Interchange:
        """Sender, receiver, instance number and moment of the header."""
        header = gs1_header.header_of(root)
        control = gs1_header.said(header, "DocumentIdentification/InstanceIdentifier")[1]
        return Interchange(
            ordinal=1, format=self.name, version=self.version(identity, root),
            sender=gs1_header.address(header, "Sender"), receiver=gs1_header.address(header, "Receiver"),
            control=control[:200] or None, prepared_at=gs1_header.moment(header),
            syntax={"message": identity.message})

    def glance(self, head: bytes, which: str) -> Address | None:
        return gs1_header.glance(head, which)

    def documents(self, root: etree._Element) -> Sequence[etree._Element]:
        return [kid for kid in gs1_header.message_of(root) if gs1_header.local(kid) != gs1_header.HEADER]

    def unfold(self, node: etree._Element, report: Report) -> None:
        report.remember(node)
        unfold(node)
