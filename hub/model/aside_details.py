"""What single codes say beside the main one of a segment. All are the standard's, as sent."""

from __future__ import annotations

from decimal import Decimal

from hub.model.value import Value


class PlaceDetails(Value):
    """Of a place or party: its name and address where only its number has a field, and places that have to do with it
    (EDIFACT C519, C553) by `relation` (5479)."""

    name: str | None = None
    name_form: str | None = None
    """In which order the parts of the name stand: EDIFACT 3045."""
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    region_list: str | None = None
    region_agency: str | None = None
    region_name: str | None = None
    country: str | None = None
    within_list: str | None = None
    within_agency: str | None = None
    within_name: str | None = None
    beyond: str | None = None
    beyond_list: str | None = None
    beyond_agency: str | None = None
    beyond_name: str | None = None
    within: str | None = None
    relation: str | None = None


class TransportDetails(Value):
    """Of a leg: who bears the cost of an excess (EDIFACT C401), the vehicle and the flag it carries (C222). Of a
    container: out of whose list its number and its size are, who supplies it, where it stands. Of what happened: out of
    whose list the code is, and further reasons (C556)."""

    mode_text: str | None = None
    vehicle_text: str | None = None
    carrier_list: str | None = None
    responsibility: str | None = None
    authorization: str | None = None
    means_id: str | None = None
    means_list: str | None = None
    means_agency: str | None = None
    nationality: str | None = None
    number_list: str | None = None
    number_agency: str | None = None
    size_list: str | None = None
    size_agency: str | None = None
    size_text: str | None = None
    supplier: str | None = None
    set_by_list: str | None = None
    set_by_agency: str | None = None
    set_by_name: str | None = None
    condition: str | None = None
    status_kind_list: str | None = None
    status_kind_agency: str | None = None
    status_list: str | None = None
    status_agency: str | None = None
    reason_list: str | None = None
    reason_agency: str | None = None
    reason_text: str | None = None
    reason_2: str | None = None
    reason_list_2: str | None = None
    reason_agency_2: str | None = None
    reason_text_2: str | None = None
    reason_3: str | None = None
    reason_list_3: str | None = None
    reason_agency_3: str | None = None
    reason_text_3: str | None = None
    reason_4: str | None = None
    reason_list_4: str | None = None
    reason_agency_4: str | None = None
    reason_text_4: str | None = None
    reason_5: str | None = None
    reason_list_5: str | None = None
    reason_agency_5: str | None = None
    reason_text_5: str | None = None


class PackingDetails(Value):
    """Of packages: on which level they are (EDIFACT 7075), how marked (7233), who pays for them (7073) and what they
    are called; of goods the packages inside the packages."""

    packing_level: str | None = None
    packing_marked: str | None = None
    packing_terms: str | None = None
    packing_text: str | None = None
    packing_form: str | None = None
    packing_number: str | None = None
    packing_number_kind: str | None = None
    packing_number_2: str | None = None
    packing_number_kind_2: str | None = None
    returnable: str | None = None
    load: str | None = None
    packing_list: str | None = None
    packing_agency: str | None = None
    packages_2: Decimal | None = None
    packaging_2: str | None = None
    packing_list_2: str | None = None
    packing_agency_2: str | None = None
    packing_text_2: str | None = None
    packages_3: Decimal | None = None
    packaging_3: str | None = None
    packing_list_3: str | None = None
    packing_agency_3: str | None = None
    packing_text_3: str | None = None


class TradeDetails(Value):
    """Of a tax: its account and what its rate is reckoned from (EDIFACT C533, C243). Of terms of payment: out of whose
    list they are. Of an allowance or charge: its code (5189). Of a paper: whence it comes, and how many there are."""

    account: str | None = None
    account_list: str | None = None
    account_agency: str | None = None
    base: Decimal | None = None
    rate_list: str | None = None
    rate_agency: str | None = None
    rate_text: str | None = None
    rate_basis: str | None = None
    rate_basis_list: str | None = None
    rate_basis_agency: str | None = None
    terms_list: str | None = None
    terms_agency: str | None = None
    charge_code: str | None = None
    source: str | None = None
    language: str | None = None
    sent_by: str | None = None
    copies: int | None = None
    originals: int | None = None
    line: str | None = None
    revision: str | None = None
    """Of a version of a document: EDIFACT 1060."""
    form: str | None = None
    """How a text is laid out: EDIFACT 4447."""
    about_list: str | None = None
    about_agency: str | None = None
    sequence: str | None = None
    """Where in a sequence something stands: EDIFACT 1050, or which is loaded first: 1312."""
    sequence_source: str | None = None
    sequence_list: str | None = None
    sequence_agency: str | None = None
    stock_direction: str | None = None
    stock_kind: str | None = None
    stock_reason: str | None = None
    stock_instruction_kind: str | None = None
    stock_instruction: str | None = None
    stock_instruction_text: str | None = None
    """How the stock of a quantity has moved: see `StockMovement`. EDIFACT INV."""
    sign: str | None = None
    """Of a payment that is none to the payee's credit: X12 478."""
    transfer: str | None = None
    """What has moved where it was not sold from stock: X12 521."""
    tax_function: str | None = None
    """Of a duty that is no tax: EDIFACT 5283."""
    price_condition: str | None = None
    """Of what the prices of a list depend: X12 291."""
    retail: Decimal | None = None
    retail_before: Decimal | None = None
    """What consumers are to pay for what costs so much, and paid until then: X12 420 and 421."""
