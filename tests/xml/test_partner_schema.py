"""A partner's own XSD stands beside ours: locked in, applied to what comes and goes, its complaints in words."""

from __future__ import annotations

import io
from pathlib import Path
from shutil import copytree

import pytest

from adapters.xml.format import Xml
from adapters.xml.partner_schema import PartnerSchemas
from hub.dialects import check_schemas, read_partners
from hub.errors import BrokenTable, Finding, Reject
from hub.model.exchange import Reading, Status
from hub.ports import Guide
from partners.book import example_directories
from tests.xml.samples import CAC, CBC, ENVELOPE, HEAD, LINE, ORDER, UBL, forecast, ubl
from tests.xml.test_across import ORDER as PLAIN

XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"'
CODE = f"""<?xml version="1.0" encoding="UTF-8"?><xs:schema {XS} targetNamespace="{CBC}">
<xs:element name="ID"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="PO-[0-9]+"/></xs:restriction>
</xs:simpleType></xs:element><xs:element name="UBLVersionID" type="xs:string"/></xs:schema>"""
OWN = f"""<xs:schema {XS} xmlns:cbc="{CBC}" targetNamespace="{UBL}Order-2">
<xs:import namespace="{CBC}" schemaLocation="parts/../parts/codes.xsd"/>
<xs:element name="Order"><xs:complexType><xs:sequence><xs:element ref="cbc:UBLVersionID"/><xs:element ref="cbc:ID"/>
<xs:any namespace="##other" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
FILES = {"xsd/profile": "ubl/Order=order.xsd", "xsd/order.xsd": OWN, "xsd/parts/codes.xsd": CODE}
LINES = f"""<xs:schema {XS} xmlns:cac="{CAC}" xmlns:cbc="{CBC}" targetNamespace="{CAC}">
<xs:import namespace="{CBC}" schemaLocation="codes.xsd"/>{{0}}</xs:schema>"""
LINE_TYPE = """<xs:complexType{0}><xs:sequence><xs:element ref="cbc:ID"/>
<xs:any namespace="##any" processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>"""


def xml(files: dict[str, str] = FILES) -> Xml:
    return Xml({"larkmoor": files})


def read(content: str, files: dict[str, str] = FILES) -> list[Reading]:
    found = xml(files).read(io.BytesIO(content.encode()), lambda _: Guide(partner="larkmoor"))
    return [event for event in found if isinstance(event, Reading)]


def told(reading: Reading) -> list[Finding]:
    return [f for f in reading.findings if f.severity.value != "info"]


def test_what_breaks_only_the_partners_schema_is_told_with_line_path_and_reason() -> None:
    (reading,) = read(ubl("Order", ORDER))
    (found,) = told(reading)
    assert (found.code, found.where.line, found.where.path) == ("E-XML-PARTNER-XSD", 2, "/Order/cbc:ID")
    assert found.value == "PO1"
    assert "order.xsd, the schema that you agreed on: value doesn't match any pattern of ['PO-[0-9]+']" in found.message
    assert reading.status is Status.ACCEPTED_WITH_ERRORS


def test_what_its_schema_lets_through_has_no_finding_and_other_partners_are_not_asked() -> None:
    assert told(read(ubl("Order", ORDER.replace("PO1", "PO-1")))[0]) == []
    found = xml().read(io.BytesIO(ubl("Order", ORDER).encode()), lambda _: Guide(partner="quillfield"))
    assert [told(event) for event in found if isinstance(event, Reading)] == [[]]


def test_an_element_that_it_does_not_expect_is_explained_by_what_it_does() -> None:
    before = "<cbc:CustomizationID>X</cbc:CustomizationID><cbc:ID>PO-1"
    (reading,) = read(ubl("Order", ORDER.replace("<cbc:ID>PO1", before)))
    (found,) = told(reading)
    assert found.where.path == "/Order/cbc:CustomizationID"
    assert "Unexpected child with tag 'cbc:CustomizationID'" in found.message
    assert "'cbc:ID' expected" in found.message


def test_what_breaks_the_standard_is_told_once() -> None:
    (reading,) = read(ubl("Order", ORDER.replace("<cbc:ID>PO1</cbc:ID>", "")))
    assert [f.code for f in told(reading)] == ["E-XML-NOT-EXPECTED"]


def test_nothing_is_sent_to_it_that_its_schema_refuses() -> None:
    assert b"PO-4711" in xml().write("ubl/2.1/Order", [PLAIN], ENVELOPE, "larkmoor")
    odd = PLAIN.model_copy(update={"number": "4711"})
    with pytest.raises(Reject, match=r"order\.xsd"):
        xml().write("ubl/2.1/Order", [odd], ENVELOPE, "larkmoor")
    assert xml().write("ubl/2.1/Order", [odd], ENVELOPE, "quillfield")


@pytest.mark.parametrize("named", [True, False], ids=["lines-by-themselves", "lines-inside-the-document"])
def test_lines_of_a_streamed_document_are_judged_one_by_one(named: bool) -> None:
    code = CODE.replace("PO-[0-9]+", "[0-9]").replace("</xs:schema>", '<xs:element name="IssueDate" type="xs:date"/>'
        '<xs:element name="ForecastPurposeCode" type="xs:string"/></xs:schema>')
    line = LINE_TYPE.format("" if named else ' name="LineType"')
    element = f'<xs:element name="ForecastLine">{line}</xs:element>' if named else line
    ref = '<xs:element ref="cac:ForecastLine" maxOccurs="unbounded"/>' if named else (
        '<xs:any namespace="##other" processContents="skip" maxOccurs="unbounded"/>')
    head = "".join(f'<xs:element ref="cbc:{n}"/>' for n in ("UBLVersionID", "ID", "IssueDate", "ForecastPurposeCode"))
    parts = ("ForecastPeriod", "SenderParty", "ReceiverParty")
    head += "".join(f'<xs:element ref="cac:{n}"/>' for n in parts)
    element += "".join(f'<xs:element name="{n}"/>' for n in parts)
    own = (f'<xs:schema {XS} xmlns:cac="{CAC}" xmlns:cbc="{CBC}" targetNamespace="{UBL}Forecast-2">'
           f'<xs:import namespace="{CBC}" schemaLocation="codes.xsd"/><xs:import namespace="{CAC}" '
           f'schemaLocation="lines.xsd"/><xs:element name="Forecast"><xs:complexType><xs:sequence>{head}{ref}'
           '</xs:sequence></xs:complexType></xs:element></xs:schema>')
    files = {"xsd/profile": "ubl/Forecast=own.xsd", "xsd/own.xsd": own, "xsd/codes.xsd": code,
             "xsd/lines.xsd": LINES.format(element)}
    content = forecast(12, HEAD.replace(">F1<", ">7<"), LINE)
    (reading,) = read(content, files)
    bad = [f for f in told(reading) if f.code == "E-XML-PARTNER-XSD"]
    assert [f.where.path for f in bad] == ([
        f"/Forecast/cac:ForecastLine[{n}]/cbc:ID" for n in (10, 11, 12)] if named else [])
    assert reading.document is not None
    assert reading.document.lines.height == (9 if named else 12)  # type: ignore[union-attr]  (a Forecast)


ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(("main", "reason"), [
    (OWN.replace("parts/../parts/codes.xsd", "http://127.0.0.1:9/codes.xsd"), "not in the partner's directory"),
    (OWN.replace("parts/../parts/codes.xsd", "file:///etc/hostname"), "not in the partner's directory"),
    (OWN.replace("parts/../parts/codes.xsd", "/etc/hostname"), "not in the partner's directory"),
    (OWN.replace("parts/../parts/codes.xsd", "../../codes.xsd"), "not in the partner's directory"),
    (OWN.replace("parts/../parts/codes.xsd", "other.xsd"), "other.xsd is not among the partner's files"),
    (ENTITY + OWN, "DOCTYPE"),
    (OWN.replace("cbc:UBLVersionID", "cbc:Nothing"), "Nothing"),
    (OWN[:-20], "order.xsd"),
])
def test_a_schema_that_reaches_out_or_is_broken_is_refused_in_words(main: str, reason: str) -> None:
    with pytest.raises(BrokenTable, match=reason):
        PartnerSchemas({"larkmoor": {**FILES, "xsd/order.xsd": main}}).check()
    (found,) = check_schemas("larkmoor", {**FILES, "xsd/order.xsd": main})
    assert found.code == "E-PARTNER-XSD"
    assert found.hint


def test_the_profile_names_the_schema_and_the_directory_holds_it(tmp_path: Path) -> None:
    homes = [copytree(home, tmp_path / home.name) for home in example_directories()]
    larkmoor = next(home for home in homes if home.name == "larkmoor")
    profile = larkmoor / "profile.toml"
    profile.write_text(profile.read_text() + '\n[xsd]\n"ubl/Order" = "order.xsd"\n')
    assert [f.code for f in read_partners(homes)[1]] == ["E-PARTNER-XSD"]
    for name, text in FILES.items():
        if name.endswith(".xsd"):
            (larkmoor / name).parent.mkdir(parents=True, exist_ok=True)
            (larkmoor / name).write_text(text)
    partners, found = read_partners(homes)
    assert found == []
    (mine,) = [partner for partner in partners if partner.name == "larkmoor"]
    assert told(read(ubl("Order", ORDER), mine.overlays)[0])[0].code == "E-XML-PARTNER-XSD"


def test_a_day_that_does_not_exist_is_told_as_such() -> None:
    (reading,) = read(ubl("Order", ORDER.replace("2026-11-22", "2026-02-30")), {})
    assert "expected is a date like 2026-11-22 (day is out of range for month)" in told(reading)[0].message
