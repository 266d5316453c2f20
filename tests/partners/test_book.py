"""Partner directories load clean, or say everything that is wrong at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from adapters.csv.master import read_master
from hub.errors import Finding, Reject
from hub.model.item import check_digit, valid_gln, valid_gtin
from partners.book import EXAMPLES, example_directories, load, load_one, refuse_errors
from partners.consistency import Known

SHIPPED = Path(example_directories()[0]).parent


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    for name in EXAMPLES:
        shutil.copytree(SHIPPED / name, tmp_path / name)
    return tmp_path


def load_all(root: Path) -> list[Finding]:
    return load([root / name for name in EXAMPLES], read_master)[1]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_four_example_partners_load_without_a_finding() -> None:
    partners, found = load(example_directories(), read_master)
    assert found == []
    assert {p.profile.kind for p in partners} == {"supplier", "manufacturer", "distributor", "retailer"}


def test_the_examples_are_as_large_as_the_demo_needs() -> None:
    partners, _ = load(example_directories(), read_master)
    items = [i for p in partners for i in p.master.items]
    assert len(items) >= 24
    assert 3 <= len({i.group for i in items}) <= 4
    assert sum(len(p.master.locations) for p in partners) >= 6
    assert {a.name: a.demand for p in partners for a in p.agreements} == {
        "retail": "sold", "wholesale": "sold", "copack": "orders"}


def test_every_shipped_key_is_valid_and_from_the_range_that_gs1_keeps_for_demonstrations() -> None:
    partners, _ = load(example_directories(), read_master)
    for partner in partners:
        assert valid_gln(partner.profile.gln).startswith("952")
        assert all(valid_gln(x.gln).startswith("952") for x in partner.master.locations)
        assert all(valid_gtin(i.gtin).startswith("0952") for i in partner.master.items)


@pytest.mark.parametrize(("digits", "digit"), [("629104150021", "3"), ("950110153000", "3"), ("0", "0")])
def test_the_check_digit_is_the_one_gs1_computes(digits: str, digit: str) -> None:
    assert check_digit(digits) == digit


def test_the_template_is_a_correct_partner_beside_the_examples() -> None:
    _, found = load([*example_directories(), SHIPPED / "_template"], read_master)
    assert found == []


def test_only_the_retailer_brings_rows_of_its_own() -> None:
    partners, _ = load(example_directories(), read_master)
    assert {p.name: list(p.overlays) for p in partners if p.overlays} == {"larkmoor": ["x12/004010/850"]}


def test_a_wrong_check_digit_names_file_line_and_the_right_digit(copies: Path) -> None:
    edit(copies / "quillfield/items.csv", "9521001100106,", "9521001100107,")
    found = [f for f in load_all(copies) if f.code == "E-PARTNER-CHECK-DIGIT"]
    assert [(f.where.path, f.where.line) for f in found] == [("quillfield/items.csv#gtin", 2)]
    assert found[0].hint.endswith("end it with 6.")


def test_faults_of_all_files_are_collected(copies: Path) -> None:
    edit(copies / "quillfield/items.csv", "9521001100205,", "9521001100206,")
    edit(copies / "larkmoor/profile.toml", '"sunday"', '"funday"')
    edit(copies / "vandermoor/agreements/wholesale.toml", 'partner = "quillfield"', 'partner = "quilfield"')
    edit(copies / "pebbleworth/item_codes.csv", "PW8802", "PW8801")
    found = {(f.code, f.where.path, f.where.line) for f in load_all(copies)}
    assert ("E-PARTNER-CHECK-DIGIT", "quillfield/items.csv#gtin", 3) in found
    assert ("E-PARTNER-FIELD", "larkmoor/profile.toml#week_start", 6) in found
    assert ("E-PARTNER-UNKNOWN", "vandermoor/agreements/wholesale.toml#members", None) in found
    assert ("E-PARTNER-DUPLICATE", "pebbleworth/item_codes.csv", 3) in found
    assert any(c == "E-PARTNER-UNKNOWN-ITEM" and p == "vandermoor/item_codes.csv#gtin" for c, p, _ in found)


def test_a_wrong_item_in_a_long_list_is_found_on_its_own_line(copies: Path) -> None:
    path = copies / "quillfield/agreements/copack.toml"
    edit(path, "9521001300308", "9521001300309")
    found = next(f for f in load_all(copies) if f.where.path and f.where.path.startswith("quillfield/agreements"))
    assert path.read_text().splitlines()[(found.where.line or 0) - 1].startswith('  "9521001300309"')


def test_a_member_without_a_role_is_reported_where_that_member_begins(copies: Path) -> None:
    path = copies / "quillfield/agreements/copack.toml"
    edit(path, 'role    = "seller"\n', "")
    _, found = load_one(copies / "quillfield", read_master)
    lines = path.read_text().splitlines()
    assert found[0].where.path == "quillfield/agreements/copack.toml#members.1.role"
    assert lines[(found[0].where.line or 0) - 1] == "[[members]]"
    assert lines[found[0].where.line or 0] == 'partner = "pebbleworth"'


def test_broken_toml_is_a_finding_with_its_line(copies: Path) -> None:
    edit(copies / "larkmoor/profile.toml", 'gln        = "', "gln        = ")
    partner, found = load_one(copies / "larkmoor", read_master)
    assert partner is None
    assert (found[0].code, found[0].where.line) == ("E-PARTNER-TOML", 5)


def test_a_missing_profile_and_a_missing_directory_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert "_template" in load_one(tmp_path / "new", read_master)[1][0].hint
    assert load_one(tmp_path / "none", read_master)[1][0].code == "E-PARTNER-NO-FILE"


def test_an_agreement_may_name_a_partner_that_the_hub_knows_already(copies: Path) -> None:
    partners, alone = load([copies / "vandermoor"], read_master)
    assert "E-PARTNER-UNKNOWN" in {f.code for f in alone}
    items = {g for p in partners for a in p.agreements for g in a.items}
    known = Known(partners={"quillfield"}, items=items)
    assert load([copies / "vandermoor"], read_master, known=known)[1] == []


def test_an_agreement_that_others_have_already_needs_another_name(copies: Path) -> None:
    taken = Known(agreements={"retail": frozenset({"acme", "quillfield"}), "copack": frozenset(
        {"quillfield", "pebbleworth"})})
    _, found = load([copies / name for name in EXAMPLES], read_master, known=taken)
    assert [(f.code, f.where.path) for f in found] == [
        ("E-PARTNER-DUPLICATE", "larkmoor/agreements/retail.toml#name")]


def test_names_inside_and_outside_are_the_same(copies: Path) -> None:
    (copies / "larkmoor/agreements/retail.toml").rename(copies / "larkmoor/agreements/stores.toml")
    (copies / "pebbleworth").rename(copies / "pebble")
    _, found = load([copies / n for n in ("pebble", "quillfield", "larkmoor", "vandermoor")], read_master)
    assert {(f.code, f.where.path) for f in found} == {
        ("E-PARTNER-NAME", "larkmoor/agreements/stores.toml#name"), ("E-PARTNER-NAME", "pebble/profile.toml#name")}


def test_two_partners_cannot_have_the_same_gln_or_location(copies: Path) -> None:
    edit(copies / "vandermoor/profile.toml", "9521003000008", "9521002000009")
    edit(copies / "vandermoor/locations.csv", "9521003002019", "9521002001013")
    codes = [(f.code, f.where.path) for f in load_all(copies)]
    assert ("E-PARTNER-DUPLICATE", "vandermoor/profile.toml#gln") in codes
    assert ("E-PARTNER-DUPLICATE", "vandermoor/locations.csv#gln") in codes


def test_a_partner_with_a_broken_profile_is_not_called_unknown_by_its_partners(copies: Path) -> None:
    edit(copies / "pebbleworth/profile.toml", 'kind       = "supplier"', 'kind       = "saint"')
    assert [f.code for f in load_all(copies)] == ["E-PARTNER-FIELD"]


def test_an_overlay_is_checked_by_who_knows_the_tables() -> None:
    asked: list[str] = []

    def check(table: str, text: str) -> list[Finding]:
        asked.append(table)
        return []

    load(example_directories(), read_master, check)
    assert asked == ["x12/004010/850"]


@pytest.mark.parametrize(("old", "new", "words"), [
    ('currency      = "EUR"', 'weights = { buyer = "2", seller = "1" }', "[weights] are for the rule weighted"),
    ('slushy    = 3', 'slushy    = 20', "the fences reach beyond the 13 weeks"),
    ('to_week   = 4', 'to_week   = 0', "ends (week 0) before it begins (week 1)"),
    ('percent   = "25"', 'percent   = "25.125"', "percent 25.125 has more than 2 decimals"),
    ('percent   = "25"', 'level = "item_region"\npercent   = "25"', "compares regions, and the agreement has none"),
    ('valid_from    = 2024-01-01', 'valid_from    = 2024-01-01\nvalid_to = 2023-01-01', "it ends (2023-01-01) before"),
    ('horizon_weeks = 13', 'horizon_weeks = 13\nescalation = { after_days = 3, to = "Ana" }', "comes too late"),
])
def test_an_agreement_that_contradicts_itself_is_told_in_a_sentence(
    copies: Path, old: str, new: str, words: str
) -> None:
    edit(copies / "larkmoor" / "agreements" / "retail.toml", old, new)
    [finding] = [f for f in load_one(copies / "larkmoor", read_master)[1] if f.code == "E-PARTNER-FIELD"]
    assert words in finding.message


def test_an_item_site_policy_is_about_an_item_and_a_place_of_its_agreement(copies: Path) -> None:
    plan = copies / "larkmoor" / "business" / "retail.toml"
    edit(plan, 'gtin    = "9521001200103"', 'like    = "9521001100113"\ngtin    = "9521001200103"')
    edit(plan, 'gln     = "9521002001013"', 'gln     = "9521003002019"')
    found = {(f.code, f.where.path) for f in load_all(copies)}
    assert found == {("E-PARTNER-UNKNOWN-ITEM", "larkmoor/business/retail.toml#policies.0.like"),
                     ("E-PARTNER-UNKNOWN-LOCATION", "larkmoor/business/retail.toml#policies.0.gln")}


def test_a_business_plan_is_about_an_agreement_of_the_partner_who_keeps_it(copies: Path) -> None:
    plan = copies / "larkmoor" / "business" / "retail.toml"
    plan.rename(plan.with_name("copack.toml"))
    found = load_all(copies)
    assert [f.code for f in found] == ["E-PARTNER-NAME"]
    edit(plan.with_name("copack.toml"), '"retail"', '"copack"')
    [finding] = load_all(copies)
    assert finding.code == "E-PARTNER-NOT-MEMBER"
    edit(plan.with_name("copack.toml"), "2026-12-20", "2026-11-01")
    assert "ends (2026-11-01) before it begins (2026-11-30)" in load_all(copies)[0].message


def test_errors_refuse_the_whole_directory_and_say_the_first(copies: Path) -> None:
    edit(copies / "quillfield/items.csv", "9521001100106,", "9521001100107,")
    with pytest.raises(Reject, match=r"quillfield/items.csv#gtin: .*and \d+ more"):
        refuse_errors(load_all(copies))
