"""Alembic's entry: runs the missing versions on the connection that `hub.store.migration` hands over."""

from __future__ import annotations

from alembic import context

from hub.store.tables import metadata


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tables of the job queue belong to procrastinate, which ships its own schema."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, include_name=ours, compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
