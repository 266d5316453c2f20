"""Something that an operator does to several messages: each by itself, so that one refusal stops no other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hub.app import build
from hub.errors import HubError
from hub.ports import Unit
from hub.settings import Settings


async def each(ids: list[str], deed: Callable[[Unit, str], Awaitable[object]]) -> list[dict[str, Any]]:
    """One row for each id: whether it was done, and if not why."""
    done: list[dict[str, Any]] = []
    async with build(Settings()) as hub:
        for id in ids:
            try:
                async with hub.units.worker() as unit:
                    await deed(unit, id)
                done.append({"id": id, "done": True, "why": None})
            except HubError as refusal:
                done.append({"id": id, "done": False, "why": str(refusal)})
    return done
