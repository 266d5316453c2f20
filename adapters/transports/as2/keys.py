"""Certificates and private keys: several of each, with the time in which they count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from hub.errors import Stop


@dataclass(frozen=True, slots=True)
class Certificate:
    """An X.509 certificate with an RSA key, as both libraries see it."""

    x509: x509.Certificate
    asn1: Any

    @property
    def public_key(self) -> RSAPublicKey:
        key = self.x509.public_key()
        if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
            raise Stop(f"{self.title}: AS2 needs an RSA key of 2048 bits or more.", reason="BAD_CERTIFICATE")
        return key

    @property
    def title(self) -> str:
        """Subject and serial number, for people."""
        return f"{self.x509.subject.rfc4514_string()} ({self.x509.serial_number:x})"

    def counts(self, now: datetime) -> bool:
        return self.x509.not_valid_before_utc <= now <= self.x509.not_valid_after_utc

    def name(self) -> Any:
        """Issuer and serial number: how CMS names a certificate."""
        return cms.IssuerAndSerialNumber({"issuer": self.asn1.issuer, "serial_number": self.asn1.serial_number})

    def is_named(self, identifier: Any) -> bool:
        """Whether a SignerIdentifier or RecipientIdentifier means this one."""
        if identifier.name == "issuer_and_serial_number":
            return bool(identifier.chosen["serial_number"].native == self.asn1.serial_number
                        and identifier.chosen["issuer"].dump() == self.asn1.issuer.dump())
        return bool(identifier.chosen.native == self.asn1.key_identifier)


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key and its certificate."""

    key: RSAPrivateKey
    certificate: Certificate


@lru_cache(maxsize=1024)
def certificates(pem: str) -> tuple[Certificate, ...]:
    """All in a PEM text. Raises Stop when it holds none."""
    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as wrong:
        raise Stop(f"That is no certificate: {wrong}.", reason="BAD_CERTIFICATE") from wrong
    return tuple(Certificate(one, asn1.Certificate.load(one.public_bytes(Encoding.DER))) for one in found)


@lru_cache(maxsize=64)
def identity(pem: str) -> Identity:
    """A PEM text that holds a private key (not encrypted) and its certificate. Raises Stop."""
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError) as wrong:
        raise Stop("An AS2 key file holds no private key that can be read.", reason="BAD_KEY_FILE") from wrong
    if not isinstance(key, RSAPrivateKey):
        raise Stop("An AS2 key must be an RSA key.", reason="BAD_KEY_FILE")
    for certificate in certificates(pem):
        if certificate.public_key.public_numbers() == key.public_key().public_numbers():
            return Identity(key, certificate)
    raise Stop("An AS2 key file holds no certificate of its key.", reason="BAD_KEY_FILE")


def all_of(pems: Sequence[str]) -> list[Certificate]:
    return [certificate for pem in pems for certificate in certificates(pem)]


def newest(found: Sequence[Certificate], now: datetime) -> Certificate | None:
    """The one that counts now and began last: during a roll-over the new one."""
    return max((c for c in found if c.counts(now)), key=lambda c: c.x509.not_valid_before_utc, default=None)


def signer(pems: Sequence[str], now: datetime) -> Identity:
    """With which of our keys we sign now. Raises Stop when none counts."""
    identities = [identity(pem) for pem in pems]
    best = newest([i.certificate for i in identities], now)
    if best is None:
        raise Stop("The hub has no AS2 key whose certificate is valid now.", reason="NO_AS2_KEY")
    return next(i for i in identities if i.certificate is best)
