"""How much a process gives to calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from hub.rpc.errors import Busy

T = TypeVar("T")


@dataclass(slots=True)
class Limits:
    """`places` calls run at once, as many again may wait, none longer than `seconds`. `streams` are open at once, as
    long as their clients want."""

    places: int
    seconds: float
    streams: int = 2000
    _running: asyncio.Semaphore = field(init=False)
    _present: int = field(default=0, init=False)
    _open: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._running = asyncio.Semaphore(self.places)

    async def placed(self, remaining: float | None, act: Callable[[], Awaitable[T]]) -> T:
        """`act`, once there is a place for it. Raises Busy when too many wait already, TimeoutError after `remaining`
        or `seconds`."""
        if self._present >= 2 * self.places:
            raise Busy("The hub is answering as many calls as it can. Try again in a moment.")
        self._present += 1
        try:
            seconds = self.seconds if remaining is None else min(self.seconds, remaining)
            async with asyncio.timeout(seconds), self._running:
                return await act()
        finally:
            self._present -= 1

    @asynccontextmanager
    async def stream(self) -> AsyncIterator[None]:
        """Raises Busy when too many are open. How long one lasts is its client's to say."""
        if self._open >= self.streams:
            raise Busy("As many streams are open as the hub can keep. Try again in a moment.")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1
