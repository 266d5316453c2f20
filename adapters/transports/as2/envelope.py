"""Encryption to a certificate: EnvelopedData (RFC 5652, 6) with AES-CBC, AuthEnvelopedData (RFC 5083) with AES-GCM."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from typing import Any

from asn1crypto import algos, cms, core
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher as Machine
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from adapters.transports.as2.algorithms import CIPHERS, HASHES, digest_named
from adapters.transports.as2.fault import UNREADABLE, Fault, Malformed, undecipherable
from adapters.transports.as2.keys import Certificate, Identity
from hub.model.as2 import Cipher, KeyTransport

BLOCK, TAG = 16, 16
LENGTHS: dict[Cipher, int] = {"aes128-cbc": 16, "aes256-cbc": 32, "aes128-gcm": 16, "aes256-gcm": 32}


class GcmParameters(core.Sequence):  # type: ignore[misc]
    """RFC 5084, 3.2."""

    _fields = [("nonce", core.OctetString), ("length", core.Integer, {"default": 12})]


def encrypt(content: bytes, to: Certificate, cipher: Cipher, transport: KeyTransport) -> bytes:
    """`content` for the holder of that certificate, DER."""
    key = os.urandom(LENGTHS[cipher])
    name = cipher.replace("-", "_")
    recipients = [_recipient(key, to, transport)]
    if cipher.endswith("gcm"):
        nonce = os.urandom(12)
        machine = Machine(algorithms.AES(key), modes.GCM(nonce)).encryptor()
        sealed = machine.update(content) + machine.finalize()
        parameters = core.Any(GcmParameters({"nonce": nonce, "length": TAG}))
        return bytes(cms.ContentInfo({
            "content_type": "authenticated_enveloped_data", "content": cms.AuthEnvelopedData({
                "version": 0, "recipient_infos": recipients, "mac": machine.tag, "auth_encrypted_content_info": {
                    "content_type": "data", "encrypted_content": sealed,
                    "content_encryption_algorithm": algos.EncryptionAlgorithm(
                        {"algorithm": name, "parameters": parameters})}})}).dump())
    start, fill = os.urandom(BLOCK), BLOCK - len(content) % BLOCK
    encryptor = Machine(algorithms.AES(key), modes.CBC(start)).encryptor()
    sealed = encryptor.update(content) + encryptor.update(bytes([fill]) * fill) + encryptor.finalize()
    return bytes(cms.ContentInfo({"content_type": "enveloped_data", "content": {
        "version": "v0", "recipient_infos": recipients, "encrypted_content_info": {
            "content_type": "data", "encrypted_content": sealed,
            "content_encryption_algorithm": {"algorithm": name, "parameters": core.OctetString(start)}}}}).dump())


def _recipient(key: bytes, to: Certificate, transport: KeyTransport) -> Any:
    algorithm: dict[str, Any] = {"algorithm": "rsaes_pkcs1v15"}
    scheme: padding.AsymmetricPadding = padding.PKCS1v15()
    if transport == "oaep":
        sha256 = {"algorithm": "sha256"}
        algorithm = {"algorithm": "rsaes_oaep", "parameters": algos.RSAESOAEPParams({
            "hash_algorithm": sha256, "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": sha256}})}
        scheme = padding.OAEP(padding.MGF1(HASHES["sha256"]), HASHES["sha256"], None)
    return cms.RecipientInfo("ktri", {
        "version": "v0", "rid": cms.RecipientIdentifier({"issuer_and_serial_number": to.name()}),
        "key_encryption_algorithm": algorithm, "encrypted_key": to.public_key.encrypt(key, scheme)})


def decrypt(der: bytes, identities: Sequence[Identity], allowed: Collection[Cipher]) -> tuple[bytes, Cipher]:
    """The content, and by which cipher. Raises Fault; `undecipherable` for whatever a wrong key or changed bytes do."""
    try:
        envelope = cms.ContentInfo.load(der)
        sealed = _Sealed(envelope["content"], envelope["content_type"].native == "authenticated_enveloped_data")
        keys = _keys(sealed, identities) if sealed.cipher in allowed else []
    except UNREADABLE as wrong:
        raise undecipherable() from wrong
    if sealed.cipher not in allowed:
        raise Fault("insufficient-message-security", f"Encryption with {sealed.algorithm} is not agreed.")
    for key in keys:
        try:
            return sealed.opened(key), sealed.cipher
        except (Malformed, InvalidTag, *UNREADABLE):
            continue
    raise undecipherable()


class _Sealed:
    """What both kinds of envelope hold."""

    def __init__(self, content: Any, authenticated: bool) -> None:
        info = content["auth_encrypted_content_info" if authenticated else "encrypted_content_info"]
        self.recipients = [r.chosen for r in content["recipient_infos"] if r.name == "ktri"]
        self.algorithm: str = info["content_encryption_algorithm"]["algorithm"].native
        self.cipher: Any = CIPHERS.get(self.algorithm)
        if self.cipher is not None and self.cipher.endswith("gcm") is not authenticated:
            raise ValueError("cipher and envelope do not fit")
        self._parameters = info["content_encryption_algorithm"]["parameters"]
        self._bytes: bytes = info["encrypted_content"].native
        self._tag: bytes | None = content["mac"].native if authenticated else None
        self._aside = b""
        if authenticated and content["auth_attrs"].native:
            self._aside = b"\x31" + content["auth_attrs"].dump()[1:]

    def opened(self, key: bytes) -> bytes:
        """Raises Malformed, ValueError, TypeError or InvalidTag."""
        if self._tag is not None:
            nonce = GcmParameters.load(self._parameters.dump())["nonce"].native
            machine = Machine(algorithms.AES(key), modes.GCM(nonce, self._tag, min_tag_length=12)).decryptor()
            machine.authenticate_additional_data(self._aside)
            return machine.update(self._bytes) + machine.finalize()
        plain = Machine(algorithms.AES(key), modes.CBC(self._parameters.native)).decryptor()
        content = plain.update(self._bytes) + plain.finalize()
        fill = content[-1] if content else 0
        if not 1 <= fill <= BLOCK or content[-fill:] != bytes([fill]) * fill:
            raise Malformed("padding")
        return content[:-fill]


def _keys(sealed: _Sealed, identities: Sequence[Identity]) -> list[bytes]:
    """Keys that may open it: of the recipients that name one of our certificates, or else of all with all. Where PKCS#1
    padding is wrong, a random key goes on in its place (RFC 3218, 2.3.2)."""
    length, keys = LENGTHS[sealed.cipher], []
    pairs = [(r, i) for r in sealed.recipients for i in identities]
    named = [(r, i) for r, i in pairs if i.certificate.is_named(r["rid"])]
    for recipient, identity in named or pairs[:16]:
        try:
            key = identity.key.decrypt(recipient["encrypted_key"].native, _padding(recipient))
        except UNREADABLE:
            key = b""
        keys.append(key if len(key) == length else os.urandom(length))
    return keys


def _padding(recipient: Any) -> padding.AsymmetricPadding:
    algorithm = recipient["key_encryption_algorithm"]
    if algorithm["algorithm"].native == "rsaes_pkcs1v15":
        return padding.PKCS1v15()
    if algorithm["algorithm"].native != "rsaes_oaep":
        raise ValueError(algorithm["algorithm"].native)
    parameters = algorithm["parameters"]
    if not isinstance(parameters, algos.RSAESOAEPParams):
        parameters = algos.RSAESOAEPParams({})
    main = digest_named(parameters["hash_algorithm"]["algorithm"].native)
    mask = digest_named(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native)
    if main is None or mask is None:
        raise ValueError("digest of OAEP")
    return padding.OAEP(padding.MGF1(HASHES[mask]), HASHES[main], None)
