"""A new partner begins with a directory that says what is still to be done, and nothing else wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.csv.master import read_master
from hub.errors import Reject
from partners.book import load_one
from partners.onboarding import begin


def test_the_new_directory_loads_under_its_own_name(tmp_path: Path) -> None:
    made = begin("acme", tmp_path, title="Acme Stores", gln="9521002000009")
    partner, found = load_one(made, read_master)
    assert partner is not None
    assert found == []
    assert (partner.name, partner.profile.title, partner.profile.gln) == ("acme", "Acme Stores", "9521002000009")
    assert partner.profile.stage == "drafted"
    assert {m.partner for a in partner.agreements for m in a.members} == {"acme", "quillfield"}
    assert not [p for p in made.rglob("*.toml") if "_template" in p.read_text() or "TEMPLATE" in p.read_text()]


def test_a_full_name_with_quotation_marks_is_kept(tmp_path: Path) -> None:
    partner, found = load_one(begin("acme", tmp_path, title='The "Corner" Shop \\ Söhne'), read_master)
    assert found == []
    assert partner is not None
    assert partner.profile.title == 'The "Corner" Shop \\ Söhne'


@pytest.mark.parametrize("name", ["", "Acme", "../acme", "a b", "_acme", "a" * 65])
def test_a_name_that_could_be_no_mailbox_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Reject, match="short name"):
        begin(name, tmp_path)


def test_a_directory_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    with pytest.raises(Reject, match="already"):
        begin("acme", tmp_path)


def test_a_wrong_check_digit_is_found_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(Reject, match="GLN"):
        begin("acme", tmp_path, gln="9521002000008")
    assert not (tmp_path / "acme").exists()
