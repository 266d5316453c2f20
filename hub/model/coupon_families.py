"""Which products a manufacturer's coupons are good for: X12 877."""

from __future__ import annotations

from datetime import date

from hub.model.contact import OtherNumber
from hub.model.order import Purpose
from hub.model.particulars import Particulars
from hub.model.party import Party
from hub.model.value import Value


class CoupledItem(Value):
    """A product that belongs to a family: the pack that consumers buy and, where it is told, its case."""

    gtin: str | None = None
    case_gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None


class CouponFamily(Value):
    """A family of products. `codes` say how coupons name it, by words of `schemas/codes/item_code.toml`."""

    number: str | None = None
    codes: tuple[OtherNumber, ...] = ()
    items: tuple[CoupledItem, ...] = ()


class CouponIssuer(Value):
    """Whose coupons they are: `role` is a word of `schemas/codes/role.toml`, `id` is unique within `scheme`."""

    number: int | None = None
    role: str | None = None
    scheme: str | None = None
    id: str | None = None
    families: tuple[CouponFamily, ...] = ()


class CouponFamilies(Particulars):
    """The families of one or several manufacturers."""

    number: str
    purpose: Purpose = "original"
    issued_on: date
    buyer: Party | None = None
    seller: Party | None = None
    issuers: tuple[CouponIssuer, ...] = ()
