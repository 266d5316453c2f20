"""A PostgreSQL of the tests' own: one migrated template, and a clone of it for whoever asks (about 20 ms)."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from hub.store import Urls, roles
from hub.store.embedded import EmbeddedPostgres
from hub.store.migration import migrate

TEMPLATE = "template_hub"
HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
"""Tests do not survive a power cut."""


def database_url(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@dataclass
class Server:
    """A running server whose database TEMPLATE is migrated."""

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

    def fresh(self, template: str = TEMPLATE) -> str:
        name = f"test_{next(self._names)}"
        self.execute(name, template)
        return name


@contextmanager
def lent(server: Server, template: str = TEMPLATE) -> Iterator[Urls]:
    """The three logins of a clone that is gone afterwards."""
    name = server.fresh(template)
    try:
        yield server.urls(name)
    finally:
        server.execute(name, None)


def serve(version: int) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="hub-test-") as home:
        postgres = EmbeddedPostgres(Path(home), version, HASTE)
        postgres.start()
        try:
            server = Server(postgres, itertools.count())
            server.execute(TEMPLATE, "template0")
            migrate(server.urls(TEMPLATE).owner)
            yield server
        finally:
            postgres.stop()
