"""Paging (AIP-158): sizes, and tokens that nobody can read meaning into or take to another query.

A token is the listing's own key, sealed with an HMAC over the key, the method's request without its paging fields, and
the caller. It grants nothing: row-level security decides on every page what there is to see. The seal makes sure that a
page continues the query that it came from, and that the store never meets a key it did not make.
"""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any, TypedDict

from hub.model.query import Condition, Sort
from hub.rpc.certificates import write_secret
from hub.rpc.errors import Invalid, log
from hub.rpc.filters import Fields

DEFAULT, MOST = 50, 1000
_SEAL = 16
PAGING = ("page_size", "page_token", "resume_token", "read_mask")
"""What may differ from one page to the next, and is no part of the query."""
Listing = Any
"""Every request that is answered in pages: it has `page_size` and `page_token`."""


def page_size(request: Listing) -> int:
    """How many rows to read: 0 means 50, and nobody gets more than 1000. Raises Invalid below 0."""
    if request.page_size < 0:
        raise Invalid("page_size", "must not be negative.", reason="PAGE_SIZE_NEGATIVE")
    return min(request.page_size or DEFAULT, MOST)


class Query(TypedDict):
    """What every listing of the store takes, beside what is its own."""

    where: Condition | None
    order: tuple[Sort, ...]
    limit: int
    after: str | None


class PageTokens:
    """Seals keys into tokens and opens them again, with one secret for all nodes of a hub."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, key: str | None, request: Listing, partner: str) -> str:
        """The token for the page that begins after `key`; empty when there is none."""
        if key is None:
            return ""
        return _encoded(self._mac(key.encode(), request, partner) + key.encode())

    def open(self, request: Listing, partner: str) -> str | None:
        """The key in the request's token, None on the first page. Raises Invalid for a token not of this query."""
        if not request.page_token:
            return None
        key = self.opened(request.page_token, request, partner)
        if key is None:
            raise Invalid("page_token", "does not continue this query. Begin without it.", reason="PAGE_TOKEN_INVALID")
        return key

    def query(self, request: Listing, partner: str, fields: Fields) -> Query:
        """Which rows of a listing are wanted: its `filter`, `order_by`, `page_size` and `page_token`. Raises Invalid
        for the first of them that is wrong."""
        return {
            "where": fields.condition(request.filter), "order": fields.sorts(request.order_by),
            "limit": page_size(request), "after": self.open(request, partner),
        }

    def opened(self, token: str, request: Any, partner: str) -> str | None:
        """The key that was sealed for this request and this partner, None when it was not."""
        sealed = _decoded(token)
        seal, key = sealed[:_SEAL], sealed[_SEAL:]
        return key.decode() if hmac.compare_digest(seal, self._mac(key, request, partner)) else None

    def _mac(self, key: bytes, request: Listing, partner: str) -> bytes:
        query = deepcopy(request)
        for name in PAGING:
            if name in query.DESCRIPTOR.fields_by_name:
                query.ClearField(name)
        kind, fields = query.DESCRIPTOR.full_name.encode(), query.SerializeToString(deterministic=True)
        parts = (key, kind, fields, partner.encode())
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self._secret, framed, sha256)[:_SEAL]


def _encoded(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _decoded(token: str) -> bytes:
    """The bytes of `token`; none at all when it is not exactly what `_encoded` writes."""
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return b""
    return sealed if _encoded(sealed) == token else b""


def secret_of(home: Path) -> bytes:
    """The secret kept in `home`, made by whoever comes first (mode 0600)."""
    path = home / "page-secret"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        fresh = home / f".page-secret-{token_hex(8)}"
        write_secret(fresh, token_bytes(32))
        try:
            os.link(fresh, path)
        except FileExistsError:
            log.debug("another process made the page secret first")
        finally:
            fresh.unlink()
    return path.read_bytes()
