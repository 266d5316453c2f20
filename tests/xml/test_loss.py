"""The published page of losses is what the tables say, and what it calls refused is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.cli.explain import formats
from hub.cli.loss import loss, markdown, reaches, spare_fields
from hub.errors import Reject
from hub.model.party import OtherParty
from tests.xml.samples import ENVELOPE
from tests.xml.test_across import ORDER

FOUND = {reach.table: reach for reach in reaches()}


def test_the_published_page_is_what_the_command_prints() -> None:
    page = (Path(__file__).parents[2] / "docs" / "loss.md").read_text().splitlines()
    assert page == list(markdown(reaches())), "run: hub loss > docs/loss.md"


def test_what_is_called_refused_is_refused_by_its_name() -> None:
    lost = loss(FOUND["x12/004010/850"], FOUND["ubl/2.1/Order"], spare_fields("Order"))
    assert "release" in lost.refused
    with pytest.raises(Reject, match="release"):
        formats()["ubl"].write("ubl/2.1/Order", [ORDER.model_copy(update={"release": "7"})], ENVELOPE, None)


def test_a_word_without_a_code_is_told_and_refused() -> None:
    lost = loss(FOUND["x12/004010/850"], FOUND["ubl/2.1/Order"], spare_fields("Order"))
    assert "notify" in dict(lost.words)["parties.role"]
    with pytest.raises(Reject, match="role"):
        formats()["ubl"].write(
            "ubl/2.1/Order", [ORDER.model_copy(update={"parties": (OtherParty(role="notify"),)})], ENVELOPE, None)
