"""Response to a load tender: X12 990. Whether the carrier takes it."""

from __future__ import annotations

from datetime import date

from hub.model.cargo import Equipment
from hub.model.particulars import Particulars


class TenderResponse(Particulars):
    """`shipment_number` is that of the tender (X12 204 B2-04). `answer` is a word of `tender_answer.toml` in
    `schemas/codes`; none means what the partners agreed that silence means."""

    shipment_number: str
    carrier: str | None = None
    responded_on: date | None = None
    answer: str | None = None
    equipment: Equipment | None = None
