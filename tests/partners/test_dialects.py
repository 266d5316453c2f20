"""What the partners send really is what their dialects can say: samples and the whole world, through the formats."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.csv.format import Csv
from adapters.csv.master import read_master
from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from adapters.xml.format import Xml
from hub.errors import Severity
from hub.model.bulk import Bulk
from hub.model.exchange import Address, Closing, Document, Envelope, Numbers, Reading, Remark, Status
from hub.model.order import Order
from hub.ports import Format, Guide
from partners.book import Partner, example_directories, load
from partners.world import Posting, World

PARTNERS: list[Partner] = load(example_directories(), read_master)[0]
OVERLAYS = {p.name: p.overlays for p in PARTNERS}
FORMATS: dict[str, Format] = {"x12": X12(OVERLAYS), "edifact": Edifact(OVERLAYS), "csv": Csv(OVERLAYS),
                              "ubl": Xml(OVERLAYS)}
SAMPLES = [(p, path) for p in PARTNERS for path in sorted((p.directory / "samples").rglob("*")) if path.is_file()]
WORLD = World(7, PARTNERS)
POSTINGS = [*WORLD.postings(), *WORLD.faulty_postings()]


def read(content: bytes, partner: str) -> list[Reading]:
    """The transactions of one file; fails on any error finding and on anything outside of an interchange."""
    [format] = [f for f in FORMATS.values() if f.recognises(content[:4096])]
    events = list(format.read(io.BytesIO(content), lambda _: Guide(partner=partner)))
    assert not [e for e in events if isinstance(e, Remark)]
    errors = [f for e in events if isinstance(e, Reading | Closing) for f in e.findings if f.severity is Severity.ERROR]
    assert errors == []
    return [e for e in events if isinstance(e, Reading)]


@pytest.mark.parametrize(("partner", "path"), SAMPLES, ids=lambda x: x.name)
def test_every_sample_is_accepted_as_it_is(partner: Partner, path: Path) -> None:
    readings = read(path.read_bytes(), partner.name)
    assert readings
    assert {r.status for r in readings} == {Status.ACCEPTED}
    assert all(r.document is not None for r in readings)


def test_every_partner_shows_at_least_one_sample() -> None:
    assert {p.name for p, _ in SAMPLES} == {p.name for p in PARTNERS}


@pytest.mark.parametrize("posting", POSTINGS, ids=lambda p: f"{p.sender}-{p.name}")
def test_whatever_the_world_sends_arrives_as_it_was_meant(posting: Posting) -> None:
    format = FORMATS[posting.table.split("/")[0]]
    sender = next(p.profile for p in PARTNERS if p.name == posting.sender).address(format.name)
    sender = sender or Address(id=next(p.profile.gln for p in PARTNERS if p.name == posting.sender))
    envelope = Envelope(sender=sender, receiver=Address(qualifier="14", id="9501101530003"),
                        numbers=Numbers(interchange=1), prepared_at=datetime(2026, 11, 16, 6, tzinfo=UTC))
    readings = read(format.write(posting.table, posting.documents, envelope, posting.sender), posting.sender)
    assert [essence(r.document) for r in readings if r.document] == [essence(d) for d in posting.documents]


def essence(document: Document) -> object:
    """All but what the sender's dialect has no place for: SLSFCT names no bucket and ORDRSP no day of the order."""
    if isinstance(document, Bulk):
        kept = [c for c in document.lines.columns if c not in ("bucket", "certainty")]
        return document.header, document.lines.select(kept).rows()
    return document.model_copy(update={"ordered_on": None}) if hasattr(document, "ordered_on") else document


def test_the_retailers_department_travels_in_the_place_of_its_overlay() -> None:
    [posting] = [p for p in POSTINGS if p.table == "x12/004010/850"]
    envelope = Envelope(sender=Address(qualifier="ZZ", id="LARKMOOR"), receiver=Address(qualifier="ZZ", id="HUB"),
                        numbers=Numbers(interchange=1), prepared_at=datetime(2026, 11, 16, 6, tzinfo=UTC))
    own = FORMATS["x12"].write(posting.table, posting.documents, envelope, "larkmoor")
    standard = FORMATS["x12"].write(posting.table, posting.documents, envelope, None)
    assert b"REF*19*412" in own
    assert b"REF*19" not in standard
    [*orders] = [r.document for r in read(own, "larkmoor")]
    assert {o.department for o in orders if isinstance(o, Order)} == {"412"}
