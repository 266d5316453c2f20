"""Who takes part in a document."""

from __future__ import annotations

from typing import ClassVar, Literal

from hub.model.contact import Contact
from hub.model.place import NamedPlace
from hub.model.reference import Reference
from hub.model.value import Value

PartyScheme = Literal["gln", "duns", "duns4", "scac", "buyer", "seller", "mutual", "carrier",
                      "sender", "receiver"]
"""Who issued the identifier: GS1 (gln), Dun & Bradstreet (duns, duns4 with suffix), the buyer, the seller, both,
the carrier, or who
sends or receives the document."""


class Party(Value):
    """A party or place named in a document. `id` is unique within `scheme`."""

    spare: ClassVar[frozenset[str]] = frozenset({"name_2", "name_3", "street_2", "contacts", "references", "places"})

    id: str | None = None
    scheme: PartyScheme | None = None
    name: str | None = None
    name_2: str | None = None
    name_3: str | None = None
    street: str | None = None
    street_2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    contacts: tuple[Contact, ...] = ()
    references: tuple[Reference, ...] = ()
    places: tuple[NamedPlace, ...] = ()


class OtherParty(Party):
    """A party that plays another part than those which have a field of their own: `role` is a word of
    `schemas/codes/role.toml`, or the sender's code where there is no word."""

    role: str
