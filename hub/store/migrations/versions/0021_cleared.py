"""A test that was taken out of the sandbox is no earlier copy of the same file sent again."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    for statement in (
        "ALTER TABLE message ADD COLUMN cleared BOOLEAN DEFAULT false NOT NULL",
        "DROP INDEX message_once",
        """CREATE UNIQUE INDEX message_once ON message (claimed_id, sha256, staged) NULLS NOT DISTINCT
           WHERE direction = 'in' AND state IN ('received', 'processed') AND NOT cleared""",
    ):
        op.get_bind().exec_driver_sql(statement)
