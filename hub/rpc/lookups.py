"""Who is calling, looked up for many calls at once.

Every call is looked up after it has come, and nothing is remembered: a token that was revoked is refused at once. But
calls that come while a lookup is under way share the next one, so that a busy hub pays for one look for many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hub.model.account import Caller
from hub.ports import Unit, Units

Proof = TypeVar("Proof", bound=Hashable)
Answer = asyncio.Future[Caller | None]


@dataclass(slots=True)
class Lookups(Generic[Proof]):
    """`find` says, with one look as nobody, whose a proof is; None: nobody's."""

    units: Units
    find: Callable[[Unit, Proof], Awaitable[Caller | None]]
    _waiting: dict[Proof, list[Answer]] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None

    async def caller(self, proof: Proof) -> Caller | None:
        """Raises what the database raises."""
        answer: Answer = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(proof, []).append(answer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            found, failure = await self._look(list(asked))
            for proof, answers in asked.items():
                for answer in (one for one in answers if not one.done()):  # a call may have ended meanwhile
                    if failure is None:
                        answer.set_result(found[proof])
                    else:
                        answer.set_exception(failure)

    async def _look(self, proofs: list[Proof]) -> tuple[dict[Proof, Caller | None], Exception | None]:
        try:
            return {proof: await self._found(proof) for proof in proofs}, None
        except Exception as error:
            return {}, error

    async def _found(self, proof: Proof) -> Caller | None:
        async with self.units.glance(None) as unit:
            return await self.find(unit, proof)
