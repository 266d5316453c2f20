"""Development certificates are usable and their keys are kept secret."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import ClientVerifier, PolicyBuilder, Store

from hub.rpc.certificates import Authority, main


def _verifier(authority: Authority, now: datetime) -> ClientVerifier:
    store = Store([x509.load_pem_x509_certificate(authority.certificate)])
    return PolicyBuilder().store(store).time(now).build_client_verifier()


def test_a_client_certificate_is_signed_by_its_authority_and_names_one_gln() -> None:
    authority = Authority()
    certificate = x509.load_pem_x509_certificate(authority.client("9501101530003").certificate)
    verified = _verifier(authority, datetime.now(UTC)).verify(certificate, [])
    assert verified.subjects == [x509.UniformResourceIdentifier("urn:gln:9501101530003")]


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    certificate, key = Authority().server().save(tmp_path / "tls", "server")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert b"PRIVATE KEY" in key.read_bytes()
    assert b"PRIVATE" not in certificate.read_bytes()
    again = Authority().server().save(tmp_path / "tls", "server")[1]
    assert stat.S_IMODE(again.stat().st_mode) == 0o600


def test_a_server_certificate_holds_names_and_addresses() -> None:
    certificate = x509.load_pem_x509_certificate(Authority().server("hub.example", "127.0.0.1").certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["hub.example"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_the_command_writes_all_that_both_sides_need(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "tls"
    assert main([str(folder), "north=9501101530003"]) == 0
    assert {path.name for path in folder.iterdir()} == {
        "authority.pem", "server.pem", "server.key", "north.pem", "north.key"
    }
    assert capsys.readouterr().out.startswith(f"export HUB_TLS_CERTIFICATE={folder}/server.pem ")
