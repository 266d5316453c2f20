"""Random documents that a message table can say, field by field from the table itself."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Container
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st
from pydantic import BaseModel

from adapters.mapping.beside import ASIDE
from adapters.mapping.down import REST
from adapters.mapping.message import Message
from adapters.mapping.pairs import Pairs
from adapters.mapping.part import Loop, Part, Slot
from hub.model.aside import Aside
from hub.model.bulk import Bulk
from hub.model.despatch import Despatch, DespatchedOrder
from hub.model.item import check_digit
from hub.model.party import Party
from hub.model.receipt import Receipt, ReceiptLine, ReceivedShare, ReceivedUnit
from tests.messages.measure import (
    ALWAYS,
    BESIDE,
    DATES,
    DIGITS,
    EDIFACT_TEXT,
    EXCLUSIVE,
    GROUPS,
    TOGETHER,
    X12_TEXT,
)


def whole(message: Message, format: str) -> st.SearchStrategy[Any]:
    """Documents of a message: frames, trees, or the parts of parts."""
    if message.canonical is Receipt:
        return receipts(message, format) if message.tree else models(message.part, format)
    if message.tree:
        return trees(message, format) if getattr(message.tree, "nested", True) else flat(message, format)
    return frames(message, format) if message.shape else models(message.part, format)


def texts(name: str, format: str) -> st.SearchStrategy[str]:
    """Texts that a place of this name can hold; article numbers are right ones."""
    if name == "gtin" or name.endswith("_gtin"):
        return st.integers(10**11, 10**12 - 1).map(lambda n: f"{n}{check_digit(str(n))}".zfill(14))
    if name in ("currency", "country"):
        return st.sampled_from(["EUR", "USD", "GBP"] if name == "currency" else ["AT", "US", "DE"])
    if name == "number":
        return st.integers(1, 999_999).map(str)
    if format == "x12" and name in DIGITS:
        return st.integers(10 ** (DIGITS[name] - 1), 10 ** DIGITS[name] - 1).map(str)
    if name == "sscc":
        return st.integers(10**16, 10**17 - 1).map(lambda n: f"{n}{check_digit(str(n))}")
    if name == "time" or name.endswith("_time"):
        return st.sampled_from(["0000", "0730", "1415", "2359"])
    if name.endswith("_bank"):
        return st.sampled_from(["BKAUATWW", "CHASUS33"])
    if name == "region":
        return st.sampled_from(["TX", "CA"])
    alphabet = X12_TEXT if format == "x12" else EDIFACT_TEXT
    longest = {"postcode": 9, "number": 10, "order_number": 10, "city": 20, "id": 13, "location": 13}.get(name, 25)
    shortest = 3 if name in ("id", "location", "city", "postcode", "carrier") else 1
    return st.text(alphabet, min_size=shortest, max_size=longest).map(str.strip).filter(
        lambda t: len(t) >= shortest and t != "-"
    )


def numbers(kind: type) -> st.SearchStrategy[Any]:
    whole = st.integers(-99_999, 999_999)
    if kind is float:
        return whole.map(lambda n: n / 4)
    return whole.map(lambda n: Decimal(n) / 100)


def value(slot: Slot, annotation: Any, format: str) -> st.SearchStrategy[Any]:
    """A value that this row can write: words of its code list, dates, numbers or text."""
    words = slot.choices[0].codec.words
    kind = slot.choices[0].codec.kind
    if words is not None:
        allowed = literals(annotation)
        return st.sampled_from(sorted(words & allowed if allowed else words))
    if kind is date:
        return DATES
    fact = slot.choices[0].place.fact
    if slot.choices[0].codec.wanted == "a code":  # of no list: it stands behind the name of its standard
        some = sorted(fact.codes) if fact and fact.codes else ["AA", "B1", "23"]
        codes = st.sampled_from(some)
        return codes.map(lambda code: f"{format}:{code}")
    if kind is str and fact and fact.codes:
        return st.sampled_from(sorted(fact.codes))
    if kind is Decimal and slot.name == "exchange_rate":
        return st.integers(1000, 9999).map(lambda n: Decimal(n) / 1000 + Decimal("0.0005"))
    if kind is Decimal and fact and 0 < fact.max < 8 and fact.type != "N0":
        return st.integers(1, 99).map(Decimal)
    if kind is Decimal and fact and fact.type == "N0":
        return st.integers(10 ** (max(fact.min, 1) - 1), 9_999).map(Decimal)
    if kind is str and fact and fact.type[0] == "N":
        return st.integers(10 ** (max(fact.min, 1) - 1), 10**fact.max - 1).map(str)
    if kind in (Decimal, float):
        return numbers(kind)
    if kind is int:
        return st.integers(1, min(999, 10**fact.max - 1) if fact and fact.max else 999)
    if fact is None or not fact.max or slot.choices[0].place.more or slot.name.endswith("gtin"):
        return texts(slot.name, format)
    cut = texts(slot.name, format).map(lambda text: text[: fact.max].strip())
    return cut.filter(lambda text: len(text) >= fact.min)


def literals(annotation: Any) -> set[str]:
    if typing.get_origin(annotation) is typing.Literal:
        return set(typing.get_args(annotation))
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        return set().union(*map(literals, typing.get_args(annotation)))
    return set()


def models(part: Part, format: str) -> st.SearchStrategy[Any]:
    """Documents of a part: required fields always, the others sometimes."""
    required: dict[str, st.SearchStrategy[Any]] = {n: st.just(v) for n, v in part.constants.items()}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for slot in part.slots:
        field = part.model.model_fields[slot.name]
        always = field.is_required() or slot.otherwise is not None or slot.name in ALWAYS
        (required if always else optional)[slot.name] = value(slot, field.annotation, format)
    for loop in part.loops:
        inner = models(loop.part, format)
        if loop.many and loop.ways[0][-1].qualifier == REST:
            inner = inner.filter(others(loop))
        if loop.name in required or loop.name in optional:
            continue  # written into the first of the loops that share a field
        if loop.many and loop.name in BESIDE and not loop.ways[0][-1].nodes[0].must:
            optional[loop.name] = st.lists(inner, max_size=1).map(tuple)
        elif loop.many:
            last = loop.ways[0][-1]
            beside = 2 if last.qualifier == REST else 0  # a buyer and a seller want room, too
            most = max(1, min([4, *(node.limit - beside for node in last.nodes if node.limit)]))
            required[loop.name] = st.lists(inner, min_size=1, max_size=most).map(tuple)
        else:
            named = inner.filter(lambda p: getattr(p, "id", "") is not None)
            (required if loop.name == "buyer" else optional)[loop.name] = named
    for run in part.pairs:
        kinds = sorted(w for w in run.codec.words or () if run.codec.dump(w, "") not in run.named)
        kind, code = run.names
        said = st.sampled_from(kinds) if kinds else st.sampled_from(["0711", "4812"])
        tag = f"{format}:" if run.codec.wanted == "a code" else ""
        one = st.builds(run.model, **{kind: said.map(lambda word, tag=tag: tag + word[:2] if tag else word),
                                      code: texts("number" if not kinds else "code", format)})
        optional[run.name] = st.lists(one, max_size=1).map(tuple)
        if demands_pairs(part, run):
            required[run.name] = st.lists(one, min_size=1, max_size=1).map(tuple)
            del optional[run.name]
    if part.aside:
        optional[ASIDE] = models(part.aside, format).filter(lambda aside: aside != Aside())
    beside = {name: optional.pop(name) for name in BESIDE & optional.keys()}
    some = st.sets(st.sampled_from(sorted(beside)), max_size=2) if beside else st.just(set())
    few = some.flatmap(lambda names: st.fixed_dictionaries({name: beside[name] for name in names}))
    said = {slot.name for slot in part.slots}
    both = st.tuples(st.fixed_dictionaries(required, optional=optional), few).map(lambda two: {**two[0], **two[1]})
    return both.map(lambda d: part.model(**in_groups(in_company(alone(fitting(d, part), format), part.model), said)))


def fitting(values: dict[str, Any], part: Part) -> dict[str, Any]:
    """Without the codes that find no room in a segment which holds few pairs."""
    places = {slot.name: slot.choices[0].place for slot in part.slots}
    paired = [name for name in values if name in places and places[name].pair and not places[name].steps]
    room = min((len(places[name].slots) for name in paired), default=0)
    return {name: value for name, value in values.items() if name not in paired[room:]}


def demands_pairs(part: Part, run: Pairs) -> bool:
    """Whether the standard wants a pair, and no other row of the part says one."""
    place = run.places[-1]
    wanted = place.segment.uses[next(iter(place.slots)) - 1].required
    return wanted and not any(choice.place.pair for slot in part.slots for choice in slot.choices)


def others(loop: Loop) -> Callable[[Any], bool]:
    """Whether a model does not carry a qualifier that another row of the table reads."""
    last = loop.ways[0][-1]
    slot = next((slot for slot in loop.part.slots if slot.choices[0].place.element == last.at[0]), None)
    if slot is None:
        return lambda model: True
    dump = slot.choices[0].codec.dump

    def other(model: Any) -> bool:
        value = getattr(model, slot.name)
        return value is None or dump(value, "").split("\x1f")[0] not in last.named

    return other


def in_groups(values: dict[str, Any], slots: Container[str]) -> dict[str, Any]:
    """Without the fields of a group of which another one is missing that the table could say too."""
    for group in GROUPS:
        known = [name for name in group if name in slots]
        if any(values.get(name) is None for name in known):
            values = {name: value for name, value in values.items() if name not in known}
    return values


def derived_kind(part: Part, values: dict[str, Any]) -> dict[str, Any]:
    """A kind that a table reads off a code beside it."""
    slot = next((slot for slot in part.slots if slot.name == "kind"), None)
    if slot is None or not slot.choices[0].codec.whole or "service" not in values:
        return values
    code = values["service"] if values["service"].isdigit() else "29"
    return {**values, "service": code, "kind": slot.choices[0].codec.load(code)}


def alone(values: dict[str, Any], format: str) -> dict[str, Any]:
    """Without the fields that one segment can only say instead of others."""
    instead = EXCLUSIVE[format]
    return {name: value for name, value in values.items() if instead.get(name) not in values}


def in_company(values: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Without the fields whose neighbour is missing."""
    told = {name: [f for f in fields.split() if f in model.model_fields] for name, fields in TOGETHER.items()}
    free = {name for name, field in model.model_fields.items() if not field.is_required()}
    told = {name: fields for name, fields in told.items() if fields and name in free}
    for name in [name for name in values if name in told and not any(values.get(other) for other in told[name])]:
        values = {key: value for key, value in values.items() if key != name}
    return {n: v for n, v in values.items() if n not in told or any(values.get(other) for other in told[n])}


def frames(message: Message, format: str) -> st.SearchStrategy[Bulk]:
    """Frames of a few rows; columns that the table does not know stay empty."""
    shape = message.shape
    assert shape is not None
    columns = {c.name: c for c in shape.columns}
    nothing = st.none()
    row = st.fixed_dictionaries(
        {
            name: nothing if name not in columns else cell(columns[name].slots[0][1], format)
            for name in shape.document.SCHEMA
        }
    )

    def build(header: BaseModel, rows: list[dict[str, Any]]) -> Bulk:
        rows = [{**row, **shape.constants} for row in rows]
        for name, told in shared(message).items():
            rows = [{**row, told: getattr(header, name)} for row in rows]
        rows = [{**row, **derived(columns, row)} for row in rows]
        if "N1[ST]-04" in message_places(message):  # the place of all lines is the one that the header ships to
            place = {name: rows[0][name] for name in ("location", "scheme")}
            rows = [{**row, **place} for row in rows]
            header = header.model_copy(update={"ship_to": Party(id=place["location"], scheme=place["scheme"])})
        return shape.document(header, pl.DataFrame(rows, schema=shape.document.SCHEMA))

    headers = models(shape.header, format).filter(names_somebody)
    return st.builds(build, headers, st.lists(row, min_size=1, max_size=5))


def names_somebody(header: BaseModel) -> bool:
    """Whether a report says between whom it is: most messages demand at least one party."""
    sides = [getattr(header, side) for side in ("buyer", "seller", "reporter") if hasattr(header, side)]
    return not sides or any(sides)


def trees(message: Message, format: str) -> st.SearchStrategy[Despatch]:
    """Despatches whose goods are a tree; the orders are those of the items, and some that nothing is sent for."""
    assert message.tree is not None
    parts = message.tree.parts
    orders = st.lists(models(parts["order"], format), max_size=3, unique_by=lambda order: order.number)

    def grown(head: Despatch, orders: list[DespatchedOrder]) -> st.SearchStrategy[Despatch]:
        numbers: list[Any] = [order.number for order in orders] or [None]
        item = st.builds(
            lambda item, number: item.model_copy(update={"order_number": number, "order_line": None}),
            models(parts["item"], format).filter(lambda item: item.gtin or item.buyer_item or item.seller_item),
            st.sampled_from(numbers),
        )
        pack = st.builds(
            lambda unit, items: unit.model_copy(update={"kind": "pack", "items": tuple(items)}),
            models(parts["pack"], format),
            st.lists(item, max_size=2),
        )
        tare = st.builds(
            lambda unit, units: unit.model_copy(update={"kind": "tare", "units": tuple(units)}),
            models(parts["tare"], format),
            st.lists(pack, max_size=2),
        )
        return st.builds(
            lambda items, units: head.model_copy(
                update={"orders": tuple(orders), "items": tuple(items), "units": tuple(units)}
            ),
            st.lists(item, max_size=2),
            st.lists(pack | tare, max_size=3),
        )

    return st.builds(lambda *both: both, models(message.part, format), orders).flatmap(lambda both: grown(*both))


def flat(message: Message, format: str) -> st.SearchStrategy[Despatch]:
    """Despatches whose boxes hold no boxes: items of orders, loose or in boxes that carry a mark."""
    assert message.tree is not None
    parts = message.tree.parts
    item = st.builds(
        lambda item, number: item.model_copy(update={"order_number": number}),
        models(parts["item"], format).filter(lambda item: item.gtin or item.buyer_item or item.seller_item),
        st.sampled_from(["4711", "4712"]),
    )
    unit = st.builds(
        lambda unit, kind, items: unit.model_copy(update={"kind": kind, "items": tuple(items)}),
        models(parts["pack"], format).filter(lambda unit: unit.sscc or unit.label),
        st.sampled_from(["pack", "tare"]),
        st.lists(item, max_size=2),
    )

    def whole(head: Despatch, items: list[Any], units: list[Any]) -> Despatch:
        said = {item.order_number for item in (*items, *(item for unit in units for item in unit.items))}
        orders = tuple(DespatchedOrder(number=number) for number in sorted(said))
        return head.model_copy(update={"orders": orders, "items": tuple(items), "units": tuple(units)})

    loose = st.lists(item, min_size=1, max_size=2)
    return st.builds(whole, models(message.part, format), loose, st.lists(unit, max_size=2))


def receipts(message: Message, format: str) -> st.SearchStrategy[Receipt]:
    """Receipts with lines in no box, boxes on a pallet, and two boxes that hold the same lines."""
    assert message.tree is not None
    parts = message.tree.parts
    unit = models(parts["unit"], format).filter(lambda unit: unit != ReceivedUnit())
    lines = st.lists(models(parts["line"], format).filter(says_how_much_is_in_its_box), max_size=2)

    def placed(units: list[ReceivedUnit], number: str, kind: Any, inside: str | None = None) -> list[ReceivedUnit]:
        return [one.model_copy(update={"number": number, "kind": kind, "inside": inside}) for one in units]

    def whole(head: Receipt, pallet: list[Any], box: list[Any], pair: list[Any], held: list[Any]) -> Receipt:
        units = [*placed(pallet, "P", "tare"), *placed(box, "B", "pack", "P" if pallet else None),
                 *placed(pair, "G", None)]
        known = {None, *(one.number for one in units)}
        told = [lying(line, name, [one for one in units if one.number == name])
                for name, some in zip((None, "P", "B", "G"), held, strict=True) if name in known for line in some]
        return head.model_copy(update={"units": tuple(units), "lines": tuple(told)})

    one = st.lists(unit, max_size=1)
    two = st.one_of(st.lists(unit, min_size=2, max_size=2), st.lists(unit, max_size=0))
    return st.builds(whole, models(message.part, format), one, one, two, st.tuples(lines, lines, lines, lines))


def says_how_much_is_in_its_box(line: ReceiptLine) -> bool:
    """A line that names nothing but one box carries the number of that itself."""
    return [share.model_copy(update={"sscc": None}) for share in line.shares] != [ReceivedShare()]


def lying(line: ReceiptLine, inside: str | None, units: list[ReceivedUnit]) -> ReceiptLine:
    """The line in a unit: below a single box it carries the number of that, where it has none of its own."""
    sscc = units[0].sscc if len(units) == 1 else None
    return line.model_copy(update={"inside": inside, "sscc": line.sscc or sscc})


def derived(columns: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """The bucket, where a table reads it off the length of the period."""
    bucket = columns.get("bucket")
    codec = bucket.slots[0][1].choices[0].codec if bucket else None
    if codec is None or not codec.whole:
        return {}
    first, last = sorted((row["start"], row["end"]))
    return {"start": first, "end": last, "bucket": codec.load(f"\x1f{first:%Y%m%d}-{last:%Y%m%d}\x1f718")}


def message_places(message: Message) -> set[str]:
    """Columns that stand in the message itself, beside a header that names a place to ship to."""
    assert message.shape is not None
    if not any(loop.name == "ship_to" for loop in message.shape.header.loops):
        return set()
    return {c.slots[0][1].choices[0].place.text for c in message.shape.columns if c.slots[0][0] == 0}


def shared(message: Message) -> dict[str, str]:
    """Header fields that stand at the same place as a column: they say the same."""
    assert message.shape is not None
    places = {slot.choices[0].place.text: slot.name for slot in message.shape.header.slots}
    columns = {c.name: c.slots[0][1].choices[0].place.text for c in message.shape.columns if c.slots[0][0] == 0}
    return {places[text]: name for name, text in columns.items() if text in places}


def cell(slot: Slot, format: str) -> st.SearchStrategy[Any]:
    filled = value(slot, None, format)
    always = slot.otherwise is not None or slot.name in (
        "gtin",
        "location",
        "scheme",
        "quantity",
        "unit",
        "measure",
        "start",
        "end",
        "bucket",
        "certainty",
    )
    return filled if always else st.none() | filled
