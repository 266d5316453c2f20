"""GS1 XML 3: which message, and who sends it by its business document header (SBDH)."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from adapters.xml.identify import SBDH, Identity
from adapters.xml.table import Table
from adapters.xml.tables import Overlays, Tables
from adapters.xml.validate import Judge
from hub.model.exchange import Address, Interchange


class Gs1:
    """Implements `adapters.xml.read.Standard`. No table is shipped yet: every document is told to be not mapped."""

    name = "gs1"
    title = "GS1"

    def __init__(self, tables: Tables | Overlays | None = None) -> None:
        self.tables = tables if isinstance(tables, Tables) else Tables(self.name, tables)

    def version(self, identity: Identity, root: etree._Element) -> str | None:
        return identity.major

    def judges(self, identity: Identity, version: str | None, partner: str | None) -> Sequence[Judge]:
        return ()

    def interchange(self, identity: Identity, root: etree._Element, table: Table | None) -> Interchange:
        """Sender, receiver and instance number of the SBDH."""
        head = root.find(f".//{{{SBDH}}}StandardBusinessDocumentHeader")
        control = (head.findtext(f".//{{{SBDH}}}InstanceIdentifier") or "").strip() if head is not None else ""
        return Interchange(
            ordinal=1, format=self.name, version=identity.major, sender=_party(head, "Sender"),
            receiver=_party(head, "Receiver"), control=control or None, answer_requested=False,
            syntax={"message": identity.message})

    def documents(self, root: etree._Element) -> Sequence[etree._Element]:
        return (root,)


def _party(head: etree._Element | None, name: str) -> Address | None:
    node = head.find(f"{{{SBDH}}}{name}/{{{SBDH}}}Identifier") if head is not None else None
    text = (node.text or "").strip() if node is not None else ""
    return Address(qualifier=node.get("Authority"), id=text) if node is not None and text else None
