"""Bring a database to this version of the hub: tables by Alembic, then the rules of who may see what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql

from hub.errors import Stop
from hub.store import visibility

LOCK = 0x4350_4652
"""Two processes that start together migrate one after the other."""


def engine(url: str) -> sa.Engine:
    """A synchronous engine for `hub_owner`, without a pool."""
    return sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)


def configuration(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(owner_url: str) -> str:
    """Upgrade in one transaction; returns the version reached. A database that is up to date is not touched."""
    owner = engine(owner_url)
    try:
        with owner.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            config = configuration(connection)
            head = ScriptDirectory.from_config(config).get_current_head()
            current = MigrationContext.configure(connection).get_current_revision()
            if current != head:
                _refuse_newer(config, current)
                command.upgrade(config, "head")
            _apply_visibility(connection)
            return str(head)
    finally:
        owner.dispose()


def _refuse_newer(config: Config, current: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise Stop(
            f"the database is at version {current}, made by a newer hub; install that one", reason="NEWER_DATABASE")


def _apply_visibility(connection: sa.Connection) -> None:
    """Rebuild functions, policies and grants when they differ;
    the schema's comment remembers which ones are in force."""
    wanted = f"visibility {visibility.digest()}"
    in_force = connection.scalar(sa.text("SELECT obj_description('public'::regnamespace)"))
    if in_force == wanted:
        return
    raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    for statement in visibility.statements():
        raw.execute(statement.encode())
    raw.execute(sql.SQL("COMMENT ON SCHEMA public IS {}").format(sql.Literal(wanted)))
