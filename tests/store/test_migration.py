"""Migrating: from nothing, again, by two at once, and never backwards."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hub.errors import Stop
from hub.store import Urls, migration
from hub.store.tables import metadata
from tests.database import Server


def differences(url: str) -> list[object]:
    engine = migration.engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": True, "compare_server_default": True,
            "include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith("procrastinate_"))})
        found = compare_metadata(context, metadata)
    engine.dispose()
    return list(found)


def test_the_migrated_database_has_exactly_the_tables_on_the_page(urls: Urls) -> None:
    assert differences(urls.owner) == []


def test_a_difference_would_be_found(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute("ALTER TABLE message DROP COLUMN filename")
        connection.execute("DROP INDEX message_sent_control")
    assert len(differences(urls.owner)) == 2


async def test_two_processes_that_start_together_migrate_once(server: Server) -> None:
    urls = server.urls(server.fresh("template0"))
    reached = await asyncio.gather(*(asyncio.to_thread(migration.migrate, urls.owner) for _ in range(3)))
    assert len(set(reached)) == 1
    assert differences(urls.owner) == []


def test_migrating_again_touches_nothing(urls: Urls) -> None:
    def version() -> object:
        with psycopg.connect(urls.owner) as connection:
            return connection.execute("SELECT array_agg(xmin::text ORDER BY oid) FROM pg_policy").fetchone()

    before = version()
    migration.migrate(urls.owner)
    assert version() == before


def test_rules_that_differ_are_rebuilt_as_they_should_be(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute("CREATE POLICY hole ON message TO hub_door USING (true)")
        connection.execute("COMMENT ON SCHEMA public IS 'rules of an older hub'")
    migration.migrate(urls.owner)
    with psycopg.connect(urls.owner) as connection:
        names = connection.execute("SELECT polname FROM pg_policy WHERE polrelid = 'message'::regclass ORDER BY 1")
        assert names.fetchall() == [("door",), ("worker",)]


def test_a_database_of_a_newer_hub_is_left_alone(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Stop, match="newer hub"):
        migration.migrate(urls.owner)


def test_the_doors_login_cannot_migrate(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute("COMMENT ON SCHEMA public IS 'older'")
    with pytest.raises((sa.exc.ProgrammingError, psycopg.errors.InsufficientPrivilege)):
        migration.migrate(urls.door)
