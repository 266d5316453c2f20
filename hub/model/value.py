"""The stance of every canonical value: frozen, closed, compared by content."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A canonical value. Immutable; an unknown field is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
    spare: ClassVar[frozenset[str]] = frozenset()
    """Fields that are left out where a dialect has no place for them; for all others the document is refused."""


class Halved(Value):
    """A value that some dialects can only say in two pieces."""

    @abstractmethod
    def halves(self) -> tuple[Self, ...]:
        """The pieces, or the value itself where it needs none."""

    @classmethod
    @abstractmethod
    def joined(cls, pieces: Sequence[Self]) -> tuple[Self, ...]:
        """The values that such pieces, in their order, say."""
