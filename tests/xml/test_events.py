"""Retail events, replenishment rules and requests are read back as they were written; a tax told twice is one tax."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.information_request import AskedItem, AskedPeriod, InformationRequest, Question
from hub.model.invoice import Invoice
from hub.model.location_profile import LocationProfile, ManagedItem
from hub.model.retail_event import (
    EventComment,
    EventItem,
    OtherEvent,
    PlannedImpact,
    PromotedItem,
    Promotion,
    RetailEvent,
    Specification,
    Tactic,
)
from tests.xml.samples import readings, ubl
from tests.xml.test_random import again, days, decimals, heads, names, parties, span, texts, units

SOME = st.none() | texts
TABLES = {RetailEvent: "RetailEvent", LocationProfile: "TradeItemLocationProfile",
          InformationRequest: "ItemInformationRequest"}


def many(of: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=least, max_size=2).map(tuple)


impacts = st.builds(PlannedImpact, amount=decimals, currency=st.just("EUR"), forecast_type=texts,
                    forecast_kind=st.sampled_from(["sales", "order"]), **span)
taking_part: dict[str, Any] = {
    **names, "number": st.none() | st.integers(0, 99).map(str), "location": st.none() | parties.map(
        lambda party: party.model_copy(update={"street": None})), "impacts": many(impacts)}
tactics = st.builds(Tactic, incentive=texts, display=SOME, feature=SOME, labelling=SOME, comment=SOME,
                    quantity=decimals, unit=units, **span)
promotions = st.builds(Promotion, kind=texts, submitted_on=st.none() | days, first_ships_on=st.none() | days,
                       accept_until=st.none() | days, specifications=many(st.builds(
                           Specification, number=SOME, tactics=many(tactics), items=many(st.builds(
                               PromotedItem, amount=decimals, currency=st.just("USD"), **taking_part), 1)), 1))
others = st.builds(OtherEvent, kind=texts, items=many(st.builds(EventItem, **taking_part), 1))
events = st.builds(RetailEvent, **heads, **span, status=texts, name=SOME, seller_number=SOME, buyer_number=SOME,
                   description=SOME, promotion=st.none() | promotions, other=st.none() | others,
                   comments=many(st.builds(EventComment, text=texts, on=st.none() | days)))
profiles = st.builds(LocationProfile, **heads, **span, status=st.sampled_from(["new", "update", "delete"]),
                     lines=many(st.builds(
                         ManagedItem, **names, **span, location=texts, scheme=st.sampled_from(["gln", "buyer"]),
                         frozen_days=st.none() | decimals, order_interval_days=st.none() | decimals,
                         order_multiple=decimals, order_unit=units, minimum_order=decimals, minimum_order_unit=units,
                         lead_time=decimals, lead_unit=st.just("day"), minimum_stock=decimals,
                         minimum_stock_unit=units, target_stock=decimals, target_stock_unit=units,
                         service_percent=st.none() | decimals, owner=SOME), 1))
requests = st.builds(InformationRequest, **heads, **span, lines=many(st.builds(
    Question, frequency=SOME, activity=texts, periods=many(st.builds(AskedPeriod, **span), 1),
    items=many(st.builds(AskedItem, quantity=decimals, unit=units, **names), 1)), 1))


@given(document=events | profiles | requests)
@settings(max_examples=90, deadline=None, derandomize=True)
def test_events_rules_and_requests_are_read_back_as_they_were_written(document: Any) -> None:
    assert again(f"ubl/2.1/{TABLES[type(document)]}", document) == document


TAX = """<cac:Tax{0}><cbc:TaxAmount currencyID="EUR">2</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID>
<cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:Tax{0}>"""
INVOICE = """<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:ID>I1</cbc:ID><cbc:IssueDate>2026-11-22</cbc:IssueDate>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cac:AccountingSupplierParty/><cac:AccountingCustomerParty/>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">12</cbc:PayableAmount></cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="EA">1</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">10</cbc:LineExtensionAmount>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">2</cbc:TaxAmount>{tax}</cac:TaxTotal>
<cac:Item><cbc:Name>LAMP</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>{percent}</cbc:Percent>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory></cac:Item></cac:InvoiceLine>"""


def taxes(percent: str) -> list[tuple[Decimal | None, Decimal | None]]:
    (reading,) = readings(ubl("Invoice", INVOICE.format(tax=TAX.format("Subtotal"), percent=percent)))
    assert isinstance(reading.document, Invoice), reading.findings
    return [(tax.percent, tax.amount) for tax in reading.document.lines[0].taxes]


def test_a_tax_of_a_line_that_its_item_names_too_is_read_once() -> None:
    assert taxes("20.0") == [(Decimal(20), Decimal(2))]


def test_another_tax_that_only_the_item_names_is_kept() -> None:
    assert taxes("7") == [(Decimal(20), Decimal(2)), (Decimal(7), None)]


PROPERTY = "<cac:AdditionalItemProperty><cbc:Name>{}</cbc:Name><cbc:Value>4</cbc:Value></cac:AdditionalItemProperty>"
ADVICE = """<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:ID>D1</cbc:ID><cbc:IssueDate>2026-11-22</cbc:IssueDate>
<cac:DespatchSupplierParty/><cac:DeliveryCustomerParty/><cac:DespatchLine><cbc:ID>1</cbc:ID>
<cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference><cac:Item>{}</cac:Item></cac:DespatchLine>"""


def test_what_a_row_reads_under_a_condition_alone_is_told_where_it_does_not_hold() -> None:
    place = "/DespatchAdvice/cac:DespatchLine/cac:Item/cac:AdditionalItemProperty"
    for name, told in (("ordered", []), ("colour", [place])):
        (reading,) = readings(ubl("DespatchAdvice", ADVICE.format(PROPERTY.format(name))))
        assert [f.where.path for f in reading.findings if f.code == "W-XML-UNMAPPED"] == told


def test_a_second_value_where_one_is_read_is_told() -> None:
    two = "<cbc:Description>Lamp</cbc:Description><cbc:Description>Grey</cbc:Description>"
    (reading,) = readings(ubl("DespatchAdvice", ADVICE.format(two)))
    assert [(f.code, f.value) for f in reading.findings] == [("W-XML-MORE-THAN-ONE", "Grey")]
