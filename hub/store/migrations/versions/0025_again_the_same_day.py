"""A day may have several planning runs of one agreement: what comes in later is planned the same day."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        "ALTER TABLE run ADD COLUMN number INTEGER DEFAULT 1 NOT NULL, DROP CONSTRAINT run_agreement_id_as_of_key, "
        "ADD UNIQUE (agreement_id, as_of, number)")
