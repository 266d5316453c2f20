"""ApplicationResponse (UBL 2.1, section 2.3): one answer to each document, what was wrong as one Status for each fault.

ResponseCode is UN/EDIFACT 4343, as OpenPEPPOL uses it: AP accepted, CA accepted with errors, RE rejected.
A response is never answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from lxml import etree

from adapters.xml.place import Qualify, parse, qualifier
from hub.errors import Finding, Severity
from hub.model.exchange import Acknowledgement, Address, Closing, Interchange, Numbers, Status
from schemas import facts

RESPONSE = "ApplicationResponse"
STATUSES = 100
"""So many faults are told in one answer."""
_PARTY = "cac:PartyIdentification/cbc:ID"


def acknowledge(closing: Closing, numbers: Numbers, now: datetime,
                namespaces: dict[str, str]) -> list[Acknowledgement]:
    """The answer to one UBL file; none to a response."""
    head = closing.interchange
    if head.syntax.get("message") == RESPONSE:
        return []
    verdicts = [v for group in closing.groups for v in group.verdicts]
    findings = [*closing.findings, *(f for v in verdicts for f in v.findings)]
    outcome = _outcome(closing, [v.status for v in verdicts])
    number = head.syntax.get("id") or head.syntax.get("uuid") or "unknown"
    answer = f"{number[:60]}-{numbers.interchange or format(now, '%Y%m%d%H%M%S')}"
    uuid = uuid5(NAMESPACE_URL, f"{head.syntax.get('uuid', '')}/{number}/{answer}/{now.isoformat()}")
    root = _response(head, answer, uuid, outcome, now, namespaces)
    _tell(root, [f for f in findings if f.severity is not Severity.INFO], qualifier(namespaces))
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return [Acknowledgement(type=RESPONSE, content=content, control=answer)]


def _outcome(closing: Closing, statuses: Sequence[Status]) -> str:
    if closing.rejected or not statuses or all(s is Status.REJECTED for s in statuses):
        return "rejected"
    return "accepted" if all(s is Status.ACCEPTED for s in statuses) else "accepted_with_errors"


def _response(head: Interchange, answer: str, uuid: UUID, outcome: str, now: datetime,
              namespaces: dict[str, str]) -> etree._Element:
    prefixes: dict[str | None, str] = {p or None: namespaces[p] for p in ("", "cac", "cbc")}
    root = etree.Element(f"{{{namespaces['']}}}{RESPONSE}", nsmap=prefixes)
    reply, document = "cac:DocumentResponse/cac:Response", "cac:DocumentResponse/cac:DocumentReference"
    rows = [
        ("cbc:UBLVersionID", "2.1"), ("cbc:ID", answer), ("cbc:UUID", str(uuid)), ("cbc:IssueDate", f"{now:%Y-%m-%d}"),
        ("cbc:IssueTime", f"{now:%H:%M:%S}"),
        *_party("cac:SenderParty", head.receiver), *_party("cac:ReceiverParty", head.sender),
        (f"{reply}/cbc:ReferenceID", head.syntax.get("id")),
        (f"{reply}/cbc:ResponseCode", facts.codes("response", "ubl")[outcome][0]),
        (f"{document}/cbc:ID", head.syntax.get("id", "unknown")), (f"{document}/cbc:UUID", head.syntax.get("uuid")),
        (f"{document}/cbc:IssueDate", head.syntax.get("issued")),
        (f"{document}/cbc:DocumentType", head.syntax.get("message")),
    ]
    qualify = qualifier(namespaces)
    for place, text in rows:
        if text == "":
            parse(place, qualify).make(root)
        elif text:
            parse(place, qualify).put(root, text)
    return root


def _party(place: str, address: Address | None) -> list[tuple[str, str]]:
    """An address as a party; an element that stays empty where there is none."""
    if address is None:
        return [(place, "")]
    scheme = address.qualifier or ("GLN" if len(address.id) == 13 and address.id.isdigit() else "")
    return [(f"{place}/{_PARTY}", address.id), *([(f"{place}/{_PARTY}[@schemeID]", scheme)] if scheme else [])]


def _tell(root: etree._Element, findings: Sequence[Finding], qualify: Qualify) -> None:
    response = parse("cac:DocumentResponse/cac:Response", qualify).make(root)
    for found in findings[:STATUSES]:
        status = etree.SubElement(response, qualify("cac:Status"))
        place = " ".join(filter(None, (found.where.path, f"line {found.where.line}" if found.where.line else "")))
        for name, text in (("Description", found.hint), ("StatusReasonCode", found.code),
                           ("StatusReason", found.message), ("Text", place)):
            if text:
                etree.SubElement(status, qualify(f"cbc:{name}")).text = plain(text)


def plain(text: str) -> str:
    """Text that XML can carry: a control character that was found in a file is shown by its number."""
    return "".join(c if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
                   else f"\\x{ord(c):02x}" for c in text)
