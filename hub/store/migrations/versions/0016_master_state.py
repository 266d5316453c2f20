"""A number that changes with partners, agreements and catalogue, so that they are read anew only then."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE master_state (
          single boolean NOT NULL DEFAULT true CONSTRAINT master_state_pkey PRIMARY KEY,
          state bigint NOT NULL,
          CONSTRAINT master_state_one_row_check CHECK (single))""")
    op.execute("CREATE SEQUENCE master_state_number")
    op.execute("INSERT INTO master_state (state) VALUES (0)")
