"""One fact table for UBL 2.1 to 2.4: an element is allowed from the version on that brought it, and no earlier."""

from __future__ import annotations

import pytest
from lxml import etree

from adapters.xml.ubl import VERSIONS, later
from adapters.xml.xsd import schema
from schemas.components import components
from tests.xml.samples import LINE, ORDER, events, findings, forecast, names, readings, ubl
from tests.xml.test_conformance import samples

CASES = {
    "2.2": ('<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocument>x'
            '</cbc:EmbeddedDocument></cac:Attachment></cac:AdditionalDocumentReference>'),
    "2.3": ('<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cbc:ReferencedDocumentInternalAddress>A1'
            '</cbc:ReferencedDocumentInternalAddress></cac:AdditionalDocumentReference>'),
}
"""The version that brought an element -> that element inside of an order."""


def order(version: str, more: str) -> str:
    return ubl("Order", ORDER.replace("2.1", version, 1).replace("<cac:BuyerCustomerParty/>",
                                                                 f"{more}<cac:BuyerCustomerParty/>"))


@pytest.mark.parametrize("since", sorted(CASES))
@pytest.mark.parametrize("version", VERSIONS[1:])
def test_an_element_is_allowed_since_its_version_and_told_before(since: str, version: str) -> None:
    content = order(version, CASES[since])
    if version >= since:
        assert names(content) == []
        return
    (found,) = findings(events(content))
    assert found.code == "E-XML-SINCE"
    assert found.where.line == 3
    assert f"came with UBL {since}, but the document says that it is UBL {version}." in found.message
    assert readings(content)[0].document is not None


def test_who_claims_no_version_may_use_the_newest() -> None:
    content = order("2.4", CASES["2.3"]).replace("<cbc:UBLVersionID>2.4</cbc:UBLVersionID>", "")
    assert names(content) == []


def test_a_line_of_a_streamed_forecast_is_judged_by_the_version_of_its_head() -> None:
    extended = LINE.replace("<cac:ForecastLine>", "<cac:ForecastLine><ext:UBLExtensions><ext:UBLExtension>"
                            "<ext:ExtensionContent><x xmlns='urn:x'/></ext:ExtensionContent></ext:UBLExtension>"
                            "</ext:UBLExtensions>")
    space = ' xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2">'
    content = forecast(2, line=extended).replace(">", space, 1)
    assert set(names(content)) == {"NOT-EXPECTED"}
    assert names(content.replace("2.1", "2.3", 1)) == []


def test_how_often_an_element_may_stand_is_loosened_by_later_versions() -> None:
    kinds = {version: {c.name: (c.least, c.most) for c in components("ubl", version).aggregates["Shipment"]}
             for version in ("2.2", "2.3")}
    assert kinds["2.2"]["ID"] == (1, 1)
    assert kinds["2.3"]["ID"] == (0, 1)


@pytest.mark.parametrize("version", VERSIONS[2:])
def test_what_was_right_in_2_1_is_right_in_every_later_version(version: str) -> None:
    old, new = schema("ubl", "2.1"), schema("ubl", version)
    right = [root for _, _, root in samples() if old.validate(root)]
    assert len(right) >= 30
    assert [etree.QName(root).localname for root in right if not new.validate(root)] == []


def test_later_versions_only_add() -> None:
    counted = [sum(map(len, components("ubl", version).aggregates.values())) for version in VERSIONS[1:]]
    assert counted == sorted(counted)
    assert len(later("2.1")) > len(later("2.2")) > len(later("2.3")) > len(later("2.4")) == 0
