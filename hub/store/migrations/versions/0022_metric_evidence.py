"""An exception of performance can be named, and says what it was judged by; of those found before nothing was kept."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    for statement in (
        "ALTER TABLE metric_exception ADD COLUMN public_id TEXT, ADD COLUMN cells INTEGER, "
        "ADD COLUMN part DOUBLE PRECISION, ADD COLUMN whole DOUBLE PRECISION",
        "UPDATE metric_exception SET public_id = 'mex_' || replace(gen_random_uuid()::text, '-', '')",
        "ALTER TABLE metric_exception ALTER COLUMN public_id SET NOT NULL",
        "ALTER TABLE metric_exception ADD UNIQUE (public_id)",
    ):
        op.get_bind().exec_driver_sql(statement)
