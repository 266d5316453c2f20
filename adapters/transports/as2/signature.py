"""Detached signatures (RFC 5652, 5): by exactly one signer, whose certificate the partner has given us before."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, core
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, utils

from adapters.transports.as2.algorithms import HASHES, digest_named
from adapters.transports.as2.fault import UNREADABLE, Fault, Malformed
from adapters.transports.as2.keys import Certificate, Identity
from hub.model.as2 import Digest


@dataclass(frozen=True, slots=True)
class Verified:
    """Who signed, and the digest of what was signed."""

    signer: Certificate
    digest: Digest
    value: bytes


def sign(content: bytes, identity: Identity, digest: Digest, now: datetime) -> bytes:
    """A SignedData (DER) over `content`, with the signer's certificate."""
    value = hashlib.new(digest, content).digest()
    attributes = cms.CMSAttributes([
        {"type": "content_type", "values": ["data"]},
        {"type": "signing_time", "values": [cms.Time({"utc_time": core.UTCTime(now)})]},
        {"type": "message_digest", "values": [value]},
    ])
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": {
        "version": "v1", "digest_algorithms": [{"algorithm": digest}], "encap_content_info": {"content_type": "data"},
        "certificates": [identity.certificate.asn1],
        "signer_infos": [{
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": identity.certificate.name()}),
            "digest_algorithm": {"algorithm": digest}, "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
            "signature": identity.key.sign(attributes.dump(), padding.PKCS1v15(), HASHES[digest]),
        }],
    }}).dump())


def verify(
    content: bytes, der: bytes, certificates: Sequence[Certificate], allowed: Collection[Digest], now: datetime
) -> Verified:
    """Raises Malformed for what is no signature, Fault for one that does not hold."""
    try:
        return _verify(content, _signer_info(der), certificates, allowed, now)
    except UNREADABLE as wrong:
        raise Malformed("no readable signature") from wrong


def _signer_info(der: bytes) -> Any:
    info = cms.ContentInfo.load(der)
    if info["content_type"].native != "signed_data":
        raise Malformed("no SignedData")
    signers = info["content"]["signer_infos"]
    if len(signers) != 1:
        raise Fault("authentication-failed", f"The signature has {len(signers)} signers instead of exactly one.")
    return signers[0]


def _verify(
    content: bytes, info: Any, certificates: Sequence[Certificate], allowed: Collection[Digest], now: datetime
) -> Verified:
    digest = digest_named(info["digest_algorithm"]["algorithm"].native)
    if digest is None or digest not in allowed:
        name = info["digest_algorithm"]["algorithm"].native
        raise Fault("insufficient-message-security", f"Signatures with {name} are not agreed.")
    value = hashlib.new(digest, content).digest()
    signed = _signed(info, value)
    holds = [c for c in _likely_first(certificates, info["sid"]) if _by(c, info, signed, digest)]
    if not holds:
        raise Fault("authentication-failed", "The signature was not made with a certificate that we know of you.")
    if not any(c.counts(now) for c in holds):
        first, last = holds[0].x509.not_valid_before_utc, holds[0].x509.not_valid_after_utc
        when = f"expired on {last:%d %b %Y}" if last < now else f"is valid only from {first:%d %b %Y}"
        raise Fault("authentication-failed", f"The certificate of the signature {when}.")
    return Verified(next(c for c in holds if c.counts(now)), digest, value)


def _signed(info: Any, value: bytes) -> bytes:
    """The digest that is signed: of the attributes where there are some (5.4), else of the content itself."""
    attributes = info["signed_attrs"]
    if not attributes.native:
        return value
    found: dict[str, list[Any]] = {}
    for attribute in attributes:
        found.setdefault(attribute["type"].native, []).extend(attribute["values"])
    if len(found.get("message_digest", ())) != 1 or len(found.get("content_type", ())) != 1:
        raise Malformed("no digest among the signed attributes")
    if not hmac.compare_digest(found["message_digest"][0].native, value):
        raise Fault("integrity-check-failed", "The content is not what was signed.")
    raw = attributes.dump()
    return hashlib.new(info["digest_algorithm"]["algorithm"].native, b"\x31" + raw[1:]).digest()


def _likely_first(certificates: Sequence[Certificate], identifier: Any) -> list[Certificate]:
    return sorted(certificates, key=lambda c: not c.is_named(identifier))


def _by(certificate: Certificate, info: Any, signed: bytes, digest: Digest) -> bool:
    """Whether this certificate's key made the signature: PKCS#1 v1.5, or PSS with the same digest throughout."""
    algorithm = info["signature_algorithm"]
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    if algorithm["algorithm"].native == "rsassa_pss":
        scheme = padding.PSS(padding.MGF1(HASHES[digest]), algorithm["parameters"]["salt_length"].native)
    elif algorithm["algorithm"].native not in ("rsassa_pkcs1v15", f"{digest}_rsa"):
        return False
    try:
        certificate.public_key.verify(info["signature"].native, signed, scheme, utils.Prehashed(HASHES[digest]))
    except InvalidSignature:
        return False
    return True
