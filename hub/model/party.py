"""Who takes part in a document."""

from __future__ import annotations

from typing import ClassVar, Literal

from hub.model.contact import Contact
from hub.model.place import NamedPlace
from hub.model.reference import Reference
from hub.model.said import Said

PartyScheme = Literal["gln", "duns", "duns4", "scac", "buyer", "seller", "mutual", "carrier", "sender", "receiver",
                      "tax", "san", "hin", "dea", "odette", "manufacturer", "distributor", "bic", "dodaac"]
"""Who issued the identifier: GS1 (gln), Dun & Bradstreet (duns, duns4 with suffix), the buyer, the seller, both, the
carrier, who sends or receives the document, the tax authority, the book trade (san), the health industry (hin), the
drug administration (dea), the car makers of Europe (odette), who made or distributes the goods, SWIFT (bic), the
Department of Defense (dodaac)."""


class Party(Said):
    """A party or place named in a document. `id` is unique within `scheme`: a word of `PartyScheme`, or a code without
    a word behind the name of its standard ("x12:46")."""

    spare: ClassVar[frozenset[str]] = frozenset(
        {"name_2", "name_3", "street_2", "contacts", "references", "places", "location_kind", "location", "relation",
         "relation_role"}
    )

    id: str | None = None
    scheme: str | None = None
    name: str | None = None
    name_2: str | None = None
    name_3: str | None = None
    street: str | None = None
    street_2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    location_kind: str | None = None
    location: str | None = None
    """A code of where it is, beside the address: X12 N4-05 and 06."""
    relation: str | None = None
    relation_role: str | None = None
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    places: tuple[NamedPlace, ...] = ()


class OtherParty(Party):
    """A party that plays another part than those which have a field of their own: `role` is a word of
    `schemas/codes/role.toml`, or the sender's code where there is no word."""

    spare: ClassVar[frozenset[str]] = Party.spare | {"kind", "given_name", "middle_name", "title", "suffix"}

    role: str
    kind: str | None = None
    """A person or an organisation: X12 1065."""
    given_name: str | None = None
    middle_name: str | None = None
    title: str | None = None
    suffix: str | None = None
