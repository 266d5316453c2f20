"""The stance of every statement that a document can say something further about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from hub.model.value import Value

if TYPE_CHECKING:
    from hub.model.aside import Aside


class MaybeAside:
    """An `Aside` or None. It holds statements, of which something may stand aside: looked up once all are known."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from hub.model.aside import Aside

        return handler.generate_schema(Aside | None)


class Said(Value):
    """`aside` is what is seldom said about this, and therefore has no field of its own."""

    if TYPE_CHECKING:
        aside: Aside | None = None
    else:
        aside: MaybeAside = None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Nothing is refused for what stands aside."""
        cls.spare = cls.spare | {"aside"}
