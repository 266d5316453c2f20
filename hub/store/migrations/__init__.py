"""Alembic versions, forward only."""
