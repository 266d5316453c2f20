"""Terms of payment: what X12 says in one segment, EDIFACT says in two."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hub.model.invoice import Invoice
from hub.model.terms import PaymentTerms
from tests.edi.samples import GS, st, x12
from tests.messages.test_messages import ENVELOPE, FORMATS, documents

INVOICE = """
BIG*20261122*R-1*20261101*4711
N1*BY*FERNWICK*UL*0614141000012
N1*SU*OAKLANE*UL*4012345000016
ITD*01*3*2**10**30
IT1*1*5*CA*10**UP*614141000012
TDS*5000
CTT*1
""".strip().splitlines()


def _invoice() -> Invoice:
    [invoice] = documents("x12/004010/810", x12(st(INVOICE, kind="810"), gs=GS.replace("PO", "IN")).encode())
    assert isinstance(invoice, Invoice)
    return invoice


@pytest.mark.parametrize("table", ["edifact/D96A/INVOIC", "edifact/D01B/INVOIC"])
def test_two_percent_within_ten_days_net_within_thirty_is_one_offer_in_two_segments(table: str) -> None:
    invoice = _invoice()
    [terms] = invoice.terms
    assert (terms.discount_percent, terms.discount_days, terms.net_days) == (2, 10, 30)
    written = FORMATS["edifact"].write(table, [invoice], ENVELOPE, None)
    assert b"PAT+22++5:3:D:10'PCD+12:2'PAT+1++5:3:D:30'" in written
    [again] = documents(table, written)
    assert isinstance(again, Invoice)
    [read] = again.terms
    assert (read.discount_percent, read.discount_days, read.net_days) == (2, 10, 30)
    assert FORMATS["edifact"].write(table, [invoice, invoice], ENVELOPE, None).count(b"PAT+1+") == 2


def test_offers_that_each_say_all_they_mean_stay_apart() -> None:
    offers = (PaymentTerms(net_days=30), PaymentTerms(discount_percent=Decimal(3), discount_days=7, net_days=60),
              PaymentTerms(net_days=90), PaymentTerms(discount_days=14))
    assert PaymentTerms.joined([half for offer in offers[:3] for half in offer.halves()]) == offers[:3]
    assert PaymentTerms.joined(offers[2:]) == offers[2:]
