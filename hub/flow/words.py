"""In the receiver's words: the same document with items and places also named as the receiver names them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from hub.flow.check import ITEM, resolve_item, resolve_place
from hub.flow.context import Context, Parties
from hub.model.acknowledgement import Acknowledged
from hub.model.bulk import Bulk
from hub.model.exchange import Document
from hub.model.order import Order
from hub.model.order_change import OrderChange
from hub.model.party import Party
from hub.model.response import OrderResponse


def in_words_of(document: Document, context: Context, sender: str | None, receiver: str) -> Document:
    """Every item with its GTIN, the buyer's and the seller's code, every place by its GLN, as far as they are known."""
    if isinstance(document, Acknowledged):
        return document
    head: Any = document.header if isinstance(document, Bulk) else document
    sides = (getattr(head, "buyer", None), getattr(head, "seller", None))
    buyer, seller = (context.by_gln.get(side.id) if side else None for side in sides)
    parties = Parties(sender, receiver, buyer, seller)
    if isinstance(document, Order | OrderResponse | OrderChange):
        lines = tuple(line.model_copy(update=_missing(line, context, parties)) for line in document.lines)
        return document.model_copy(update={"lines": lines, "ship_to": _place(document.ship_to, context, parties)})
    if isinstance(document, Bulk):
        return replace(document, lines=_frame(document.lines, context, parties))
    return document


def names_of(gtin: str, context: Context, parties: Parties) -> dict[str, str | None]:
    """How an item is called: GTIN, buyer's and seller's code; None where nobody told us."""
    return {
        "gtin": gtin,
        "buyer_item": context.code(parties.buyer, "buyer", gtin),
        "seller_item": context.code(parties.seller, "seller", gtin),
    }


def _missing(line: Any, context: Context, parties: Parties) -> dict[str, str]:
    gtin = resolve_item(line.gtin, line.buyer_item, line.seller_item, context, parties)
    if gtin is None:
        return {}
    names = names_of(gtin, context, parties)
    return {name: text for name, text in names.items() if text and not getattr(line, name)}


def _place(place: Party | None, context: Context, parties: Parties) -> Party | None:
    gln = resolve_place(place.id, context, parties) if place else None
    if place is None or gln is None:
        return place
    name = place.name or context.catalogue.locations[gln].name
    return place.model_copy(update={"id": gln, "scheme": "gln", "name": name})


def _frame(lines: pl.DataFrame, context: Context, parties: Parties) -> pl.DataFrame:
    items = lines.select(ITEM).unique(maintain_order=True)
    found: list[dict[str, str | None]] = []
    for row in items.iter_rows(named=True):
        gtin = resolve_item(row["gtin"], row["buyer_item"], row["seller_item"], context, parties)
        names = names_of(gtin, context, parties) if gtin else row
        found.append({f"new_{name}": row[name] or names[name] for name in ITEM})
    items = items.hstack(pl.DataFrame(found, schema={f"new_{name}": pl.String for name in ITEM}))
    places = lines.select("location").unique(maintain_order=True)
    glns = [resolve_place(code, context, parties) for (code,) in places.iter_rows()]
    places = places.with_columns(pl.Series("gln", glns, dtype=pl.String))
    named = lines.join(items, on=ITEM, how="left", nulls_equal=True, maintain_order="left")
    named = named.join(places, on="location", how="left", nulls_equal=True, maintain_order="left")
    known = pl.col("gln").is_not_null()
    return named.with_columns(
        *(pl.col(f"new_{name}").alias(name) for name in ITEM),
        pl.when(known).then(pl.lit("gln")).otherwise(pl.col("scheme")).alias("scheme"),
        pl.coalesce("gln", "location").alias("location"),
    ).select(lines.columns)
