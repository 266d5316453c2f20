"""Two companies with keys of their own, for tests: made once, because RSA keys take their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hub.model.as2 import As2Terms

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Company:
    """A name, its certificate, and its private key with the certificate, all PEM."""

    name: str
    certificate: str
    key: str

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Certificate and key as files, for openssl."""
        certificate, key = folder / f"{self.name}.crt", folder / f"{self.name}.pem"
        certificate.write_text(self.certificate)
        key.write_text(self.key)
        return certificate, key

    def terms(self, **more: object) -> As2Terms:
        """How somebody deals with this company."""
        return As2Terms(**{"name": self.name, "certificates": (self.certificate,), **more})  # type: ignore[arg-type]


@cache
def company(name: str, first: int = -30, last: int = 365, generation: int = 0) -> Company:
    """A company whose certificate counts from `first` to `last`, in days from NOW; of another generation, another."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} {generation}")])
    certificate = (
        x509.CertificateBuilder().subject_name(title).issuer_name(title).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW + first * DAY)
        .not_valid_after(NOW + last * DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256()))
    pem = certificate.public_bytes(Encoding.PEM).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Company(name, pem, private + pem)
