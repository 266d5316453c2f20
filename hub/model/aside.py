"""What is seldom said, and may be said nearly anywhere: of a document, a line, a party, a price, a reference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.model.amount import Amount, ControlTotal, Measurement, Quantity
from hub.model.aside_details import PackingDetails, PlaceDetails, TradeDetails, TransportDetails
from hub.model.cargo import Goods
from hub.model.charge import Charge, Tax
from hub.model.conditions import (
    Account,
    Commodity,
    Contract,
    Correction,
    CurrencyUse,
    Discount,
    Funding,
    Installment,
    PaymentOrder,
    Percentage,
    PeriodAmount,
    PriceRule,
    Rate,
    RemittanceDelivery,
    Requirement,
    Restriction,
    SalesRequirement,
    ServiceCodes,
    Settled,
    Share,
)
from hub.model.contact import Contact, OtherNumber
from hub.model.equipment import Equipment
from hub.model.freight import ExcessFreight, LadingException, Tariff, TrailerPlace, Vessel
from hub.model.handling import DangerousGoods, Extent, Handling, LoadSum, Temperature, Wrapping
from hub.model.marks import Label, Marking, NumberSet, Seal
from hub.model.moment import Moment
from hub.model.note import Note
from hub.model.packing import Packing, PackingLevel, Trait
from hub.model.papers import (
    Feature,
    Flags,
    IndustryCodes,
    Instruction,
    Paper,
    PersonalData,
    Question,
    Related,
    Specification,
    State,
    Variance,
)
from hub.model.particulars import Component
from hub.model.party import OtherParty
from hub.model.place import Condition, NamedPlace
from hub.model.planned import (
    AddressLine,
    AddressPart,
    Authorization,
    LeadTime,
    Limitation,
    LineStatus,
    Loading,
    Maintenance,
    Multipack,
    Need,
    OrderNumbers,
    Pallet,
    PartRelease,
    Pattern,
    PlannedDelivery,
    Route,
    ShippedBefore,
    Shortfall,
    Span,
    Split,
    Stage,
    StoreQuantities,
    Sums,
    TimedQuantity,
)
from hub.model.price import Price
from hub.model.product_group import ProductGroup
from hub.model.reference import OrderMention, Reference
from hub.model.stock import PaidLine, SalesChannel, StateReport, StockMovement
from hub.model.terms import Carriage, DeliveryTerms, PaymentTerms
from hub.model.transport import (
    CargoNature,
    CarriageService,
    ChargePayment,
    Movement,
    OfficialAction,
    Placement,
    TransportCharge,
    UnitCount,
)
from hub.model.warehousing import CarrierInstruction, Consolidation, PalletLoad, SpecialHandling, VehicleNeed


class Aside(PlaceDetails, TransportDetails, PackingDetails, TradeDetails):
    """Each field holds statements of one kind. None of them is what a document is about: where a dialect has no place
    for one, it is left out, and that is told."""

    references: tuple[Reference, ...] = ()
    dates: tuple[Moment, ...] = ()
    notes: tuple[Note, ...] = ()
    contacts: tuple[Contact, ...] = ()
    amounts: tuple[Amount, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    percentages: tuple[Percentage, ...] = ()
    places: tuple[NamedPlace, ...] = ()
    traits: tuple[Trait, ...] = ()
    packings: tuple[Packing, ...] = ()
    prices: tuple[Price, ...] = ()
    price_rules: tuple[PriceRule, ...] = ()
    charges: tuple[Charge, ...] = ()
    taxes: tuple[Tax, ...] = ()
    rates: tuple[Rate, ...] = ()
    terms: tuple[PaymentTerms, ...] = ()
    delivery_terms: tuple[DeliveryTerms, ...] = ()
    carriage: tuple[Carriage, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    seals: tuple[Seal, ...] = ()
    loads: tuple[LoadSum, ...] = ()
    loadings: tuple[Loading, ...] = ()
    handling: tuple[Handling, ...] = ()
    dangers: tuple[DangerousGoods, ...] = ()
    extents: tuple[Extent, ...] = ()
    temperatures: tuple[Temperature, ...] = ()
    wrappings: tuple[Wrapping, ...] = ()
    labels: tuple[Label, ...] = ()
    markings: tuple[Marking, ...] = ()
    number_sets: tuple[NumberSet, ...] = ()
    papers: tuple[Paper, ...] = ()
    industry_codes: tuple[IndustryCodes, ...] = ()
    specifications: tuple[Specification, ...] = ()
    questions: tuple[Question, ...] = ()
    characteristics: tuple[Feature, ...] = ()
    states: tuple[State, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    variances: tuple[Variance, ...] = ()
    currencies: tuple[CurrencyUse, ...] = ()
    accounts: tuple[Account, ...] = ()
    funding: tuple[Funding, ...] = ()
    payments: tuple[PaymentOrder, ...] = ()
    discounts: tuple[Discount, ...] = ()
    installments: tuple[Installment, ...] = ()
    corrections: tuple[Correction, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    sales_requirements: tuple[SalesRequirement, ...] = ()
    period_amounts: tuple[PeriodAmount, ...] = ()
    commodities: tuple[Commodity, ...] = ()
    services: tuple[ServiceCodes, ...] = ()
    deliveries: tuple[PlannedDelivery, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    timed: tuple[TimedQuantity, ...] = ()
    stores: tuple[StoreQuantities, ...] = ()
    lead_times: tuple[LeadTime, ...] = ()
    shipped_before: tuple[ShippedBefore, ...] = ()
    authorizations: tuple[Authorization, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    needs: tuple[Need, ...] = ()
    spans: tuple[Span, ...] = ()
    stages: tuple[Stage, ...] = ()
    statuses: tuple[LineStatus, ...] = ()
    multipacks: tuple[Multipack, ...] = ()
    contracts: tuple[Contract, ...] = ()
    orders: tuple[OrderNumbers, ...] = ()
    pallets: tuple[Pallet, ...] = ()
    routes: tuple[Route, ...] = ()
    flags: tuple[Flags, ...] = ()
    conditions: tuple[Condition, ...] = ()
    persons: tuple[PersonalData, ...] = ()
    address_lines: tuple[AddressLine, ...] = ()
    related: tuple[Related, ...] = ()
    entities: tuple[Settled, ...] = ()
    limitations: tuple[Limitation, ...] = ()
    splits: tuple[Split, ...] = ()
    address_parts: tuple[AddressPart, ...] = ()
    numbers: tuple[OtherNumber, ...] = ()
    parties: tuple[OtherParty, ...] = ()
    components: tuple[Component, ...] = ()
    transport_charges: tuple[TransportCharge, ...] = ()
    charge_payments: tuple[ChargePayment, ...] = ()
    official_actions: tuple[OfficialAction, ...] = ()
    movements: tuple[Movement, ...] = ()
    placements: tuple[Placement, ...] = ()
    carriage_services: tuple[CarriageService, ...] = ()
    cargo_natures: tuple[CargoNature, ...] = ()
    unit_counts: tuple[UnitCount, ...] = ()
    control_totals: tuple[ControlTotal, ...] = ()
    stock_movements: tuple[StockMovement, ...] = ()
    state_reports: tuple[StateReport, ...] = ()
    channels: tuple[SalesChannel, ...] = ()
    packing_levels: tuple[PackingLevel, ...] = ()
    paid_lines: tuple[PaidLine, ...] = ()
    goods: tuple[Goods, ...] = ()
    product_groups: tuple[ProductGroup, ...] = ()
    special_handling: tuple[SpecialHandling, ...] = ()
    vehicle_needs: tuple[VehicleNeed, ...] = ()
    carrier_instructions: tuple[CarrierInstruction, ...] = ()
    pallet_loads: tuple[PalletLoad, ...] = ()
    consolidations: tuple[Consolidation, ...] = ()
    order_mentions: tuple[OrderMention, ...] = ()
    excess_freight: tuple[ExcessFreight, ...] = ()
    trailer_places: tuple[TrailerPlace, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    vessels: tuple[Vessel, ...] = ()
    lading_exceptions: tuple[LadingException, ...] = ()
    remittance_deliveries: tuple[RemittanceDelivery, ...] = ()
    shares: tuple[Share, ...] = ()
    part_releases: tuple[PartRelease, ...] = ()
    maintenances: tuple[Maintenance, ...] = ()
    sums: tuple[Sums, ...] = ()
    time: str | None = None
    """When on the day the document was made, HHMM or HHMMSS, in `zone` (X12 623)."""
    order_time: str | None = None
    ship_time: str | None = None
    deliver_time: str | None = None
    receive_time: str | None = None
    """When on the day the order was placed, the goods leave, are wanted or come, HHMM or HHMMSS."""
    start_time: str | None = None
    end_time: str | None = None
    """When on their days a period begins and ends."""
    count_time: str | None = None
    pay_time: str | None = None
    expiry_time: str | None = None
    """When on the day the stock was counted, the money is paid, the goods cease to be good."""
    transit_time: Decimal | None = None
    transit_kind: str | None = None
    """How long the goods are under way, in what (X12 732: CD calendar days, WD working days)."""
    zone: str | None = None
    version: str | None = None
    """The number of this issue of the document, or of what it changes."""
    kind: str | None = None
    """What kind of document or transaction it is: X12 640, as sent."""
    action: str | None = None
    """What the receiver is to do: X12 306, as sent."""
    change: str | None = None
    """What is done with a line: EDIFACT 1229, as sent."""
    level: str | None = None
    """How deep a line stands below another: EDIFACT 1222, as sent."""
    sub_line: str | None = None
    """What kind of line it is below another: EDIFACT 5495, as sent."""
    above: str | None = None
    """The line that it stands below: EDIFACT C829 1082."""
    code_list: str | None = None
    """Out of which list the code of this is: EDIFACT 1131, as sent."""
    agency: str | None = None
    """Who keeps that list: EDIFACT 3055, as sent."""
    document_list: str | None = None
    document_agency: str | None = None
    """The same of the code that says what kind of document it is."""
    document_name: str | None = None
    """What the sender calls the document."""
    text: str | None = None
    number: str | None = None
    """A further number of a line or document, of the sender's own."""
    release: str | None = None
    contract: str | None = None
    contract_type: str | None = None
    category: str | None = None
    request: str | None = None
    order_type: str | None = None
    order_number: str | None = None
    report: str | None = None
    status: str | None = None
    reason: str | None = None
    security: str | None = None
    application: str | None = None
    answer: str | None = None
    """Y or N: X12 1073."""
    on: date | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    volume: Decimal | None = None
    volume_unit: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    multiplier_kind: str | None = None
    multiplier: Decimal | None = None
    number_kind: str | None = None
    role: str | None = None
    scheme: str | None = None
    id: str | None = None
    sender: str | None = None
    receiver: str | None = None
    point: str | None = None
    """Where the title passes, by the code of a trade."""
    bracket: str | None = None
    """Of the list of prices by quantity."""
    price_list: str | None = None
    price_list_issue: str | None = None
    """The price list that a price comes from."""
    prepriced: Decimal | None = None
    prepriced_count: int | None = None
    """What the pack says that consumers pay, for so many pieces."""
    tax_exemption: str | None = None
    """X12 441, as sent."""
    link: str | None = None
    link_sequence: str | None = None
    """What several documents belong together by, and which of them this is."""
    hash_total: str | None = None
    """A sum that only proves that nothing was lost: X12 347."""


Aside.spare = frozenset(Aside.model_fields)
