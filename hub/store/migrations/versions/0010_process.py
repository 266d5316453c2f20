"""What two partners plan together, at which level an exception was found, and which versions were told to whom."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for statement in Path(__file__).with_suffix(".sql").read_text().split(";\n"):
        if statement.strip():
            op.get_bind().exec_driver_sql(statement)
