"""Which items a chain's shops may sell, from when: X12 878."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from hub.model.moment import Moment
from hub.model.particulars import Particulars
from hub.model.party import OtherParty, Party
from hub.model.pricing import RetailPrice
from hub.model.value import Value

Authorization = Literal["authorize", "change_price", "withdraw"]


class AuthorizedPlace(OtherParty):
    """A shop, warehouse or group of them, with its own days and the price that is printed on the pack there."""

    dates: tuple[Moment, ...] = ()
    retail_price: RetailPrice | None = None


class AuthorizedItem(Value):
    """From the day `on` the `places` may sell `gtin` (the pack that consumers buy), no longer may, or shall price it
    otherwise. `case_gtin` is the case of `pack` of them, each of `inner` pieces; `price` is that of one."""

    action: Authorization
    on: date
    gtin: str
    case_gtin: str | None = None
    buyer_item: str | None = None
    seller_item: str | None = None
    description: str | None = None
    pack: Decimal | None = None
    inner: Decimal | None = None
    price: Decimal | None = None
    places: tuple[AuthorizedPlace, ...] = ()


class ItemAuthorization(Particulars):
    """What a buyer takes into its range or out of it. The standard gives it neither a number nor a date."""

    buyer: Party | None = None
    seller: Party | None = None
    lines: tuple[AuthorizedItem, ...] = ()
