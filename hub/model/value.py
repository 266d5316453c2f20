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
    retold: ClassVar[frozenset[str]] = frozenset()
    """Those of the spare fields of which others then say something: see `without`."""

    @property
    def is_foreign(self) -> bool:
        """Whether only its own standard says what it is. Where another has no place for it, it is left out and named,
        whatever field it stands in."""
        return False

    def without(self, field: str) -> Self:
        """The same for a dialect that has no place for one of the `retold` fields."""
        return self


def may_lose(model: type[BaseModel], field: str, content: object) -> bool:
    """Whether this content of a field of `model` may be left out where a dialect has no place for it."""
    ones = content if isinstance(content, tuple) else (content,)
    return field in getattr(model, "spare", ()) or all(isinstance(one, Value) and one.is_foreign for one in ones)


class Halved(Value):
    """A value that some dialects can only say in two pieces."""

    @abstractmethod
    def halves(self) -> tuple[Self, ...]:
        """The pieces, or the value itself where it needs none."""

    @classmethod
    @abstractmethod
    def joined(cls, pieces: Sequence[Self]) -> tuple[Self, ...]:
        """The values that such pieces, in their order, say."""
