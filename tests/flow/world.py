"""A small world for flow tests: one buyer, one seller, two items, one place; invented names, valid keys."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hub.flow.context import Context, Parties
from hub.model.agreement import Agreement, Member
from hub.model.exchange import Address
from hub.model.item import Item, Location
from hub.model.profile import FormatAddress, Profile
from hub.ports import CatalogueView

HUB = "9501101530003"
BUYER, SELLER = "9521002000009", "9521001000000"
DC = "9521002001013"
CRISPS, SOUP = "09521001100106", "09521001200103"
TODAY = date(2026, 11, 16)

buyer = Profile(
    name="alder", title="Alder Shops", kind="retailer", gln=BUYER, week_start="sunday",
    addresses=(FormatAddress(format="x12", address=Address(qualifier="ZZ", id="ALDER")),),
    receives={"order_response": "x12/004010/855"},
)
seller = Profile(
    name="birch", title="Birch Foods", kind="manufacturer", gln=SELLER, addresses=(),
    receives={"order": "edifact/D96A/ORDERS"},
)
agreement = Agreement(
    name="retail", valid_from=date(2024, 1, 1), items=(CRISPS, SOUP), locations=(DC,),
    members=(Member(partner="alder", role="buyer", sees=("sold",)), Member(partner="birch", role="seller", sees=())),
)
catalogue = CatalogueView(
    items={
        CRISPS: Item(gtin=CRISPS, name="Sea Salt Crisps", unit_value=Decimal("1.20")),
        SOUP: Item(gtin=SOUP, name="Tomato Soup"),
    },
    locations={DC: Location(gln=DC, name="North DC", code="N1")},
    owners={DC: "alder"},
    codes={("alder", "buyer", "A-100"): CRISPS, ("birch", "seller", "CR-150"): CRISPS},
    places={("alder", "N1"): DC},
    factors={(CRISPS, "each"): 1.0, (CRISPS, "case"): 12.0, (SOUP, "each"): 1.0},
)


def context(today: date = TODAY) -> Context:
    return Context(
        hub_gln=HUB, today=today, profiles={"alder": buyer, "birch": seller}, agreements=(agreement,),
        catalogue=catalogue, by_gln={BUYER: "alder", SELLER: "birch"},
        names={(partner, scheme, gtin): code for (partner, scheme, code), gtin in catalogue.codes.items()},
    )


parties = Parties(sender="alder", receiver=None, buyer="alder", seller="birch")
