"""What two companies agree about AS2 (RFC 4130 and its revision, draft-ietf-ediint-rfc4130bis)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from hub.model.delivery import safe
from hub.model.value import Value

Digest = Literal["sha1", "sha256", "sha384", "sha512"]
Cipher = Literal["aes128-cbc", "aes256-cbc", "aes128-gcm", "aes256-gcm"]
KeyTransport = Literal["pkcs1", "oaep"]
Compression = Literal["before_signing", "after_signing"]

PEM = "-----BEGIN CERTIFICATE-----"


class As2Terms(Value):
    """The table [as2] of a profile.

    `name` is how the partner calls itself in AS2-From, `our_name` how it calls the hub (None: as in HUB_AS2_NAME).
    `certificates` are its own, as PEM: all that are valid count for what it signs, the newest valid one is encrypted
    to, unless `encryption_certificates` are others. What goes out is compressed, signed and encrypted as the next four
    say ("none": not at all), and asks for a receipt (MDN); what comes in must be `signed` and `encrypted`, by `digests`
    and `ciphers` of these lists. `receipt_urls` are the addresses at which it takes receipts that it does not wait for;
    one that we do not wait for is missed after `receipt_minutes`.
    """

    name: str = Field(min_length=1, max_length=128)
    our_name: str | None = Field(None, min_length=1, max_length=128)
    certificates: tuple[str, ...] = ()
    encryption_certificates: tuple[str, ...] = ()
    sign: Digest | None = "sha256"
    encrypt: Cipher | None = "aes256-cbc"
    key_transport: KeyTransport = "pkcs1"
    compress: Compression | None = "before_signing"
    receipt: Literal["sync", "async"] | None = "sync"
    receipt_signed: bool = True
    receipt_minutes: float = Field(30.0, gt=0)
    signed: bool = True
    encrypted: bool = True
    digests: tuple[Digest, ...] = ("sha256", "sha384", "sha512")
    ciphers: tuple[Cipher, ...] = ("aes128-cbc", "aes256-cbc", "aes128-gcm", "aes256-gcm")
    receipt_urls: tuple[str, ...] = ()

    @field_validator("sign", "encrypt", "compress", "receipt", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        """A profile says "none": TOML has no word for nothing."""
        return None if value == "none" else value

    @field_validator("name", "our_name")
    @classmethod
    def _one_line(cls, name: str | None) -> str | None:
        if name is not None and not (name.isascii() and name.isprintable()):
            raise ValueError("an AS2 name is one line of plain ASCII characters")
        return name

    @field_validator("certificates", "encryption_certificates")
    @classmethod
    def _pem(cls, certificates: tuple[str, ...]) -> tuple[str, ...]:
        if not all(PEM in one and "PRIVATE KEY" not in one for one in certificates):
            raise ValueError("each certificate stands there as PEM, without any private key")
        return certificates

    @model_validator(mode="after")
    def _complete(self) -> As2Terms:
        if self.encrypt is not None and not (self.certificates or self.encryption_certificates):
            raise ValueError("to encrypt, a certificate of the partner is needed")
        if (self.signed or self.receipt_signed) and not self.certificates:
            raise ValueError("to check what the partner signs, its certificate is needed")
        if self.sign == "sha1" and "sha1" not in self.digests:
            raise ValueError('to sign with SHA-1, "sha1" must stand in digests: it can be forged')
        if wrong := [url for url in self.receipt_urls if not safe(url)]:
            raise ValueError(f"{wrong[0]!r} must begin with https:// (http:// only on loopback) and hold no password")
        return self

    def encrypts_to(self) -> tuple[str, ...]:
        return self.encryption_certificates or self.certificates
