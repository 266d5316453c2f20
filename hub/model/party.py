"""Who takes part in a document."""

from __future__ import annotations

from typing import Literal

from hub.model.value import Value

PartyScheme = Literal["gln", "duns", "duns4", "scac", "buyer", "seller", "mutual"]
"""Who issued the identifier: GS1 (gln), Dun & Bradstreet (duns, duns4 with suffix), the buyer, the seller, both."""


class Party(Value):
    """A party or place named in a document. `id` is unique within `scheme`."""

    id: str | None = None
    scheme: PartyScheme | None = None
    name: str | None = None
    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
