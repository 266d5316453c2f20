"""The published page of losses is what the tables say, and what it calls refused is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from adapters.xml.format import Xml
from hub.cli.explain import formats
from hub.cli.loss import loss, markdown, reaches, spare_fields
from hub.errors import Reject
from hub.model.exchange import Reading
from hub.model.party import OtherParty
from hub.ports import Guide
from tests.messages.drawn import whole
from tests.messages.test_losses import KNOWN, differing
from tests.xml.samples import ENVELOPE
from tests.xml.test_across import ORDER

XML = Xml()
FOUND = {reach.table: reach for reach in reaches()}


def test_the_published_page_is_what_the_command_prints() -> None:
    page = (Path(__file__).parents[2] / "docs" / "loss.md").read_text().splitlines()
    assert page == list(markdown(reaches())), "run: hub loss > docs/loss.md"


def test_what_is_called_refused_is_refused_by_its_name() -> None:
    lost = loss(FOUND["x12/004010/850"], FOUND["ubl/2.1/Order"], spare_fields("Order"))
    assert "release" in lost.refused
    with pytest.raises(Reject, match="release"):
        formats()["ubl"].write("ubl/2.1/Order", [ORDER.model_copy(update={"release": "7"})], ENVELOPE, None)


def test_a_word_without_a_code_is_told_and_left_out_by_its_name() -> None:
    lost = loss(FOUND["x12/004010/850"], FOUND["ubl/2.1/Order"], spare_fields("Order"))
    assert "notify" in dict(lost.words)["parties.role"]
    order = ORDER.model_copy(update={"parties": (OtherParty(role="notify"), OtherParty(role="notify", id="7"))})
    assert XML.write("ubl/2.1/Order", [order], ENVELOPE, None) == XML.write("ubl/2.1/Order", [ORDER], ENVELOPE, None)
    (told,) = XML.left_out("ubl/2.1/Order", order, None)
    assert (told.code, told.where.path) == ("W-XML-LOST-FIELD", "parties")
    assert told.message == "parties (2 times) was left out: ubl/2.1/Order has no place for it."


PAIRS = [("x12/004010/850", "ubl/2.1/Order", 60), ("x12/004010/810", "ubl/2.1/Invoice", 60),
         ("edifact/D96A/ORDERS", "gs1/3.1/order", 60), ("edifact/D96A/RECADV", "gs1/3.1/receivingAdvice", 60)]


@pytest.mark.parametrize(("source", "target", "count"), PAIRS)
def test_every_field_of_a_document_is_there_again_or_named(source: str, target: str, count: int) -> None:
    format = source.split("/")[0]
    written = 0

    @settings(max_examples=count, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))
    @given(whole(KNOWN[format].tables.get(source), format))
    def there(document: Any) -> None:
        nonlocal written
        try:
            content = XML.write(target, [document], ENVELOPE, None)
        except Reject:
            return
        written += 1
        named = {f.where.path for f in XML.left_out(target, document, None)}
        (again,) = [e.document for e in XML.read(io.BytesIO(content), lambda _: Guide()) if isinstance(e, Reading)]
        assert [at for at in differing(document, again) if not any(f"{n}.".startswith(f"{at}.") for n in named)] == []

    there()
    assert written, "every document was refused"
