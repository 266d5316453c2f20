"""Small reads that many calls ask for at once, read together.

Nothing is remembered: what a call asks for is read after the call has come, so a token that was revoked is refused at
once and a forecast is the one of now. But calls of one asker that come while a look is under way, or within two
milliseconds of its beginning, share the next one, so that a busy hub pays for one look for many. A call that comes
alone is looked up at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Asker = TypeVar("Asker", bound=Hashable)
Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")
MOST = 100
"""Questions of one look."""
PACE = 0.002
"""Seconds from one look of an asker to the next. Without it a quiet database answers before a second call has been
read, and every call pays for a look of its own."""


@dataclass(slots=True)
class Lookups(Generic[Asker, Question, Answer]):
    """`look` answers what one asker wants to know; questions of two askers never share a look. A question without an
    answer is answered None."""

    look: Callable[[Asker, Sequence[Question]], Awaitable[Mapping[Question, Answer]]]
    _waiting: dict[Asker, dict[Question, list[asyncio.Future[Answer | None]]]] = field(default_factory=dict)
    _tasks: dict[Asker, asyncio.Task[None]] = field(default_factory=dict)
    _began: dict[Asker, float] = field(default_factory=dict)
    """When the last look was, by the clock of the loop."""

    async def ask(self, asker: Asker, question: Question) -> Answer | None:
        """Raises what `look` raises."""
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asker, {}).setdefault(question, []).append(answer)
        if asker not in self._tasks:
            self._tasks[asker] = asyncio.create_task(self._run(asker))
        return await answer

    async def _run(self, asker: Asker) -> None:
        """One look after the other, as long as something is asked."""
        try:
            while waiting := self._waiting.get(asker):
                await self._pace(asker)
                asked = {question: waiting.pop(question) for question in list(waiting)[:MOST]}
                found, failure = await self._look(asker, list(asked))
                for question, answers in asked.items():
                    for answer in (one for one in answers if not one.done()):  # a call may have ended meanwhile
                        if failure is None:
                            answer.set_result(found.get(question))
                        else:
                            answer.set_exception(failure)
        finally:
            del self._tasks[asker]
            self._waiting.pop(asker, None)

    async def _pace(self, asker: Asker) -> None:
        loop = asyncio.get_running_loop()
        rest = self._began.get(asker, 0.0) + PACE - loop.time()
        if rest > 0:
            await asyncio.sleep(rest)
        self._began[asker] = loop.time()

    async def _look(
        self, asker: Asker, questions: list[Question]
    ) -> tuple[Mapping[Question, Answer], Exception | None]:
        try:
            return await self.look(asker, questions), None
        except Exception as error:
            return {}, error
