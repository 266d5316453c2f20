"""What processing knows of the world: one snapshot per message, so that checks and conversions are pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from hub.model.agreement import Agreement
from hub.model.exchange import Address, Document, Interchange
from hub.model.profile import Profile
from hub.ports import CatalogueView, Guide, Unit


@dataclass(frozen=True, slots=True)
class Parties:
    """Who sent a document, whom its envelope names, and which sides the document itself names; short names."""

    sender: str | None
    receiver: str | None
    buyer: str | None = None
    seller: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Partners, agreements and catalogue as they stand on `today`; `hub_gln` is the hub's own envelope address."""

    hub_gln: str
    today: date
    profiles: Mapping[str, Profile]
    agreements: tuple[Agreement, ...]
    catalogue: CatalogueView
    by_gln: Mapping[str | None, str] = field(default_factory=dict)
    names: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    @classmethod
    async def load(cls, unit: Unit, hub_gln: str, today: date) -> Context:
        profiles = {p.name: p for p in await unit.partners.profiles()}
        catalogue = await unit.catalogue.snapshot()
        return cls(
            hub_gln=hub_gln,
            today=today,
            profiles=profiles,
            agreements=tuple(await unit.partners.agreements()),
            catalogue=catalogue,
            by_gln={p.gln: p.name for p in profiles.values()},
            names={(partner, scheme, gtin): code for (partner, scheme, code), gtin in catalogue.codes.items()},
        )

    def partner_at(self, format: str, address: Address | None) -> str | None:
        """The partner that uses this envelope address or has this GLN; a qualifier counts where the profile has one."""
        if address is None:
            return None
        for profile in self.profiles.values():
            own = profile.address(format)
            if own is None or own.id != address.id:
                continue
            if own.qualifier is None or address.qualifier is None or own.qualifier == address.qualifier:
                return profile.name
        return self.by_gln.get(address.id)

    def address_of(self, partner: str | None, format: str) -> Address:
        """The envelope address of a partner (None: of the hub) in a format: its own, else its GLN."""
        if partner is None:
            return gln_address(format, self.hub_gln)
        profile = self.profiles[partner]
        return profile.address(format) or gln_address(format, profile.gln)

    def is_hub(self, address: Address | None) -> bool:
        return address is not None and address.id == self.hub_gln

    def guide(self, interchange: Interchange, claimed: str | None) -> Guide:
        """How to read this sender; the channel's word counts where the file names nobody (CSV)."""
        name = self.partner_at(interchange.format, interchange.sender) or claimed
        profile = self.profiles.get(name) if name else None
        return Guide(partner=name, policy=profile.policy) if profile else Guide()

    def parties(self, document: Document | None, interchange: Interchange, sender: str | None) -> Parties:
        """Sides by the GLN that the document carries; who is not named there is known by the envelope alone."""
        head = getattr(document, "header", document)
        return Parties(
            sender=sender,
            receiver=self.partner_at(interchange.format, interchange.receiver),
            buyer=self._side(getattr(head, "buyer", None)),
            seller=self._side(getattr(head, "seller", None)),
        )

    def _side(self, party: object) -> str | None:
        gln = getattr(party, "id", None)
        return self.by_gln.get(gln) if isinstance(gln, str) else None

    def is_live(self, agreement: Agreement) -> bool:
        """Whether an agreement and both its sides are in business; before that its numbers are tests."""
        sides = (self.profiles.get(m.partner) for m in agreement.members)
        return agreement.stage == "live" and all(p is None or p.live for p in sides)

    def code(self, partner: str | None, scheme: str, gtin: str) -> str | None:
        """What `partner` calls an item in the role of `scheme` (buyer or seller)."""
        return self.names.get((partner, scheme, gtin)) if partner else None

    def of(self, partner: str | None) -> list[Agreement]:
        """The agreements in force today that `partner` is a member of."""
        return [
            a for a in self.agreements if a.in_force(self.today) and any(m.partner == partner for m in a.members)
        ]


def gln_address(format: str, gln: str) -> Address:
    """A GLN as an envelope address: it is called UL in X12 I05 and 14 in EDIFACT 0007."""
    return Address(qualifier={"x12": "UL", "edifact": "14"}.get(format), id=gln)
