"""Who is calling: an account of a partner, proven by a client certificate or by a bearer token.

Each listener knows one way only. Every call is looked up anew, so a revoked token or a partner that left is refused at
once. The proven name is what every servicer opens its transaction with; see `caller`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from typing import Any

import grpc

from hub.model.account import Caller
from hub.model.item import valid_gln
from hub.ports import Units
from hub.rpc.errors import Unauthenticated
from hub.rpc.lookups import Lookups

Context = grpc.aio.ServicerContext[Any, Any]
Identify = Callable[[Context], Awaitable[Caller]]
"""Proves who is calling; raises Unauthenticated."""

URN, ACCOUNT = "urn:gln:", "urn:cpfr:account:"
_SPEAKER: ContextVar[Caller | None] = ContextVar("speaker", default=None)


def who() -> Caller:
    """Who is calling, with its role. Raises Unauthenticated when nobody was proven."""
    found = _SPEAKER.get()
    if found is None:
        raise Unauthenticated("Nobody knows who is calling.")
    return found


def caller() -> str:
    """The short name of the partner whose call is being answered. Raises Unauthenticated when nobody was proven."""
    return who().partner


def speaker() -> str | None:
    """Like `caller`, None when nobody was proven yet."""
    found = _SPEAKER.get()
    return None if found is None else found.partner


def speak_for(found: Caller | None) -> None:
    """The rest of this call is done for `found`. (Every call is a task of its own, with variables of its own.)"""
    _SPEAKER.set(found)


def by_certificate(units: Units) -> Identify:
    """By the GLN in the client certificate's URI subject alternative name, `urn:gln:<GLN>`; beside it
    `urn:cpfr:account:<name>` may name the account, which else is called "certificate"."""

    async def look(of: None, proofs: Sequence[tuple[str, str | None]]) -> dict[tuple[str, str | None], Caller]:
        async with units.glance(None) as unit:
            return await unit.partners.callers_of_glns(proofs)

    lookups = Lookups(look)

    async def identify(context: Context) -> Caller:
        names = context.auth_context().get("x509_subject_alternative_name", ())
        gln = certified_gln(names)
        found = await lookups.ask(None, (gln, certified_account(names)))
        if found is None:
            raise Unauthenticated(
                f"No partner of this hub has the certificate's GLN {gln}, or its account is closed.",
                reason="UNKNOWN_PARTNER")
        return found

    return identify


def by_token(units: Units) -> Identify:
    """By the bearer token in the metadata `authorization`."""

    async def look(of: None, tokens: Sequence[str]) -> dict[str, Caller]:
        async with units.glance(None) as unit:
            return await unit.partners.callers_of_tokens(tokens)

    lookups = Lookups(look)

    async def identify(context: Context) -> Caller:
        found = await lookups.ask(None, bearer(context.invocation_metadata() or ()))
        if found is None:
            raise Unauthenticated("This token is unknown or revoked.", reason="TOKEN_INVALID")
        return found

    return identify


def certified_account(names: Any) -> str | None:
    """The account among a certificate's alternative names (bytes), None when it names none. Raises Unauthenticated
    for two."""
    texts = [name.decode("ascii", "replace") for name in names]
    accounts = {text[len(ACCOUNT):] for text in texts if text.lower().startswith(ACCOUNT)}
    if len(accounts) > 1:
        raise Unauthenticated("The client certificate names two accounts.", reason="CERTIFICATE_AMBIGUOUS")
    return accounts.pop() if accounts else None


def certified_gln(names: Any) -> str:
    """The one GLN among a certificate's alternative names (bytes). Raises Unauthenticated for none, two or wrong."""
    texts = [name.decode("ascii", "replace") for name in names]
    glns = {text[len(URN):] for text in texts if text.lower().startswith(URN)}
    if len(glns) != 1:
        raise Unauthenticated(
            f"The client certificate must carry exactly one URI alternative name {URN}<GLN>.",
            reason="CERTIFICATE_WITHOUT_GLN",
        )
    try:
        return valid_gln(glns.pop())
    except ValueError as wrong:
        raise Unauthenticated(f"The client certificate: {wrong}.", reason="CERTIFICATE_WITHOUT_GLN") from None


def bearer(metadata: Any) -> str:
    """The token of `authorization: Bearer <token>` in pairs of metadata. Raises Unauthenticated."""
    given = [value for key, value in metadata if key == "authorization"]
    if len(given) != 1 or not isinstance(given[0], str):
        raise Unauthenticated("Send one token, as metadata `authorization: Bearer <token>`.", reason="TOKEN_MISSING")
    scheme, _, token = given[0].partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("The metadata must read `authorization: Bearer <token>`.", reason="TOKEN_MISSING")
    return token.strip()
