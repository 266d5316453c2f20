"""One embedded PostgreSQL for the session, one migrated template, and a clone of it for each test (about 20 ms)."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from hub.settings import Settings
from hub.store import StoredUnits, Urls, roles
from hub.store.embedded import EmbeddedPostgres
from hub.store.migration import migrate

HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
"""Tests do not survive a power cut."""


def database_url(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@dataclass
class Server:
    """A running server whose database `template` is migrated."""

    postgres: EmbeddedPostgres
    _names: Iterator[int]

    def urls(self, database: str) -> Urls:
        return Urls(*(database_url(self.postgres.url(role), database) for role in roles.NAMES))

    def execute(self, name: str, template: str | None) -> None:
        with psycopg.connect(self.postgres.url("postgres", "postgres"), autocommit=True) as connection:
            if template is None:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            else:
                roles.create_database(connection, name, template)

    def fresh(self, template: str = "template_hub") -> str:
        name = f"test_{next(self._names)}"
        self.execute(name, template)
        return name


def serve(version: int) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="hub-test-") as home:
        postgres = EmbeddedPostgres(Path(home), version, HASTE)
        postgres.start()
        try:
            server = Server(postgres, itertools.count())
            server.execute("template_hub", "template0")
            migrate(server.urls("template_hub").owner)
            yield server
        finally:
            postgres.stop()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL of the newest version in the wheel."""
    yield from serve(18)


@pytest.fixture(scope="session")
def older_server() -> Iterator[Server]:
    """PostgreSQL of the oldest version that the hub supports."""
    yield from serve(16)


@pytest.fixture
def urls(server: Server) -> Iterator[Urls]:
    """The three logins of a fresh database."""
    name = server.fresh()
    yield server.urls(name)
    server.execute(name, None)


@pytest.fixture
def settings(urls: Urls, tmp_path: Path) -> Settings:
    """Settings of a hub on that database, with a home of its own."""
    return Settings(
        home=tmp_path / "home", database_url=urls.owner, worker_url=urls.worker, door_url=urls.door, http_port=0, grpc_port=0,
        grpc_token_port=0,
    )


@pytest.fixture
async def units(urls: Urls) -> AsyncIterator[StoredUnits]:
    """Transactions on a fresh, migrated, empty database."""
    opened = StoredUnits(urls.worker, urls.door, pool_size=4, overflow=4)
    yield opened
    await opened.dispose()
