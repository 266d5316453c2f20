"""A planning cycle that a partner does not want to see any more; the other side still does."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(
        """CREATE TABLE run_put_away (
             run_id INTEGER NOT NULL, partner_id INTEGER NOT NULL,
             known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
             CONSTRAINT run_put_away_pkey PRIMARY KEY (run_id, partner_id),
             CONSTRAINT run_put_away_run_id_fkey FOREIGN KEY (run_id) REFERENCES run (id),
             CONSTRAINT run_put_away_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partner (id))""")
