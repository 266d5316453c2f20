"""Watch streams: what changes, told at least once and in order, to whoever may see it.

A stream reads the event table a page at a time and only when its reader has taken what came before, so a slow reader
costs a stalled stream and no memory. It looks up each thing that changed as it is now, under the reader's own row-level
security: what the reader may not see any more is left out. Its tokens are numbers of events, sealed for one method and
one partner.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from hub.errors import HubError, NotFound
from hub.ports import Unit, Units
from hub.rpc.errors import Draining, Invalid, OutOfRange, log
from hub.rpc.identity import caller
from hub.rpc.pages import PageTokens

HEARTBEAT = 30.0
PAGE = 200
GLANCE = 0.25
"""Seconds between two looks of a process for new events, as long as somebody watches."""


class TooOld(OutOfRange):
    """Changes since that token are kept no more."""

    reason = "RESUME_TOKEN_TOO_OLD"


Show = Callable[[Unit, str], Awaitable[Any]]
"""The thing with this id as the caller may see it now; raises NotFound."""


@dataclass(slots=True)
class Watchers:
    """All watchers of a process: one look at the event table wakes those partners that something happened for."""

    units: Units
    tokens: PageTokens
    heartbeat: float = HEARTBEAT
    _waiting: defaultdict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))
    _task: asyncio.Task[None] | None = None
    _leaving: bool = False

    def leave(self) -> None:
        """From now on every stream tells its reader where to go on, and ends."""
        self._leaving = True
        for bell in [bell for bells in self._waiting.values() for bell in bells]:
            bell.set()
        if self._task is not None:
            self._task.cancel()

    async def watch(
        self, request: Any, reply: type[Any], about: str, row: str, show: Show
    ) -> AsyncGenerator[Any, None]:
        """Replies with a token each; `row` is the field of the thing that changed, `about` the word of its events."""
        partner, at = caller(), await self._begin(request)
        beat = 0.0
        while not self._leaving:
            bell = self._listen(partner)
            try:
                found, at, more = await self._read(partner, at, about, show)
                for number, thing in found:
                    yield reply(**{row: thing}, resume_token=self._token(number, request, partner))
                now = asyncio.get_running_loop().time()
                if not found and now >= beat:
                    yield reply(resume_token=self._token(at, request, partner))
                    beat = now + self.heartbeat
                if not more:
                    await self._pause(bell, beat - now if beat > now else self.heartbeat)
            finally:
                self._waiting[partner].discard(bell)
        yield reply(resume_token=self._token(at, request, partner), draining=True)
        raise Draining("The hub is leaving. Connect again, and go on from the last resume_token.")

    async def _begin(self, request: Any) -> int:
        partner = caller()
        async with self.units.door(partner) as unit:
            newest, forgotten = await unit.events.bounds()
        if not request.resume_token:
            return newest
        key = self.tokens.opened(request.resume_token, request, partner)
        if key is None or not key.isdigit():
            raise Invalid("resume_token", "is not of this stream. Begin without it.", reason="RESUME_TOKEN_INVALID")
        if int(key) < forgotten:
            raise TooOld("Changes since this token are kept no more. List anew, then watch without a token.")
        return int(key)

    async def _read(self, partner: str, at: int, about: str, show: Show) -> tuple[list[tuple[int, Any]], int, bool]:
        """What has changed since, the number that this goes up to, and whether there is more. One thing is shown once,
        at its last change."""
        async with self.units.door(partner) as unit:
            _, forgotten = await unit.events.bounds()
            if at < forgotten:
                raise TooOld("The reader was so slow that changes are kept no more. List anew, then watch.")
            events = await unit.events.list(after=at, limit=PAGE, about=about)
            last = {event.subject: number for number, event in events}
            found = []
            for subject, number in sorted(last.items(), key=lambda pair: pair[1]):
                try:
                    found.append((number, await show(unit, subject)))
                except NotFound:
                    log.debug("a change that its watcher may not see", number=number)
        return found, events[-1][0] if events else at, len(events) == PAGE

    def _listen(self, partner: str) -> asyncio.Event:
        """Before anything is read, so that nothing is missed in between."""
        bell = asyncio.Event()
        self._waiting[partner].add(bell)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        return bell

    async def _pause(self, bell: asyncio.Event, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await bell.wait()
        except TimeoutError:
            return

    async def _look(self) -> None:
        at: int | None = None
        while any(self._waiting.values()) and not self._leaving:
            try:
                async with self.units.door(None) as unit:
                    if at is None:
                        at, rung = (await unit.events.bounds())[0], [(0, name) for name in self._waiting]
                    else:
                        rung = list(await unit.events.rung(at))
            except HubError as error:
                log.warning("watchers wait for the database", reason=error.reason)
                rung = []
            for number, partner in rung:
                at = max(at or 0, number)
                for bell in self._waiting.get(partner, ()):
                    bell.set()
            await asyncio.sleep(GLANCE)

    def _token(self, number: int, request: Any, partner: str) -> str:
        return self.tokens.seal(str(number), request, partner)
