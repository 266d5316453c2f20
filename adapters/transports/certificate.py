"""Client certificates at the HTTP door: who proves to be which company, by the GLN in a URI name `urn:gln:<GLN>`."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.transports.problem import Unauthenticated
from hub.model.item import valid_gln

URN = "urn:gln:"


class Certified(H11Protocol):
    """Tells the application the names in the certificate with which the client opened the connection. They come from
    the TLS library, after it has checked the chain; no header can claim them."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        connection = transport.get_extra_info("ssl_object")
        certificate: dict[str, Any] = (connection.getpeercert() or {}) if connection is not None else {}
        names = tuple(value for kind, value in certificate.get("subjectAltName", ()) if kind == "URI")
        self.app = Naming(self.app, names)


class Naming:
    def __init__(self, app: Any, names: tuple[str, ...]) -> None:
        self._app: ASGIApp = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "client_names": self._names}, receive, send)


def certified_gln(request: Request) -> str:
    """The one GLN among the certificate's names. Raises Unauthenticated for none, two or a wrong one."""
    names = [name for name in request.scope.get("client_names", ()) if name.lower().startswith(URN)]
    glns = {name[len(URN):] for name in names}
    if len(glns) != 1:
        raise Unauthenticated(f"The client certificate must carry exactly one URI alternative name {URN}<GLN>.")
    try:
        return valid_gln(glns.pop())
    except ValueError as wrong:
        raise Unauthenticated(f"The client certificate: {wrong}.") from None
