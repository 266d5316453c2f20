"""The gRPC server: two listeners over the same services.

    HUB_GRPC_PORT        mutual TLS; opened when HUB_TLS_CLIENT_CA says who signs partners' certificates
    HUB_GRPC_TOKEN_PORT  bearer tokens over TLS; without a server certificate in plain text, on loopback only

`serve` builds and binds, `RpcServer.start` begins to answer, `RpcServer.stop` lets running calls end.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import grpc
from google.longrunning import operations_pb2
from google.longrunning.operations_pb2_grpc import add_OperationsServicer_to_server
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from adapters.clock import SystemClock
from hub.errors import Stop
from hub.ports import Clock, Units
from hub.rpc import health
from hub.rpc.agreements import Agreements
from hub.rpc.catalogue import Catalogue
from hub.rpc.cycles import Cycles, Operations
from hub.rpc.door import Door
from hub.rpc.errors import log
from hub.rpc.exceptions import Exceptions
from hub.rpc.exchange import Exchange, Receive
from hub.rpc.forecasts import Forecasts
from hub.rpc.identity import Identify, by_certificate, by_token
from hub.rpc.limits import Limits
from hub.rpc.methods import methods_of
from hub.rpc.orders import Orders
from hub.rpc.pages import PageTokens, secret_of
from hub.rpc.pb.v1 import (
    agreements_pb2,
    catalogue_pb2,
    cycles_pb2,
    exceptions_pb2,
    exchange_pb2,
    forecasts_pb2,
    orders_pb2,
    replenishment_pb2,
    scorecards_pb2,
)
from hub.rpc.pb.v1.agreements_pb2_grpc import add_AgreementsServicer_to_server
from hub.rpc.pb.v1.catalogue_pb2_grpc import add_CatalogueServicer_to_server
from hub.rpc.pb.v1.cycles_pb2_grpc import add_CyclesServicer_to_server
from hub.rpc.pb.v1.exceptions_pb2_grpc import add_ExceptionsServicer_to_server
from hub.rpc.pb.v1.exchange_pb2_grpc import add_ExchangeServicer_to_server
from hub.rpc.pb.v1.forecasts_pb2_grpc import add_ForecastsServicer_to_server
from hub.rpc.pb.v1.orders_pb2_grpc import add_OrdersServicer_to_server
from hub.rpc.pb.v1.replenishment_pb2_grpc import add_ReplenishmentServicer_to_server
from hub.rpc.pb.v1.scorecards_pb2_grpc import add_ScorecardsServicer_to_server
from hub.rpc.replenishment import Replenishment
from hub.rpc.scorecards import Scorecards
from hub.rpc.trail import Trail
from hub.rpc.watching import Watchers
from hub.settings import Settings

ENVELOPE = 64 * 1024
"""Bytes that a request may have beyond its file: then a file that is a little too large still gets a proper answer."""
FILES = tuple(file.DESCRIPTOR for file in (
    agreements_pb2, catalogue_pb2, cycles_pb2, operations_pb2, exceptions_pb2, exchange_pb2, forecasts_pb2, orders_pb2,
    replenishment_pb2, scorecards_pb2))
SERVICES = tuple(service.full_name for file in FILES for service in file.services_by_name.values())


@dataclass(frozen=True, slots=True)
class RpcServer:
    """The listeners of this process, by the ports that they really have. `port` is None without mutual TLS."""

    port: int | None
    token_port: int
    listeners: tuple[grpc.aio.Server, ...]
    health: health.Health
    watchers: Watchers
    trail: Trail

    async def start(self) -> None:
        """Begins to answer."""
        self.trail.start()
        for listener in self.listeners:
            await listener.start()
        await self.health.open(*SERVICES)
        log.info("gRPC is open", port=self.port, token_port=self.token_port)

    async def stop(self, grace: float = 10.0) -> None:
        """Takes no new call, says so to health checks and to watchers, gives running calls `grace` seconds, then ends
        them; what was read is in the audit trail then."""
        await self.health.leave()
        self.watchers.leave()
        await asyncio.gather(*(listener.stop(grace) for listener in self.listeners))
        await self.trail.stop()
        log.info("gRPC is closed")


def serve(settings: Settings, units: Units, receive: Receive, *, clock: Clock | None = None) -> RpcServer:
    """Builds and binds both listeners; call it on the loop that will run them. Raises Stop for unusable settings."""
    tls = _tls(settings)
    limits = Limits(settings.max_in_flight, settings.max_request_seconds)
    secret = settings.page_secret.get_secret_value().encode() if settings.page_secret else secret_of(settings.home)
    pages = PageTokens(secret)
    limit = min(settings.grpc_max_message_bytes, settings.max_message_bytes)
    now, watchers, trail = clock or SystemClock(), Watchers(units, pages), Trail(units)
    exchange = Exchange(units, receive, now, limit, pages, watchers, settings.max_message_bytes)
    alive, methods = health.Health(), methods_of(FILES)

    def listener(identify: Identify) -> grpc.aio.Server:
        server = grpc.aio.server(interceptors=[Door(identify, limits, methods, trail)], options=_options(settings))
        add_ExchangeServicer_to_server(exchange, server)
        add_AgreementsServicer_to_server(Agreements(units, pages), server)
        add_CatalogueServicer_to_server(Catalogue(units, pages), server)
        add_ForecastsServicer_to_server(Forecasts(units, pages, now, watchers), server)
        add_ExceptionsServicer_to_server(Exceptions(units, pages, now, watchers), server)
        add_OrdersServicer_to_server(Orders(units, pages, watchers), server)
        add_CyclesServicer_to_server(Cycles(units, now), server)
        add_OperationsServicer_to_server(Operations(units, pages), server)
        add_ReplenishmentServicer_to_server(Replenishment(units, pages, now, settings.gln), server)
        add_ScorecardsServicer_to_server(Scorecards(units, pages), server)
        health_pb2_grpc.add_HealthServicer_to_server(alive, server)
        reflection.enable_server_reflection((*SERVICES, health.NAME, reflection.SERVICE_NAME), server)
        return server

    tokens = listener(by_token(units))
    token_port = _bind(tokens, settings.grpc_host, settings.grpc_token_port, tls.anyone if tls else None)
    if tls is None or tls.partners is None:
        return RpcServer(None, token_port, (tokens,), alive, watchers, trail)
    certificates = listener(by_certificate(units))
    port = _bind(certificates, settings.grpc_host, settings.grpc_port, tls.partners)
    return RpcServer(port, token_port, (tokens, certificates), alive, watchers, trail)


@dataclass(frozen=True, slots=True)
class _Tls:
    """Credentials for a listener that asks for no certificate, and for one that demands a partner's."""

    anyone: grpc.ServerCredentials
    partners: grpc.ServerCredentials | None


def _tls(settings: Settings) -> _Tls | None:
    """None means plain text, which is refused on anything but loopback."""
    if settings.tls_certificate is None or settings.tls_key is None:
        if settings.tls_certificate or settings.tls_key or settings.tls_client_ca:
            raise Stop("HUB_TLS_CERTIFICATE and HUB_TLS_KEY belong together, and HUB_TLS_CLIENT_CA needs both.")
        if not is_loopback(settings.grpc_host):
            raise Stop(
                f"Tokens must not travel in plain text: HUB_GRPC_HOST is {settings.grpc_host}. "
                "Set HUB_TLS_CERTIFICATE and HUB_TLS_KEY, or listen on 127.0.0.1."
            )
        return None
    pair = [(_read(settings.tls_key), _read(settings.tls_certificate))]
    partners = None
    if settings.tls_client_ca is not None:
        partners = grpc.ssl_server_credentials(pair, _read(settings.tls_client_ca), require_client_auth=True)
    return _Tls(grpc.ssl_server_credentials(pair), partners)


def _bind(server: grpc.aio.Server, host: str, port: int, credentials: grpc.ServerCredentials | None) -> int:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        return server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError:
        raise Stop(f"gRPC cannot listen on {address}. Is the port taken, or the certificate unusable?") from None


def _options(settings: Settings) -> list[tuple[str, int]]:
    """One process owns a port (a second one fails instead of sharing it); quiet clients may ping every ten seconds."""
    return [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", settings.grpc_max_message_bytes + ENVELOPE),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", 16 * 1024),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
    ]


def is_loopback(host: str) -> bool:
    """Whether what is sent to `host` stays on this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Stop(f"Cannot read {path}: {error.strerror}.") from None
