"""A file in its layers, and out of them again. Both are pure functions of plain values: they run in a process pool.

Outermost is the encryption; under it signature and compression, in either order; innermost one entity with the file.
The MIC (RFC 4130, 7.3.1; RFC 5402, 4) is computed over exactly the bytes that came: what was signed; of a message
without signature the innermost entity with its headers; of one without any layer the body alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.transports.as2.algorithms import WIRE
from adapters.transports.as2.compression import compress, decompress
from adapters.transports.as2.envelope import decrypt, encrypt
from adapters.transports.as2.fault import Fault, Malformed, undecipherable
from adapters.transports.as2.keys import all_of, identity, newest, signer
from adapters.transports.as2.mime import Entity, heading, parse, parts
from adapters.transports.as2.signature import Verified, sign, verify
from hub.errors import Reject
from hub.model.as2 import As2Terms, Cipher, Digest

COMPRESSED = 'application/pkcs7-mime; smime-type=compressed-data; name="smime.p7z"'
ENCRYPTED = 'application/pkcs7-mime; smime-type={}; name="smime.p7m"'
PKCS7 = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
SIGNATURE = {"application/pkcs7-signature", "application/x-pkcs7-signature"}


@dataclass(frozen=True, slots=True)
class Mic:
    """A message integrity check, base64, and its digest."""

    value: str
    digest: Digest

    @classmethod
    def of(cls, digest: Digest, value: bytes) -> Mic:
        return cls(base64.b64encode(value).decode(), digest)

    def __str__(self) -> str:
        return f"{self.value}, {WIRE[self.digest]}"


@dataclass(frozen=True, slots=True)
class Packed:
    """A message for the wire: the header fields of its MIME entity, and its body."""

    headers: Mapping[str, str]
    body: bytes
    mic: Mic


@dataclass(frozen=True, slots=True)
class Opened:
    """The file that came, and how it came."""

    content: bytes
    filename: str | None
    kind: str
    mic: Mic
    signed: bool
    signer: str | None
    cipher: Cipher | None
    compressed: bool


def pack(content: bytes, filename: str, kind: str, terms: As2Terms, keys: tuple[str, ...], now: datetime) -> Packed:
    """The file as the terms say. Raises Reject where the partner has no valid certificate, Stop where we have no key.

    What is signed depends on the file and the terms alone: its MIC is the same at every attempt.
    """
    headers, body, entity, mic = _innermost(content, filename, kind, terms)
    if terms.sign:
        headers, body, entity = signed(entity, terms.sign, keys, now)
        if terms.compress == "after_signing":
            headers, body, entity = _compressed(entity)
    if terms.encrypt:
        to = newest(all_of(terms.encrypts_to()), now)
        if to is None:
            raise Reject(f"No certificate of {terms.name} is valid now: nothing can be encrypted to it.",
                         reason="NO_CERTIFICATE")
        body = encrypt(entity, to, terms.encrypt, terms.key_transport)
        sort = "authEnveloped-data" if terms.encrypt.endswith("gcm") else "enveloped-data"
        headers = {"Content-Type": ENCRYPTED.format(sort), "Content-Transfer-Encoding": "binary",
                   "Content-Disposition": 'attachment; filename="smime.p7m"'}
    return Packed(headers, body, mic)


def expected_mic(content: bytes, filename: str, kind: str, terms: As2Terms) -> Mic:
    """The MIC that a receipt for that file has to say."""
    return _innermost(content, filename, kind, terms)[3]


def _innermost(content: bytes, filename: str, kind: str, terms: As2Terms) -> tuple[dict[str, str], bytes, bytes, Mic]:
    """The entity that is signed, or encrypted where nothing is: headers, body, both together, and the MIC."""
    headers = {"Content-Type": kind, "Content-Disposition": f'attachment; filename="{plain(filename)}"',
               "Content-Transfer-Encoding": "binary"}
    body, entity = content, heading(headers) + content
    mic = _digested(terms.sign or "sha256", entity if terms.encrypt or terms.compress else content)
    if terms.compress and (terms.compress == "before_signing" or not terms.sign):
        headers, body, entity = _compressed(entity)
    return headers, body, entity, _digested(terms.sign, entity) if terms.sign else mic


def plain(filename: str) -> str:
    """The name without what would end it early in a header."""
    return "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in filename)


def _digested(digest: Digest, content: bytes) -> Mic:
    return Mic.of(digest, hashlib.new(digest, content).digest())


def _compressed(entity: bytes) -> tuple[dict[str, str], bytes, bytes]:
    headers, body = {"Content-Type": COMPRESSED, "Content-Transfer-Encoding": "binary"}, compress(entity)
    return headers, body, heading(headers) + body


def signed(entity: bytes, digest: Digest, keys: tuple[str, ...], now: datetime) -> tuple[dict[str, str], bytes, bytes]:
    """A multipart/signed around an entity: its headers, its body, both together."""
    der = base64.encodebytes(sign(entity, signer(keys, now), digest, now)).replace(b"\n", b"\r\n")
    boundary = f"hub-{hashlib.sha256(der).hexdigest()[:40]}"
    kind = f'multipart/signed; protocol="application/pkcs7-signature"; micalg={WIRE[digest]}; boundary="{boundary}"'
    mark = b"--" + boundary.encode()
    body = b"".join((
        mark, b"\r\n", entity, b"\r\n", mark,
        b'\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n', der, mark, b"--\r\n"))
    headers = {"Content-Type": kind}
    return headers, body, heading(headers) + body


@dataclass(slots=True)
class _Layers:
    """What has been found on the way in. `proven`: the bytes at hand were authenticated, so an error in them may be
    called by its name."""

    proven: bool = True
    cipher: Cipher | None = None
    mic: Mic | None = None
    signer: str | None = None
    compressed: bool = False
    seen: list[str] = field(default_factory=list)


def unpack(
    headers: Mapping[str, str], body: bytes, terms: As2Terms, keys: tuple[str, ...], now: datetime, limit: int,
    micalg: Digest | None = None,
) -> Opened:
    """The file in a message. `headers`: those of HTTP, by lower-case name; `limit`: bytes after decompression;
    `micalg`: the digest of the MIC where there is no signature. Raises Fault."""
    layers = _Layers()
    try:
        entity = _peeled(Entity(headers, body, body), layers, terms, keys, now, limit)
        if entity.kind.startswith("multipart/"):
            raise Fault("unsupported format", "The message holds more than one file.")
        content = entity.content()
    except Malformed as wrong:
        raise _named(wrong, layers) from wrong
    _agreed(layers, terms)
    whole = entity.raw if layers.cipher or layers.compressed else content
    mic = layers.mic or _digested(micalg or "sha256", whole)
    return Opened(content, entity.filename, entity.kind, mic, layers.mic is not None, layers.signer, layers.cipher,
                  layers.compressed)


def _named(wrong: Malformed, layers: _Layers) -> Fault:
    if not layers.proven:
        return undecipherable()
    if layers.seen and layers.seen[-1] == "compressed":
        return Fault("decompression-failed", "The compressed part cannot be decompressed.")
    if layers.seen and layers.seen[-1] == "signed":
        return Fault("authentication-failed", f"The signature cannot be read: {wrong}.")
    return Fault("unsupported format", f"The message is not a MIME entity as AS2 uses it: {wrong}.")


def _agreed(layers: _Layers, terms: As2Terms) -> None:
    if terms.encrypted and layers.cipher is None:
        raise Fault("insufficient-message-security", "The message must be encrypted, and is not.")
    if terms.signed and layers.mic is None:
        raise Fault("insufficient-message-security", "The message must be signed, and is not.")


def _peeled(
    entity: Entity, layers: _Layers, terms: As2Terms, keys: tuple[str, ...], now: datetime, limit: int
) -> Entity:
    """Layer by layer down to the file."""
    while True:
        if entity.kind == "multipart/signed" and layers.mic is None:
            layers.seen.append("signed")
            content, verified = opened_signature(entity, terms, now)
            layers.mic, layers.signer = Mic.of(verified.digest, verified.value), verified.signer.title
            layers.proven = True
            entity = parse(content)
        elif entity.kind in PKCS7 and "compressed" in (entity.parameter("smime-type") or "") and not layers.compressed:
            layers.seen.append("compressed")
            entity = parse(decompress(entity.content(), limit))
            layers.compressed = True
        elif entity.kind in PKCS7 and not layers.seen:
            layers.seen.append("encrypted")
            plain, layers.cipher = decrypt(entity.content(), [identity(key) for key in keys], terms.ciphers)
            layers.proven = layers.cipher.endswith("gcm")
            entity = parse(plain)
        elif entity.kind in PKCS7 or entity.kind == "multipart/signed":
            raise Malformed("layers in an order that AS2 does not know")
        else:
            return entity


def opened_signature(entity: Entity, terms: As2Terms, now: datetime) -> tuple[bytes, Verified]:
    """What a multipart/signed has signed, exactly, and by whom. Raises Malformed and Fault."""
    found = parts(entity.body, entity.parameter("boundary"))
    if len(found) != 2:
        raise Malformed(f"{len(found)} parts instead of two")
    signature = parse(found[1])
    if signature.kind not in SIGNATURE:
        raise Malformed("the second part is no signature")
    return found[0], verify(found[0], signature.content(), all_of(terms.certificates), terms.digests, now)
