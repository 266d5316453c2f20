"""The stance of every canonical value: frozen, closed, compared by content."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A canonical value. Immutable; an unknown field is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    spare: ClassVar[frozenset[str]] = frozenset()
    """Fields that are left out where a dialect has no place for them; for all others the document is refused."""
