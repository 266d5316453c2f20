"""Who we trade with and what we agreed: one directory per partner.

    profile.toml          who it is, what it speaks, in which table it wants each kind of document (`hub.model.profile`)
    agreements/*.toml     the collaboration arrangements that it owns (`hub.model.agreement`)
    items.csv             what is traded; conversions.csv how its packs convert; locations.csv where it lies
    item_codes.csv        what this partner calls the items
    x12/… edifact/… csv/… rows that differ from the standard's tables, for this partner alone
    samples/              one or two files as it sends them

`book` reads such directories into checked values or findings, and applies them to the hub; `world` makes up the numbers
that the four example partners send. `_template/` is there to be copied.
"""
