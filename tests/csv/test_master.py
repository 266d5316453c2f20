"""The four master data files: any order of columns, any delimiter, each line by itself."""

from __future__ import annotations

import pytest

from adapters.csv.master import read_master


def test_columns_may_stand_in_any_order_and_have_their_other_titles() -> None:
    rows, found = read_master("items", b"Family;Value;Item name;EAN;Unit\ncrisps;1,35;Salt;9521001100106;each\n")
    assert found == []
    assert rows == [(2, {"gtin": "9521001100106", "name": "Salt", "base_unit": "each", "group": "crisps",
                         "unit_value": "1.35"})]


@pytest.mark.parametrize(("delimiter", "written"), [(b",", b"0.125"), (b";", b"0,125"), (b"\t", b"0,125")])
def test_fractions_follow_the_delimiters_habit(delimiter: bytes, written: bytes) -> None:
    content = b"\n".join(delimiter.join(cells) for cells in (
        (b"GTIN", b"Unit", b"Factor"), (b"9521001100106", b"case", written)))
    rows, found = read_master("conversions", content)
    assert found == []
    assert rows == [(2, {"gtin": "9521001100106", "unit": "case", "factor": "0.125"})]


def test_every_faulty_line_is_named_and_the_others_are_read() -> None:
    rows, found = read_master("conversions", (
        b"GTIN,Unit,Factor\n9521001100106,case,12\n9521001100106,crate of joy,12\n9521001100106,pallet,\n"
        b'9521001100106,"case"x,1\n9521001100106,box\n9521001100106,pack,6\n'))
    assert [line for line, _ in rows] == [2, 7]
    assert [(f.code, f.where.line, f.where.path) for f in found] == [
        ("E-CSV-CODE", 3, "Unit"), ("E-CSV-MISSING", 4, "Factor"), ("E-CSV-QUOTES", 5, None), ("E-CSV-CELLS", 6, None)]


def test_a_file_without_the_columns_it_needs_says_so() -> None:
    rows, found = read_master("locations", b"GLN,Colour\n9521002001013,red\n")
    assert rows == []
    assert [f.code for f in found] == ["E-CSV-HEADER"]
    assert read_master("locations", b"") == ([], [])
