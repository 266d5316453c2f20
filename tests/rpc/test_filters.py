"""Filters say what they mean, are read within limits, and find in PostgreSQL what they would find by hand."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.query import Compare, Condition, Every, Not, Present, Some, Sort
from hub.rpc import values
from hub.rpc.errors import Invalid
from hub.rpc.filters import Fields
from hub.rpc.listings import EXCEPTIONS, FORECASTS, MESSAGES, ORDERS
from hub.rpc.pb.v1 import exceptions_pb2, exchange_pb2, forecasts_pb2, orders_pb2
from hub.store import StoredUnits
from hub.store.listing import Listing, day, number, text, whole

KINDS = Fields({"a": values.text(), "n": values.number(), "d": values.day()}, frozenset({"a", "n", "d"}))
A, B, N = Compare("a", "=", "x"), Compare("a", "!=", "y"), Compare("n", "<=", -1.5)


@pytest.mark.parametrize(("written", "meant"), [
    ("a = x", A), ('a="x"', A), ("a:x", A), ("a = 'x'", A), ("a != y", B), ("n <= -1.5", N),
    ("a = x AND n <= -1.5", Every((A, N))), ("a = x n <= -1.5", Every((A, N))),
    ("a = x AND a != y OR n <= -1.5", Every((A, Some((B, N))))),
    ("NOT a = x", Not(A)), ("-a = x", Not(A)), ("-(a = x)", Not(A)), ("((a = x))", A), ("a:*", Present("a")),
    (r'a = "say \"x\" \\"', Compare("a", "=", 'say "x" \\')), ("a = AND", Compare("a", "=", "AND")),
    ("d > 2026-11-22", Compare("d", ">", date(2026, 11, 22))), ("a = x*", Compare("a", "like", "x*")), ("  ", None),
])
def test_a_filter_is_read_as_aip_160_has_it(written: str, meant: Condition | None) -> None:
    assert KINDS.condition(written) == meant


@pytest.mark.parametrize(("written", "reason"), [
    ("a", "MALFORMED_FILTER"), ("a =", "MALFORMED_FILTER"), ("= x", "UNKNOWN_FIELD"), ("b = x", "UNKNOWN_FIELD"),
    ("a < x", "MALFORMED_FILTER"), ("n = x", "MALFORMED_FILTER"), ("n = nan", "MALFORMED_FILTER"),
    ("(a = x", "MALFORMED_FILTER"), ("a = x)", "MALFORMED_FILTER"), ("a = (", "MALFORMED_FILTER"),
    ("d = 2026-02-30", "MALFORMED_FILTER"), ('a = "x', "MALFORMED_FILTER"), ("a.b = x", "UNKNOWN_FIELD"),
    ("a = x" * 900, "FILTER_TOO_LONG"), (" ".join(["a = x"] * 51), "FILTER_TOO_LONG"),
    ("(" * 11 + "a = x" + ")" * 11, "FILTER_TOO_DEEP"), ("NOT " * 11 + "a = x", "FILTER_TOO_DEEP"),
    ("f(a)", "UNKNOWN_FIELD"), ("a = x AND", "MALFORMED_FILTER"), ("a,b = x", "MALFORMED_FILTER"),
])
def test_what_is_no_filter_is_refused_with_its_reason(written: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        KINDS.condition(written)
    assert (refused.value.field, refused.value.reason) == ("filter", reason)


@given(st.text(st.sampled_from("an=<>!:()\"'\\ -*ANDORT.0xé\n"), max_size=40))
def test_whatever_is_written_is_read_or_refused(written: str) -> None:
    with suppress(Invalid):
        assert KINDS.condition(written) is not None or not written.strip()


def test_order_by_takes_known_fields_once() -> None:
    assert KINDS.sorts("a desc, n") == (Sort("a", True), Sort("n"))
    assert KINDS.sorts("") == ()
    for wrong in ("b", "a desc desc", "a, a", "a;", "a DESC", ","):
        with pytest.raises(Invalid):
            KINDS.sorts(wrong)


ROWS: tuple[dict[str, Any], ...] = tuple(
    {"k": key, "a": a, "n": n, "d": d} for key, (a, n, d) in enumerate(
        (a, n, d) for a in (None, "", "x", "xy", "Y%", "a_b") for n in (None, -1.5, 0.0, 2.0)
        for d in (None, date(2026, 11, 22), date(2026, 12, 1))))
TABLE = Listing(
    "FROM query_rows r", {"a": text("r.a"), "n": number("r.n"), "d": day("r.d")}, public=text("r.k::text"),
    key=whole("r.k"))


def by_hand(row: dict[str, Any], wanted: Condition) -> bool:
    match wanted:
        case Not(part):
            return not by_hand(row, part)
        case Every(parts):
            return all(by_hand(row, part) for part in parts)
        case Some(parts):
            return any(by_hand(row, part) for part in parts)
        case Present(field):
            return row[field] is not None
        case Compare(field, "=", value):
            return bool(row[field] == value)
        case Compare(field, "!=", value):
            return bool(row[field] != value)
        case Compare(field, "like", value):
            return row[field] is not None and str(row[field]).startswith(str(value)[:-1])
    here, value = row[wanted.field], wanted.value
    if here is None:
        return False
    return bool({"<": here < value, "<=": here <= value, ">": here > value, ">=": here >= value}[wanted.comparator])


compared = st.one_of(
    st.builds(Compare, st.just("a"), st.sampled_from(("=", "!=")), st.sampled_from(("", "x", "xy", "Y%", "a_b"))),
    st.builds(Compare, st.just("a"), st.just("like"), st.sampled_from(("x*", "Y%*", "a_*", "*", "\\*"))),
    st.builds(Compare, st.just("n"), st.sampled_from(("=", "!=", "<", "<=", ">", ">=")),
              st.sampled_from((-1.5, 0.0, 1.0))),
    st.builds(Compare, st.just("d"), st.sampled_from(("=", "!=", "<", "<=", ">", ">=")), st.just(date(2026, 11, 22))),
    st.builds(Present, st.sampled_from(("a", "n", "d"))),
)
conditions = st.recursive(compared, lambda inner: st.one_of(
    st.builds(Not, inner), st.builds(Every, st.tuples(inner, inner)), st.builds(Some, st.tuples(inner, inner))),
    max_leaves=6)
DATA = {"conditions": st.lists(conditions, min_size=40, max_size=40)}


@settings(max_examples=1, database=None, derandomize=True)
@given(**DATA)
def drawn(conditions: list[Condition]) -> None:
    DRAWN[:] = conditions


DRAWN: list[Condition] = []


async def test_postgresql_finds_what_one_would_find_by_hand_page_by_page(units: StoredUnits) -> None:
    drawn()
    async with units.worker() as unit:
        await unit.transaction.execute("CREATE TEMPORARY TABLE query_rows (k int, a text, n float8, d date)")
        await unit.transaction.many("INSERT INTO query_rows VALUES (%(k)s, %(a)s, %(n)s, %(d)s)", list(ROWS))
        for wanted in DRAWN:
            found = [row["k"] for row in await TABLE.rows(unit.transaction, "SELECT r.k", where=wanted, limit=999)]
            assert found == [row["k"] for row in reversed(ROWS) if by_hand(row, wanted)], wanted
        for order in ((), (Sort("a"),), (Sort("n", True), Sort("a")), (Sort("d"), Sort("n"), Sort("a", True))):
            whole_list = [row["k"] for row in await TABLE.rows(
                unit.transaction, "SELECT r.k", order=order, limit=999)]
            paged: list[int] = []
            while rows := await TABLE.rows(
                unit.transaction, "SELECT r.k", order=order, limit=7, after=str(paged[-1]) if paged else None
            ):
                paged += [row["k"] for row in rows]
            assert paged == whole_list
            assert sorted(paged) == [row["k"] for row in ROWS]


def test_every_listing_names_fields_that_its_resource_has() -> None:
    for fields, kind, own in (
        (MESSAGES, exchange_pb2.Message, {""}), (FORECASTS, forecasts_pb2.Forecast, {""}),
        (EXCEPTIONS, exceptions_pb2.ForecastException, {""}), (ORDERS, orders_pb2.Order, {"create_time"}),
    ):
        assert set(fields.kinds) - own <= set(kind.DESCRIPTOR.fields_by_name)
        assert fields.sortable <= set(fields.kinds)
