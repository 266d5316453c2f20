"""The whole world from one seed, as the files that each example partner sends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np
import polars as pl

from hub.model.agreement import Agreement
from hub.model.exchange import Document
from hub.model.inventory import Inventory
from hub.model.order import Order
from hub.model.party import Party
from hub.model.plan import Vector
from partners.book import Partner
from partners.world import documents as say
from partners.world.demand import Market, Promotion, happen, make_market, shared_promotions
from partners.world.stock import on_hand
from partners.world.views import Planted, plant, planted, view

WEEKS = 104
HORIZON = 13
AS_OF = date(2026, 11, 16)
RETAILER, MAKER, WHOLESALER, FILLER = "larkmoor", "quillfield", "vandermoor", "pebbleworth"


@dataclass(frozen=True, slots=True)
class Posting:
    """One file: who sends it, for whom, written by which table, holding which documents. `kind` is a key of
    `Profile.receives`; `receiver` is None where the hub itself is meant. `note` says what was made wrong on purpose."""

    name: str
    sender: str
    receiver: str | None
    kind: str
    table: str
    documents: tuple[Document, ...]
    note: str | None = None


class World:
    """104 weeks of history before `as_of`, a Monday, and 13 weeks of opinions about what comes.

    Raises ValueError when `as_of` is no Monday or one of the four partners is not among `partners`.
    """

    def __init__(self, seed: int, partners: Sequence[Partner], as_of: date = AS_OF) -> None:
        if as_of.weekday() != 0:
            raise ValueError(f"{as_of} is not a Monday")
        self.seed, self.as_of = seed, as_of
        self.partners = {p.name: p for p in partners}
        missing = {RETAILER, MAKER, WHOLESALER, FILLER} - set(self.partners)
        if missing:
            raise ValueError(f"the world needs the example partner {sorted(missing)[0]}")
        self.agreements = {a.name: a for p in partners for a in p.agreements}
        self.items = {i.gtin: i for i in self.partners[MAKER].master.items}

    # -- the numbers -------------------------------------------------------------------------------------------------

    def _rng(self, *what: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, *what])

    @cached_property
    def retail(self) -> Market:
        """What Larkmoor's stores sell, by the distribution centre that serves them."""
        agreement = self.agreements["retail"]
        calm = make_market(self._rng(1), self._groups(agreement), _keys(agreement), self.as_of)
        shared = shared_promotions(self._rng(2), self._groups(agreement), agreement.locations, self.as_of,
                                   (RETAILER, MAKER), 14, 7 * HORIZON)
        return happen(self._rng(3), calm, [*shared, *self._one_sided(calm)])

    @cached_property
    def wholesale(self) -> Market:
        """What leaves Vandermoor's warehouses."""
        agreement = self.agreements["wholesale"]
        calm = make_market(self._rng(4), self._groups(agreement), _keys(agreement), self.as_of)
        shared = shared_promotions(self._rng(5), self._groups(agreement), agreement.locations, self.as_of,
                                   (WHOLESALER, MAKER), 6, 7 * HORIZON)
        return happen(self._rng(6), calm, shared)

    @property
    def promotions(self) -> tuple[Promotion, ...]:
        """Every event of both markets, those that one side keeps to itself included."""
        return self.retail.promotions + self.wholesale.promotions

    @property
    def planted(self) -> tuple[Planted, ...]:
        """Where Larkmoor and Quillfield must be found to disagree."""
        return planted([p for p in self.retail.promotions if len(p.known_to) == 1])

    def _one_sided(self, calm: Market) -> list[Promotion]:
        return plant(self._rng(7), calm.calm, calm.keys, self._groups(self.agreements["retail"]), self.as_of, RETAILER,
                     MAKER)

    def _groups(self, agreement: Agreement) -> dict[str, str]:
        return {g: self.items[g].group or "" for g in agreement.items}

    @cached_property
    def supply_needs(self) -> tuple[tuple[say.Key, ...], Vector]:
        """What Quillfield expects to take from its filler: keys, and cases per week of shape (series, HORIZON)."""
        agreement = self.agreements["copack"]
        keys = _keys(agreement)
        rng = self._rng(8)
        weeks = np.zeros((len(keys), HORIZON))
        for market in (self.retail, self.wholesale):
            expected = market.weeks(market.expected(MAKER), self.as_of, HORIZON)
            for row, (gtin, _) in enumerate(market.keys):
                for at in (i for i, (g, _) in enumerate(keys) if g == gtin):
                    weeks[at] += expected[row]
        noisy = weeks * np.exp(rng.normal(0, 0.03, weeks.shape))
        return keys, np.ceil(noisy / self._packs([g for g, _ in keys])[:, None])

    def _packs(self, gtins: Sequence[str]) -> Vector:
        return np.array([self._pack[g] for g in gtins])

    @cached_property
    def _pack(self) -> dict[str, float]:
        return {c.gtin: float(c.factor) for c in self.partners[MAKER].master.conversions if c.unit == "case"}

    # -- who speaks how ----------------------------------------------------------------------------------------------

    def _tongue(self, partner: str, role: str, unit: str, gives_gtin: bool = True) -> say.Tongue:
        codes = {c.gtin: c.code for c in self.partners[partner].master.codes if c.scheme == role}
        pack = self._pack if unit == "case" else dict.fromkeys(self.items, 1.0)
        return say.Tongue(role, codes, unit, pack, gives_gtin)

    def _party(self, partner: str) -> Party:
        profile = self.partners[partner].profile
        return say.party(profile.gln, profile.title)

    def _place(self, gln: str) -> Party:
        places = {x.gln: x.name for p in self.partners.values() for x in p.master.locations}
        return say.party(gln, places[gln])

    def _number(self, prefix: str, at: int = 1) -> str:
        return f"{prefix}{self.as_of:%y%m%d}{self.seed % 1000:03d}{at:02d}"

    # -- the files ---------------------------------------------------------------------------------------------------

    def postings(self) -> Iterator[Posting]:
        """Everything in the order in which it is sent: history, views of the future, then orders and their answers."""
        yield from self.retail_history()
        yield self.retail_forecast()
        yield from self.wholesale_history()
        yield from self.maker_forecasts()
        yield self.maker_stock()
        yield self.maker_order_forecast()
        yield from self.retail_orders()
        yield from self.supply_orders()

    def retail_history(self, weeks_per_file: int = 13) -> Iterator[Posting]:
        """852: Sunday weeks, eaches, Larkmoor's own item codes only; one document per week and distribution centre."""
        first = self.as_of - timedelta(days=1 + 7 * WEEKS)
        keys, sold = self.retail.keys, self.retail.weeks(self.retail.actual, first, WEEKS)
        stock = on_hand(self._rng(9), sold, self._packs([g for g, _ in keys]))
        tongue = self._tongue(RETAILER, "buyer", "each", gives_gtin=False)
        at = 0
        for start in range(0, WEEKS, weeks_per_file):
            documents: list[Document] = []
            for week in range(start, min(start + weeks_per_file, WEEKS)):
                for gln in self.agreements["retail"].locations:
                    rows = [i for i, (_, p) in enumerate(keys) if p == gln]
                    at += 1
                    documents.append(say.activity(
                        f"A{at:05d}", [keys[i] for i in rows],
                        {"sold": sold[rows, week : week + 1], "on_hand": stock[rows, week : week + 1]},
                        first + timedelta(weeks=week), tongue, self._party(RETAILER), self._party(MAKER)))
            yield Posting(f"852-{start // weeks_per_file + 1:02d}", RETAILER, MAKER, "activity", "x12/004010/852",
                          tuple(documents))

    def retail_forecast(self) -> Posting:
        """830: Sunday weeks that cover the horizon's Monday weeks, eaches, GTIN and own code."""
        first = self.as_of - timedelta(days=1)
        values = view(self._rng(10), self.retail, RETAILER, first, HORIZON + 1, bias=0.02)
        document = say.forecast(
            self._number("F"), "sales", self.retail.keys, values, first, self.as_of,
            self._tongue(RETAILER, "buyer", "each"), self._party(RETAILER), self._party(MAKER))
        return Posting("830", RETAILER, MAKER, "sales_forecast", "x12/004010/830", (document,))

    def wholesale_history(self, weeks_per_document: int = 13) -> Iterator[Posting]:
        """SLSRPT with what left the warehouses and INVRPT with what lies there, Monday weeks, full cases."""
        first = self.as_of - timedelta(weeks=WEEKS)
        keys, packs = self.wholesale.keys, self._packs([g for g, _ in self.wholesale.keys])[:, None]
        sold = np.rint(self.wholesale.weeks(self.wholesale.actual, first, WEEKS) / packs)
        stock = on_hand(self._rng(11), sold, np.ones(len(keys)))
        tongue = self._tongue(WHOLESALER, "buyer", "case")
        buyer, seller = self._party(WHOLESALER), self._party(MAKER)
        sales = tuple(
            say.activity(f"S{at:05d}", keys, {"sold": sold[:, start : start + weeks_per_document]},
                         first + timedelta(weeks=start), tongue, buyer, seller)
            for at, start in enumerate(range(0, WEEKS, weeks_per_document), 1))
        yield Posting("SLSRPT", WHOLESALER, MAKER, "activity", "edifact/D96A/SLSRPT", sales)
        report = say.inventory(self._number("I"), keys, stock[:, -1], self.as_of - timedelta(days=1), tongue, buyer,
                               buyer, seller)
        yield _stock_report("INVRPT", report)

    def maker_forecasts(self) -> Iterator[Posting]:
        """What Quillfield thinks its two customers will sell, Monday weeks, eaches: SLSFCT for the retailer, and UBL,
        which it begins to use, for the wholesaler."""
        tongue, maker = self._tongue(MAKER, "seller", "each"), self._party(MAKER)
        documents = tuple(
            say.forecast(
                self._number("V", at), "sales", market.keys,
                view(self._rng(11 + at), market, MAKER, self.as_of, HORIZON, bias=-0.015), self.as_of, self.as_of,
                tongue, self._party(buyer), maker, by_week=True)
            for at, (market, buyer) in enumerate(((self.retail, RETAILER), (self.wholesale, WHOLESALER)), 1))
        yield Posting("SLSFCT", MAKER, None, "sales_forecast", "edifact/D96A/SLSFCT", documents[:1])
        yield Posting("Forecast", MAKER, None, "sales_forecast", "ubl/2.1/Forecast", documents[1:])

    def maker_stock(self) -> Posting:
        """What lies in Quillfield's own distribution centre, as CSV with its own code for the place, in cases."""
        keys, needs = self.supply_needs
        cover = self._rng(14).uniform(2.2, 3.4, len(keys))
        places = {x.gln: x.code or x.gln for x in self.partners[MAKER].master.locations}
        document = say.inventory(self._number("Q"), keys, np.rint(needs[:, :4].mean(axis=1) * cover),
                                 self.as_of - timedelta(days=1), self._tongue(MAKER, "seller", "case"),
                                 self._party(MAKER), places=places)
        return Posting("stock", MAKER, None, "inventory", "csv/1/inventory", (document,))

    def maker_order_forecast(self) -> Posting:
        """DELFOR: what Quillfield will order from its filler, Monday weeks, cases."""
        keys, needs = self.supply_needs
        document = say.forecast(self._number("D"), "order", keys, needs, self.as_of, self.as_of,
                                self._tongue(MAKER, "buyer", "case"), self._party(MAKER), self._party(FILLER))
        return Posting("DELFOR", MAKER, FILLER, "order_forecast", "edifact/D96A/DELFOR", (document,))

    def retail_orders(self) -> Iterator[Posting]:
        """One 850 per distribution centre, in cases, and Quillfield's ORDRSP to each; one line comes short."""
        rng, names = self._rng(15), {g: i.name for g, i in self.items.items()}
        tongue, answers = self._tongue(RETAILER, "buyer", "case"), self._tongue(MAKER, "seller", "case")
        week = self.retail.weeks(self.retail.expected(RETAILER), self.as_of, 1)[:, 0]
        orders = []
        for at, gln in enumerate(self.agreements["retail"].locations, 1):
            rows = [i for i, (_, p) in enumerate(self.retail.keys) if p == gln]
            chosen = sorted(rng.choice(rows, size=10, replace=False))
            lines = [(g, int(np.ceil(week[i] * rng.uniform(0.8, 1.2) / self._pack[g])))
                     for i in chosen for g in [self.retail.keys[i][0]]]
            orders.append(say.order(
                self._number("LK", at), self.as_of, self.as_of + timedelta(days=7), lines, tongue,
                self._prices(Decimal("0.62")), names, self._party(RETAILER), self._party(MAKER), self._place(gln),
                department="412"))
        yield Posting("850", RETAILER, MAKER, "order", "x12/004010/850", tuple(orders))
        yield self._answer("ORDRSP", MAKER, RETAILER, "edifact/D96A/ORDRSP", orders, answers, "QC", rng)

    def supply_orders(self) -> Iterator[Posting]:
        """Quillfield's ORDERS to its filler, in cases, and the filler's 855."""
        rng, names = self._rng(16), {g: i.name for g, i in self.items.items()}
        keys, needs = self.supply_needs
        lines = [(g, int(np.ceil(needs[i, 3] * rng.uniform(0.9, 1.1)))) for i, (g, _) in enumerate(keys)]
        asked = say.order(
            self._number("QP"), self.as_of, self.as_of + timedelta(days=21), lines,
            self._tongue(MAKER, "buyer", "case"), self._prices(Decimal("0.38")), names, self._party(MAKER),
            self._party(FILLER), self._place(keys[0][1]))
        yield Posting("ORDERS", MAKER, FILLER, "order", "edifact/D96A/ORDERS", (asked,))
        yield self._answer("855", FILLER, MAKER, "x12/004010/855", [asked], self._tongue(FILLER, "seller", "case"),
                           "PB", rng)

    def _answer(self, name: str, sender: str, receiver: str, table: str, orders: Sequence[Order], tongue: say.Tongue,
                prefix: str, rng: np.random.Generator) -> Posting:
        """Answers to all of `orders`; the last one's largest line is cut by a third."""
        answers = []
        for at, asked in enumerate(orders, 1):
            largest = max(range(len(asked.lines)), key=lambda i: asked.lines[i].quantity)
            short = {largest: int(asked.lines[largest].quantity * 2 // 3)} if at == len(orders) else {}
            answers.append(say.response(self._number(prefix, at), asked, short, tongue, self.as_of + timedelta(days=1)))
        return Posting(name, sender, receiver, "order_response", table, tuple(answers))

    def _prices(self, share: Decimal) -> dict[str, Decimal]:
        cent = Decimal("0.01")
        return {g: (Decimal(str(self._pack[g])) * (i.unit_value or Decimal(1)) * share).quantize(cent)
                for g, i in self.items.items()}

    def faulty_postings(self) -> Iterator[Posting]:
        """Files with one line each that the hub must not take, so that its findings can be shown."""
        keys = self.wholesale.keys[:4]
        stock = self._rng(17).integers(20, 90, len(keys)).astype(float)
        buyer, seller = self._party(WHOLESALER), self._party(MAKER)
        sound = say.inventory(self._number("J"), keys, stock, self.as_of, self._tongue(WHOLESALER, "buyer", "case"),
                              buyer, buyer, seller)
        for name, column, value, note in (
            ("INVRPT-unknown-unit", "unit", "drum", "a unit for which no conversion is known"),
            ("INVRPT-unknown-item", "gtin", "09521009999993", "an item that nobody knows"),
        ):
            wrong = sound.lines.with_columns(
                pl.when(pl.int_range(pl.len()) == 1).then(pl.lit(value)).otherwise(pl.col(column)).alias(column),
                *([pl.lit(None, dtype=pl.String).alias("buyer_item")] if column == "gtin" else []))
            yield _stock_report(name, Inventory(sound.header, wrong), note)


def _stock_report(name: str, report: Inventory, note: str | None = None) -> Posting:
    return Posting(name, WHOLESALER, MAKER, "inventory", "edifact/D96A/INVRPT", (report,), note)


def _keys(agreement: Agreement) -> tuple[say.Key, ...]:
    return tuple((g, p) for p in agreement.locations for g in agreement.items)
