"""What a random document may say at once: what standards allow only together, only instead of each other, or seldom."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from hub.model.aside import Aside
from hub.model.particulars import TradeLineParticulars, TradeParticulars
from hub.model.party import Party

X12_TEXT = "ABCXYZabc0123456789 -./&"
EDIFACT_TEXT = X12_TEXT + "+:'?*~,äß"
ALWAYS = (
    "purpose",
    "issued_on",
    "responded_on",
    "changed_on",
    "ordered_on",
    "as_of",
    "start",
    "end",
    "id",
    "scheme",
    "quantity",
    "ordered",
    "unit",
    "number",
    "answer",
    "action",
    "price",
    "total",
    "kind",
    "service",
    "amount",
    "pack",
    "paid",
    "minimum",
    "method",
    "outcome",
    "gtin",
    "on",
    "value",
    "text",
    "carrier",
    "mode",
    "transport_mode",
    "function",
    "payment",
    "stage",
    "handling",
    "level",
    "settlement",
    "total_quantity",
    "total_unit",
    "role",
    "category",
    "status",
    "reason",
    "owner",
    "free",
    "bought",
    "bought_unit",
)
"""What the standards demand where our model does not: without it hardly any message is right."""
DIGITS = {"group_control": 5, "control": 9, "message": 3, "segment": 3, "field": 2, "code": 3, "payer_account": 10}
DIGITS |= {"payer_bank": 9, "payee_bank": 9, "payee_account": 10}
"""X12 has little room for these."""
TOGETHER = {
    "weight_unit": "gross_weight weight net_weight total_weight",
    "total_weight": "weight_unit",
    "total_volume": "volume_unit",
    "exchange_rate": "currency",
    "target_currency": "currency",
    "description_about": "description",
    "weight_kind": "gross_weight weight",
    "gross_weight": "weight_unit",
    "net_weight": "weight_unit",
    "ordered_on": "order_number",
    "time_zone": "time",
    "zone": "time",
    "line": "order_number",
    "region": "name city street",
    "country": "name city street code",
    "packaging": "packages count",
    "order_line": "order_number",
    "base": "percent",
    "questioned": "condition",
    "condition": "questioned",
    "discount_percent": "discount_on discount_days",
    "discount_amount": "discount_on discount_days",
    "reason": "adjustment",
    "adjustment": "reason",
    "name_3": "name_2",
    "street_2": "street",
    "time": "on",
    "until": "on",
    "length_unit": "length",
    "agency": "code agency_code property",
    "property_text": "property",
    "agency_code": "agency",
    "code": "agency",
    "language": "description text",
    "place_kind": "place",
    "place": "place_kind",
    "size": "size_unit",
    "size_unit": "size",
    "volume": "volume_unit",
    "volume_unit": "volume total_volume",
    "length": "edge_unit",
    "width": "edge_unit",
    "height": "edge_unit",
    "edge_unit": "length width height",
    "owner": "number",
    "title": "text",
}
"""A field and the one beside it (or several) without which most standards do not allow it."""
EXCLUSIVE = {
    "edifact": {"until": "time", "length": "on", "length_unit": "on"},
    "x12": {"channels": "email", "appointment": "status", "appointment_reason": "status"},
}
"""Fields that a segment can only say instead of each other (PAT, DTM), or that have no room beside each other (PER)."""
GROUPS = (
    ("weight", "weight_kind", "weight_unit"),
    ("unit_weight", "unit_weight_unit"),
    ("tare_weight", "tare_kind"),
    ("size", "size_unit"),
    ("volume", "volume_unit"),
    ("rate", "rate_basis"),
    ("declared_value", "declared_basis"),
    ("billed", "billed_unit"),
    ("shipped_quantity", "shipped_unit"),
    ("packages", "packaging"),
    ("commodity", "commodity_list"),
    ("commodity_2", "commodity_list_2"),
    ("marks", "marks_kind"),
    ("delivered_on", "date_kind"),
    ("respond_by", "respond_time"),
    ("location_kind", "location"),
    ("form", "period"),
    ("appointment", "appointment_reason"),
)
"""What one segment of a transport message says whole or not at all."""
BESIDE = {*TradeParticulars.model_fields, *TradeLineParticulars.model_fields, *Party.model_fields, "channels"}
BESIDE |= {"loads", "aside", *Aside.model_fields, "seals", "equipment", "lading", "goods", "tariffs", "places", "legs"}
"""What any document may say beside its own matter: seldom all of it at once."""
DATES = st.dates(date(2001, 1, 1), date(2049, 12, 31))
