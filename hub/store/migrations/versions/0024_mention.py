"""Files are found by every number that they speak of, those too that the hub has written."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    for statement in (
        """CREATE TABLE mention (message_id INTEGER NOT NULL, number TEXT NOT NULL,
           CONSTRAINT mention_pkey PRIMARY KEY (message_id, number),
           CONSTRAINT mention_message_id_fkey FOREIGN KEY (message_id) REFERENCES message (id))""",
        "CREATE INDEX mention_number_idx ON mention (number)",
    ):
        op.get_bind().exec_driver_sql(statement)
