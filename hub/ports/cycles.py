"""Planning runs, what they found the parties to disagree on, and how good the forecasts were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from hub.model.exception import Act, ExceptionStep, ForecastException, View
from hub.model.performance import Accuracy, MetricException, Scorecard
from hub.model.query import Condition, Sort
from hub.ports.page import Page


class Exceptions(Protocol):
    async def add(self, run: str, rows: Sequence[ForecastException], measure: View = "sales_forecast") -> None:
        """Record what a run found about `measure`; adding the same cell twice adds it once.

        Where neither side's number has moved since the run before, what became of the cell there is carried over: its
        offers, or what both signed. What the run before found and this one did not is resolved as `no_longer`.
        """

    async def resolve(self, run: str, rows: Sequence[ForecastException], act: Act = "resolve") -> None:
        """Append to each cell of `rows` its state, settled quantity and rule, as the hub's own act."""

    async def step(self, exception: ForecastException, step: ExceptionStep) -> ForecastException:
        """Append what somebody did; `exception` says the state it leads to, and its revision the one that was seen.

        Raises Conflict when that is not the newest any more.
        """

    async def get(self, exception: str) -> ForecastException:
        """Raises NotFound, also for what the caller may not see."""

    async def newer(self, exception: str) -> bool:
        """Whether a later planning run of the same agreement has compared again."""

    async def history(self, exception: str) -> list[ExceptionStep]:
        """All that happened to it, oldest first."""

    async def known(
        self, agreement: str, at: datetime, limit: int = 200, state: str | None = None
    ) -> Sequence[ForecastException]:
        """The dearest of the newest run that had compared at that moment, as they stood then; those in `state`, where
        it is given."""

    async def of_run(self, run: str, measure: View = "sales_forecast") -> Sequence[ForecastException]:
        """All that a run found about `measure`, in the order found."""

    async def signed(self, agreement: str, measure: View, since: date) -> Sequence[ForecastException]:
        """What both sides have signed for weeks from `since` on; of several for one cell the latest stands last."""

    async def list(
        self, *, agreement: str | None = None, state: str | None = None, run: str | None = None, limit: int = 50,
        after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[ForecastException]:
        """The latest run's unless `run` is given; by value at stake, highest first, unless `order` says otherwise."""


@dataclass(frozen=True, slots=True)
class Run:
    """A planning cycle as a resumable row: `step` is the last finished one of `hub.flow.cycle.STEPS`, `detail` what all
    steps so far have said of themselves. `number` counts the cycles of the agreement on that day, from 1."""

    id: str
    agreement: str
    as_of: date
    step: str | None
    state: str
    started_at: datetime
    detail: dict[str, Any]
    number: int = 1


class Runs(Protocol):
    async def open(self, agreement: str, as_of: date) -> Run:
        """The newest of the day; the first one is inserted. An unfinished one is to be resumed."""

    async def again(self, agreement: str, as_of: date) -> Run:
        """One more of a day that has had one."""

    async def heard(self, agreement: str) -> str:
        """A digest of everything that a plan of the agreement follows from; another one means that something is new."""

    async def advance(self, run: str, step: str, detail: Mapping[str, Any], state: str = "running") -> None: ...

    async def list(self, agreement: str | None = None, limit: int = 20) -> list[Run]: ...


@dataclass(frozen=True, slots=True)
class CycleRow:
    """A planning run as its partners may see it: how far it has come, not what its steps have said. `reason` says why
    it has failed."""

    id: str
    agreement: str
    as_of: date
    state: str
    step: str | None
    started_at: datetime
    stepped_at: datetime | None
    reason: str | None


class Cycles(Protocol):
    """The planning runs of the caller's agreements."""

    async def get(self, run: str) -> CycleRow:
        """Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None
    ) -> Page[CycleRow]:
        """Newest first."""

    async def put_away(self, run: str, partner: str) -> None:
        """From now on this side does not see it any more; putting away twice is putting away once."""

    async def take_up(self, run: str, partner: str) -> None:
        """It is seen again, by whoever runs it again."""


class Scorecards(Protocol):
    """How good the forecasts and promises of earlier cycles were, as each cycle found out."""

    async def add(self, card: Scorecard) -> None:
        """Once per run: a second time changes nothing."""

    async def get(self, run: str) -> Scorecard:
        """Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, agreement: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Scorecard]:
        """Newest first, unless `order` says otherwise, with the rows that the caller may see; `after` is the run of the
        last one seen."""

    async def exceptions(self, agreement: str, at: datetime | None = None) -> Sequence[MetricException]:
        """Those of the agreement's newest scorecard (as it was known at `at`) that the caller may see, dearest first;
        none where there is no card."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """An exception of performance as it was found for the scorecard of `run`, in the weeks from `first_week` to
    `last_week` (their first days). `judged` are the rows of that scorecard that it adds up; only where one is asked for
    by its id."""

    id: str
    agreement: str
    run: str
    first_week: date
    last_week: date
    found_at: datetime
    found: MetricException
    judged: tuple[Accuracy, ...] = ()


class MetricExceptions(Protocol):
    """Where performance is worse than was agreed, as far as the caller may see it."""

    async def get(self, exception: str) -> MetricRow:
        """Raises NotFound, also for what the caller may not see."""

    async def list(
        self, *, agreement: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[MetricRow]:
        """Those of each agreement's newest scorecard, dearest first unless `order` says otherwise."""

    async def of_run(self, run: str) -> Sequence[MetricRow]:
        """All of one scorecard, in the order found; none where that run has none."""
