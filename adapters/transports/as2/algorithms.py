"""Names of algorithms, as the hub, CMS and MIME call them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cryptography.hazmat.primitives import hashes

from hub.model.as2 import Cipher, Digest

HASHES: dict[Digest, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),  # noqa: S303
}
WIRE: dict[Digest, str] = {"sha1": "sha1", "sha256": "sha-256", "sha384": "sha-384", "sha512": "sha-512"}
"""As `micalg` and Received-Content-MIC say it."""

CIPHERS: dict[str, Cipher] = {
    "aes128_cbc": "aes128-cbc", "aes256_cbc": "aes256-cbc", "aes128_gcm": "aes128-gcm", "aes256_gcm": "aes256-gcm",
}
"""CMS's names to ours."""


def digest_named(name: str) -> Digest | None:
    """The digest that a peer means: sha-256, SHA256, sha2-256 and sha_256 are all seen. None: not one of ours."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    plain = {"sha2256": "sha256", "sha2384": "sha384", "sha2512": "sha512"}.get(plain, plain)
    return next((digest for digest in HASHES if digest == plain), None)


def first_allowed(names: Iterable[str], allowed: Iterable[Digest]) -> Digest | None:
    """The first of the peer's names that is allowed: its list is in the order of its preference."""
    agreed = set(allowed)
    return next((digest for digest in map(digest_named, names) if digest in agreed), None)
