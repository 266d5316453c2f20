"""`hub partner test`: what is proven moves a partner on, what is not is said with its remedy; nothing else stays."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh
import psycopg
import pytest
from typer.testing import CliRunner

from hub.app import build
from hub.cli.partner.proving import prove
from hub.cli.terminal import app
from hub.flow.expiry import KIND, step_of, watch_certificates
from hub.model.certificate import WatchedCertificate
from hub.model.delivery import DeliveryTerms
from hub.model.profile import Profile
from hub.model.sftp import SftpTerms
from hub.ports import Units
from hub.settings import Settings
from hub.store import Urls
from partners.book import example_directories
from tests.partners.test_command import ALL, hub, rows
from tests.transports.as2.companies import NOW, company
from tests.transports.shelf import Noon

__all__ = ["hub"]
SAMPLES = example_directories()[2] / "samples"


def counts(urls: Urls) -> tuple[int, ...]:
    """How much the log, the sandbox and the counters hold."""
    tables = ("message", "document", "purchase_order", "control_number", "control_range", "observation_chunk")
    with psycopg.connect(urls.owner) as connection:
        return tuple(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables)  # type: ignore[index]  # noqa: S608  # a count always has a row; names of ours


def test_samples_and_transport_bring_a_drafted_partner_to_tested_and_a_person_makes_it_live(
    hub: CliRunner, urls: Urls
) -> None:
    hub.invoke(app, ["partner", "apply", *ALL])
    hub.invoke(app, ["partner", "stage", "larkmoor", "drafted"])
    before = counts(urls)
    for stage in ("drafted", "tested"):  # as often as one likes
        result = hub.invoke(app, ["partner", "test", "larkmoor", "--samples", str(SAMPLES), "--json"])
        assert result.exit_code == 0, result.output
        *proofs, moved = rows(result.output)
        assert moved == {"partner": "larkmoor", "before": stage, "stage": "tested"}
    assert {p["outcome"] for p in proofs} == {"passed"}, proofs
    assert {p["area"] for p in proofs} == {"wire", "in", "out"}
    assert [p["what"] for p in proofs if p["area"] == "in"] == ["850-order.x12", "852-week.x12"]
    assert counts(urls) == before, "nothing of it stays"

    words = ["live", "--by", "J. Marsh", "--why", "signed off", "--json"]
    shown = hub.invoke(app, ["partner", "stage", "larkmoor", *words])
    assert rows(shown.output) == [{"partner": "larkmoor", "stage": "live", "before": "tested", "by": "J. Marsh"}]
    stages = hub.invoke(app, ["partner", "show", "larkmoor"]).output
    assert "J. Marsh" in stages
    with psycopg.connect(urls.owner) as connection:
        connection.execute("SELECT hub_seal()")
        audited = connection.execute(
            "SELECT actor, detail ->> 'to' FROM audit WHERE action = 'partner.stage' ORDER BY id").fetchall()
    assert audited == [("operator", "drafted"), ("hub partner test", "tested"), ("J. Marsh", "live")]


def test_a_sample_that_is_wrong_fails_with_its_remedy_and_leaves_the_partner_connected(
    hub: CliRunner, tmp_path: Path
) -> None:
    hub.invoke(app, ["partner", "apply", *ALL])
    hub.invoke(app, ["partner", "stage", "larkmoor", "drafted"])
    samples = tmp_path / "samples"
    shutil.copytree(SAMPLES, samples)
    path = samples / "850-order.x12"
    path.write_bytes(path.read_bytes().replace(b"ISA*00*          *00*          *ZZ*LARKMOOR", b"ISA*00*          *00*"
                                               b"          *ZZ*STRANGER"))
    result = hub.invoke(app, ["partner", "test", "larkmoor", "--samples", str(samples), "--json"])
    assert result.exit_code == 1
    *proofs, moved = rows(result.output)
    [failed] = [p for p in proofs if p["outcome"] == "failed"]
    assert failed["what"] == "850-order.x12"
    assert failed["told"].startswith("E-")
    assert failed["remedy"]
    assert moved["stage"] == "connected"


def test_nobody_and_an_unknown_stage_are_sentences(hub: CliRunner) -> None:
    assert hub.invoke(app, ["partner", "test", "nobody"]).exit_code == 2
    assert hub.invoke(app, ["partner", "stage", "nobody", "live"]).exit_code == 2
    result = hub.invoke(app, ["partner", "stage", "larkmoor", "famous"])
    assert (result.exit_code, "no stage" in result.output) == (2, True)


async def test_as2_and_https_are_tried_over_real_sockets_with_the_terms_of_the_profile(
    settings: Settings, tmp_path: Path
) -> None:
    acme = company("acme")
    keys = settings.home / "secrets" / "as2"
    keys.mkdir(parents=True)
    (keys / "2026.pem").write_text(company("hub").key)
    terms = acme.terms(encrypt="aes256-gcm", key_transport="oaep", digests=("sha384",), sign="sha384", receipt="async")
    profile = Profile(
        name="acme", title="Acme", kind="retailer", gln="9521002000009", addresses=(), as2=terms, stage="drafted",
        delivery=DeliveryTerms(channel="as2", url="https://as2.acme.example/as2"))
    posted = profile.model_copy(update={
        "name": "bolt", "gln": "9521003000008", "as2": None,
        "delivery": DeliveryTerms(channel="http", url="https://edi.bolt.example/in", secret="bolt-http")})
    async with build(settings.model_copy(update={"as2_name": "hub", "as2_processes": 1}), Noon()) as whole:
        async with whole.units.worker() as unit:
            await unit.partners.put(profile, [], {})
            await unit.partners.put(posted, [], {})
        tried = await prove(whole, "acme", tmp_path)
        assert [(p.what, p.outcome) for p in tried.proofs if p.area == "wire"] == [
            ("https in", "passed"), ("as2 out", "passed"), ("as2 in", "passed")], tried.proofs
        assert "signed receipt" in next(p.told for p in tried.proofs if p.what == "as2 out")
        assert {p.outcome for p in tried.proofs if p.area == "certificates"} == {"passed"}
        assert (tried.before, tried.after) == ("drafted", "connected"), "without a sample nothing more is proven"
        missing = await prove(whole, "bolt", tmp_path)
        assert [p.told for p in missing.proofs if p.outcome == "failed"] == [
            "The secret 'bolt-http' cannot be read (No such file or directory); it is a file of that name in "
            "HUB_SECRETS, unset: HUB_HOME/secrets."]
        assert missing.after == "drafted"
        (settings.home / "secrets" / "bolt-http").write_text("hush")
        mended = await prove(whole, "bolt", tmp_path)
    assert "POST with its bearer token: 201" in next(p.told for p in mended.proofs if p.what == "https out")
    assert "hush" not in json.dumps([p.model_dump() for p in mended.proofs])


async def test_sftp_and_the_mailbox_are_tried_over_real_sockets(settings: Settings, tmp_path: Path) -> None:
    public = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    hosting = Profile(
        name="acme", title="Acme", kind="retailer", gln="9521002000009", addresses=(), stage="drafted",
        delivery=DeliveryTerms(channel="sftp"), sftp=SftpTerms(
            keys=(public,), server="sftp://hub@sftp.acme.example", host_keys=(public,), put="/from-hub"))
    fetching = hosting.model_copy(update={
        "name": "bolt", "gln": "9521003000008", "sftp": None, "delivery": DeliveryTerms(channel="mailbox")})
    async with build(settings, Noon()) as whole:
        async with whole.units.worker() as unit:
            await unit.partners.put(hosting, [], {})
            await unit.partners.put(fetching, [], {})
        tried = await prove(whole, "acme", tmp_path)
        fetched = await prove(whole, "bolt", tmp_path)
    assert [(p.what, p.outcome) for p in tried.proofs if p.area == "wire"] == [
        ("https in", "passed"), ("sftp in", "passed"), ("sftp out", "passed")], tried.proofs
    assert [(p.what, p.outcome) for p in fetched.proofs if p.area == "wire"] == [
        ("https in", "passed"), ("mailbox out", "passed")], fetched.proofs
    assert (tried.after, fetched.after) == ("connected", "connected")


def watched(days: float, use: str = "as2 signature", owner: str = "acme", mark: str = "a") -> WatchedCertificate:
    return WatchedCertificate(
        owner=owner, use=use, subject="CN=acme", serial="1", fingerprint=mark * 64,  # type: ignore[arg-type]  # from a test
        valid_from=NOW - timedelta(days=300), valid_to=NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "step"), [(31, None), (30, 30), (14.5, 30), (14, 14), (7, 7), (2, 7), (1, 1), (0, 0), (-5, 0)])
def test_an_end_comes_near_by_steps(days: float, step: int | None) -> None:
    assert step_of(watched(days), NOW) == step


async def test_each_step_is_told_once_and_a_newer_certificate_ends_it(units: Units) -> None:
    async with units.worker() as unit:
        await unit.partners.put(Profile(
            name="acme", title="Acme", kind="retailer", gln="9521002000009", addresses=()), [], {})
    end = watched(30)
    told = []
    for day in range(32):
        now = NOW + timedelta(days=day)
        told += [day] * await watch_certificates(units, [end, watched(400, "as2 encryption")], now)
        assert await watch_certificates(units, [end], now) == 0, "an hour later"
    assert told == [0, 16, 23, 29, 30]
    async with units.worker() as unit:
        [open_] = await unit.alerts.of_kind(KIND)
        assert (open_.alert.severity, open_.alert.partner) == ("error", "acme")
        assert "has run out on 22 Dec 2026" in open_.alert.message
        await unit.alerts.close(KIND, open_.alert.subject)
    assert await watch_certificates(units, [end], NOW + timedelta(days=32)) == 0, "somebody has closed it"
    later = datetime(2026, 12, 1, tzinfo=UTC)
    assert await watch_certificates(units, [watched(20, mark="c")], NOW) == 1
    assert await watch_certificates(units, [watched(20, mark="c"), watched(400, mark="b")], later) == 0
    async with units.worker() as unit:
        assert await unit.alerts.of_kind(KIND) == []
