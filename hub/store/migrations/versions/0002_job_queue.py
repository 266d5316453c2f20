"""The job queue's own schema, as procrastinate ships it."""

from __future__ import annotations

from typing import Any

import psycopg
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    connection: psycopg.Connection[Any] = op.get_bind().connection.driver_connection  # type: ignore[assignment]
    connection.execute(SchemaManager.get_schema())
