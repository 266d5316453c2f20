"""What only shows when partners are laid side by side: names, codes and scopes that do not meet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hub.errors import Finding
from hub.model.agreement import Agreement
from hub.model.profile import Profile
from partners.master_data import MasterData, problem

Entry = tuple[str, Profile, tuple[Agreement, ...], MasterData]


@dataclass(frozen=True, slots=True)
class Known:
    """What the hub knows already: short names, GTINs and GLNs; and the members of each agreement by its name."""

    partners: Collection[str] = ()
    items: Collection[str] = ()
    locations: Collection[str] = ()
    agreements: Mapping[str, frozenset[str]] = field(default_factory=dict)


def check_together(entries: Sequence[Entry], known: Known) -> list[Finding]:
    """All that does not fit, partner by partner in the order given."""
    names = {name for name, *_ in entries} | set(known.partners)
    items = {i.gtin for *_, m in entries for i in m.items} | set(known.items)
    places = {x.gln for *_, m in entries for x in m.locations} | set(known.locations)
    found = [f for name, _, agreements, master in entries
             for f in (*_scope(name, agreements, names, items, places), *_items(name, master, items))]
    return [*found, *_twice(entries, known)]


def _scope(
    name: str, agreements: Sequence[Agreement], names: set[str], items: set[str], places: set[str]
) -> Iterator[Finding]:
    for agreement in agreements:
        path = f"{name}/agreements/{agreement.name}.toml"
        for member in agreement.members:
            if member.partner not in names:
                yield problem("E-PARTNER-UNKNOWN", f"{path}#members", None,
                              f"Nobody is called {member.partner!r}, who should be the {member.role}.",
                              "Apply that partner's directory too, or correct the name.", member.partner)
        for grant in agreement.visibility:
            if grant.partner not in names:
                yield problem("E-PARTNER-UNKNOWN", f"{path}#visibility", None,
                              f"Nobody is called {grant.partner!r}, who should see something of it.",
                              "Apply that partner's directory too, or correct the name.", grant.partner)
        if name not in {m.partner for m in agreement.members}:
            yield problem("E-PARTNER-NOT-MEMBER", f"{path}#members", None,
                          f"{name!r} owns the agreement {agreement.name!r} but is no member of it.",
                          "Move the file to the directory of a member.", name)
        for gtin in agreement.items:
            if gtin not in items:
                yield problem("E-PARTNER-UNKNOWN-ITEM", f"{path}#items", None, f"No partner brings the item {gtin}.",
                              "Add it to items.csv, or take it out of the agreement.", gtin)
        for gln in agreement.locations:
            if gln not in places:
                yield problem("E-PARTNER-UNKNOWN-LOCATION", f"{path}#locations", None,
                              f"No partner brings the location {gln}.",
                              "Add it to locations.csv, or take it out of the agreement.", gln)


def _items(name: str, master: MasterData, items: set[str]) -> Iterator[Finding]:
    codes = ((line, code.gtin) for line, code in zip(master.code_lines, master.codes, strict=True))
    packs = ((line, pack.gtin) for line, pack in zip(master.conversion_lines, master.conversions, strict=True))
    for file, rows in (("item_codes", codes), ("conversions", packs)):
        for line, gtin in rows:
            if gtin not in items:
                yield problem("E-PARTNER-UNKNOWN-ITEM", f"{name}/{file}.csv#gtin", line,
                              f"No partner brings the item {gtin}.", "Add it to items.csv, or remove this line.", gtin)


def _twice(entries: Sequence[Entry], known: Known) -> Iterator[Finding]:
    """Names, GLNs and agreements that two claim."""
    owner: dict[str, str] = {}
    partner_of: dict[str, str] = {}
    location_of: dict[str, str] = {}
    for name, profile, agreements, master in entries:
        if partner_of.setdefault(profile.gln, name) != name:
            yield problem("E-PARTNER-DUPLICATE", f"{name}/profile.toml#gln", None,
                          f"{partner_of[profile.gln]!r} has the GLN {profile.gln} already.",
                          "Give each partner its own GLN.", profile.gln)
        for agreement in agreements:
            if owner.setdefault(agreement.name, name) != name:
                yield problem("E-PARTNER-DUPLICATE", f"{name}/agreements/{agreement.name}.toml#name", None,
                              f"{owner[agreement.name]!r} owns an agreement called {agreement.name!r} already.",
                              "Give it another name.", agreement.name)
            members = frozenset(m.partner for m in agreement.members)
            if known.agreements.get(agreement.name, members) != members:
                yield problem("E-PARTNER-DUPLICATE", f"{name}/agreements/{agreement.name}.toml#name", None,
                              f"{' and '.join(sorted(known.agreements[agreement.name]))} have an agreement called "
                              f"{agreement.name!r} already.", "Give it another name.", agreement.name)
        for place in master.locations:
            if location_of.setdefault(place.gln, name) != name:
                yield problem("E-PARTNER-DUPLICATE", f"{name}/locations.csv#gln", None,
                              f"{location_of[place.gln]!r} brings the location {place.gln} already.",
                              "A location belongs to one partner.", place.gln)
