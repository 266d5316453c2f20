"""One stock policy per file, each a pure function over many item-locations: when to order, and how much."""
