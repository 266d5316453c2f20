"""Closes of one session that wait for the disk and the database while the requests behind them are served.

A client that keeps several files under way at a time would otherwise wait for each of them in turn. The protocol allows
it as long as requests for one file are served in their order (draft-ietf-secsh-filexfer-02, "Request Synchronization
and Reordering"): only opening, writing and closing pass a close, and nobody opens a name that is being closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from asyncssh.constants import FXP_CLOSE, FXP_FSETSTAT, FXP_OPEN, FXP_WRITE

AT_ONCE = 8
"""Closes of one session; who sends more is read no further until one is answered."""
PASSING = frozenset({FXP_OPEN, FXP_WRITE, FXP_FSETSTAT, FXP_CLOSE})
"""Requests that need not wait for the answers to the closes before them."""


class Closing:
    """Those of one session that are not answered yet."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    async def begin(self, close: Coroutine[object, object, None]) -> None:
        """Start it; it ends by itself, whatever becomes of the line. Returns when it has begun."""
        while len(self._under_way) >= AT_ONCE:
            await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.ensure_future(close)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.sleep(0)

    async def settled(self) -> None:
        """Until all that have begun are answered."""
        if self._under_way:
            await asyncio.wait(self._under_way)
