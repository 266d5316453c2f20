"""Which certificates the hub and its partners rely on, read from profiles and key files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from hub.errors import Stop
from hub.model.certificate import Use, WatchedCertificate
from hub.model.profile import Profile


class Places(Protocol):
    """Where our own lie: settings have this shape."""

    @property
    def secrets_folder(self) -> Path: ...

    @property
    def tls_certificate(self) -> Path | None: ...

    @property
    def tls_client_ca(self) -> Path | None: ...


def in_use(ours: Places, profiles: Iterable[Profile]) -> list[WatchedCertificate]:
    """The hub's own and those of `profiles`. Raises Stop for one that cannot be read."""
    own = of_hub(ours.secrets_folder / "as2", ours.tls_certificate, ours.tls_client_ca)
    return [*own, *(one for profile in profiles for one in of_partner(profile))]


def of_partner(profile: Profile) -> Iterator[WatchedCertificate]:
    """Those in a partner's profile. Raises Stop for a text that is none."""
    terms = profile.as2
    if terms is not None:
        for pem in terms.certificates:
            yield from held(pem, profile.name, "as2 signature")
            if not terms.encryption_certificates:
                yield from held(pem, profile.name, "as2 encryption")
        for pem in terms.encryption_certificates:
            yield from held(pem, profile.name, "as2 encryption")
    for pem in profile.tls_certificates:
        yield from held(pem, profile.name, "tls client")


def of_hub(as2_keys: Path, tls: Path | None, authority: Path | None) -> Iterator[WatchedCertificate]:
    """Our own: the AS2 keys, the servers' certificate, the authority that signs partners' client certificates."""
    for path in sorted(as2_keys.glob("*.pem")) if as2_keys.is_dir() else ():
        for use in ("as2 signature", "as2 encryption"):
            yield from held(_text(path), "hub", use)
    if tls is not None:
        yield from list(held(_text(tls), "hub", "tls server"))[:1]  # the chain above it is not ours to renew
    if authority is not None:
        yield from held(_text(authority), "hub", "tls authority")


def held(pem: str, owner: str, use: Use) -> Iterator[WatchedCertificate]:
    """All certificates in a PEM text; keys beside them are not looked at. Raises Stop when there is none."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as wrong:
        raise Stop(f"A certificate of {owner} ({use}) cannot be read: {wrong}.", reason="BAD_CERTIFICATE") from wrong
    for one in found:
        yield WatchedCertificate(
            owner=owner, use=use, subject=one.subject.rfc4514_string(), serial=f"{one.serial_number:x}",
            fingerprint=one.fingerprint(hashes.SHA256()).hex(), valid_from=one.not_valid_before_utc,
            valid_to=one.not_valid_after_utc)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise Stop(f"{path.name} cannot be read: {error.strerror}.", reason="BAD_CERTIFICATE") from error
