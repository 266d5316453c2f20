"""Certificates for demonstrations and tests: one small authority, a server, and one client per partner.

For real partners use a real authority; what matters to the hub is only the client's URI alternative name,
`urn:gln:<GLN>`. Keys are P-256, unencrypted, in files of mode 0600. The authority's own key is never written: a new
run makes a new authority.

    python -m hub.rpc.certificates tls north=9501101530003      # prints the HUB_TLS_* settings to use them
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.model.item import valid_gln

VALID = timedelta(days=397)
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes

    def save(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Writes `<name>.pem` and `<name>.key` (0600); returns both paths."""
        folder.mkdir(parents=True, exist_ok=True)
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self.certificate)
        write_secret(key, self.key)
        return certificate, key


class Authority:
    """A certificate authority that lives as long as this object: `certificate` is what others trust."""

    def __init__(self, name: str = "CPFR Hub development authority", now: datetime | None = None) -> None:
        self._now = now or datetime.now(UTC)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        usage = _usage(sign=True)
        made = (
            self._draft(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.certificate = made.public_bytes(Encoding.PEM)

    def server(self, *hosts: str) -> Pair:
        """A certificate for a server that is reached under `hosts` (names or addresses)."""
        names = [_host(host) for host in hosts or ("localhost", "127.0.0.1", "::1")]
        return self._issue("CPFR Hub", names, ExtendedKeyUsageOID.SERVER_AUTH)

    def client(self, gln: str, title: str = "partner") -> Pair:
        """A certificate that proves its holder to be the party with this GLN. Raises ValueError for a wrong one."""
        name = x509.UniformResourceIdentifier(f"urn:gln:{valid_gln(gln)}")
        return self._issue(title, [name], ExtendedKeyUsageOID.CLIENT_AUTH)

    def anonymous(self, title: str = "nobody") -> Pair:
        """A client certificate that names no GLN: trusted on the wire, known to nobody."""
        return self._issue(title, [x509.DNSName("client.invalid")], ExtendedKeyUsageOID.CLIENT_AUTH)

    def _issue(self, title: str, names: list[x509.GeneralName], purpose: x509.ObjectIdentifier) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            self._draft(_named(title), key)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(sign=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Pair(made.public_bytes(Encoding.PEM), private)

    def _draft(self, subject: x509.Name, key: Key) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(hours=1))
            .not_valid_after(self._now + VALID)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


def write_secret(path: Path, content: bytes) -> None:
    """Writes a file that nobody else can read, not even for a moment. Replaces an old one."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _named(title: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign, key_cert_sign=sign, crl_sign=sign, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )


def main(arguments: list[str]) -> int:
    """`python -m hub.rpc.certificates FOLDER NAME=GLN …`: an authority, a server and one client per partner."""
    folder, authority = Path(arguments[0]), Authority()
    authority.server().save(folder, "server")
    (folder / "authority.pem").write_bytes(authority.certificate)
    for name, _, gln in (argument.partition("=") for argument in arguments[1:]):
        authority.client(gln, name).save(folder, name)
    print(f"export HUB_TLS_CERTIFICATE={folder}/server.pem HUB_TLS_KEY={folder}/server.key "
          f"HUB_TLS_CLIENT_CA={folder}/authority.pem")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
