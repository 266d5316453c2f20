"""The three logins: `hub_owner` migrates, `hub_worker` sees all sides and answers no call, `hub_door` serves callers.

On a PostgreSQL of your own, a database administrator runs once, with passwords of their own:

    CREATE ROLE hub_owner LOGIN PASSWORD '…'; CREATE ROLE hub_worker LOGIN PASSWORD '…';
    CREATE ROLE hub_door LOGIN PASSWORD '…';  CREATE DATABASE hub OWNER hub_owner ENCODING 'UTF8' TEMPLATE template0;

and sets HUB_DATABASE_URL, HUB_WORKER_URL and HUB_DOOR_URL. None of the three is a superuser or bypasses row security.
"""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

OWNER, WORKER, DOOR = "hub_owner", "hub_worker", "hub_door"
NAMES = (OWNER, WORKER, DOOR)


def bootstrap(superuser_url: str, passwords: Mapping[str, str], database: str = "hub") -> None:
    """Make the roles and the database where they are missing; the database comes last, so it vouches for the rest."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
            return
        for name in NAMES:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(name), sql.Literal(passwords[name])))
        create_database(connection, database)


def create_database(connection: psycopg.Connection, name: str, template: str = "template0") -> None:
    """A database that belongs to `hub_owner`, where only the three roles may connect."""
    database = sql.Identifier(name)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
        database, sql.Identifier(OWNER), sql.Identifier(template)))
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(
        database, sql.Identifier(WORKER), sql.Identifier(DOOR)))
