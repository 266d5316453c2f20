"""Forecasts, order forecasts, replenishment and the joint business plan, version by version."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from hub.model.business_plan import BusinessPlan
from hub.model.plan import Commit, PlanMeasure, PlanVersion, Reason, Reasons, Series, Vector
from hub.model.query import Condition, Sort
from hub.ports.page import Page


class Plans(Protocol):
    async def add(
        self, version: PlanVersion, series: Series, reasons: Reasons | None = None, commits: Sequence[Commit] = (),
    ) -> int:
        """Append one version, why it says what it says, and what its author committed to in it; returns its id."""

    async def versions(
        self, agreement: str, *, author: str | None = None, measure: PlanMeasure | None = None, limit: int = 50,
        as_of: datetime | None = None,
    ) -> list[PlanVersion]:
        """Newest first; of those that the hub knew at `as_of`, where that is given."""

    async def latest(
        self, agreement: str, author: str, measure: PlanMeasure, *, as_of: datetime | None = None,
        before: int | None = None,
    ) -> tuple[PlanVersion, Series] | None:
        """The newest version; the one that was newest at `as_of`, or when version `before` was added."""

    async def series(self, version: int) -> Series: ...

    async def reason(self, version: int, gtin: str, gln: str) -> Reason | None:
        """Why a version says what it says of one item at one place; None when nobody has said so."""

    async def part(self, version: int, name: str) -> Series | None:
        """One of the parts that a version gives as its reasons, week by week, of all lines; None when there is none."""

    async def told(self, version: int) -> bool:
        """Remember that the partners were told of a version; False when they were before."""

    async def hold(self, agreement: str) -> None:
        """Until this transaction ends, whoever else holds the agreement's plans waits."""


@dataclass(frozen=True, slots=True)
class PlannedSeries:
    """One item-location of one plan version: `values` has shape (weeks,), base units, NaN = none. `id` is public."""

    id: str
    version: PlanVersion
    created_at: datetime
    gtin: str
    gln: str
    values: Vector


class Forecasts(Protocol):
    """Plans as a reader pages through them: series by series, across agreements."""

    async def named(self, forecasts: Collection[str]) -> dict[str, PlannedSeries]:
        """By name, of any version; what there is not, and what the caller may not see, is not among them."""

    async def list(
        self, *, agreement: str | None = None, author: str | None = None, measure: PlanMeasure | None = None,
        gtin: str | None = None, gln: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, as_of: datetime | None = None, version: str | None = None,
        order: Sequence[Sort] = (),
    ) -> Page[PlannedSeries]:
        """The newest version of each agreement, author and measure, or the newest that was there `as_of`, or the one
        `version`; without an `order` as they are kept, version by version. Raises Reject PAGE_LOST."""


@dataclass(frozen=True, slots=True)
class VersionCard:
    """A plan version by its public id, and what its author committed to in it."""

    id: str
    version: PlanVersion
    created_at: datetime
    commits: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesPair:
    """One item-location in two versions: vectors of each one's own weeks, base units; None: not in that version."""

    gtin: str
    gln: str
    left: Vector | None
    right: Vector | None


class PlanBook(Protocol):
    """Plan versions as a reader finds them."""

    async def get(self, version: str) -> VersionCard:
        """Raises NotFound, also for what the caller may not see."""

    async def of(self, version: int) -> VersionCard:
        """By the number that `Plans.add` gave it. Raises NotFound."""

    async def list(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
        as_of: datetime | None = None,
    ) -> Page[VersionCard]:
        """Newest first, unless `order` says otherwise; of those that the hub knew at `as_of`, where that is given."""

    async def pairs(self, left: str, right: str, *, limit: int = 50, after: str | None = None) -> Page[SeriesPair]:
        """The item-locations of two versions of one agreement, in a steady order. Raises NotFound, and Reject for
        versions of two agreements."""


@dataclass(frozen=True, slots=True)
class ReplenishedPart:
    """One measure of a replenishment: `forecast` is the series' public id, `values` has shape (weeks,), base units."""

    forecast: str
    values: Vector
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Replenished:
    """How one item at one place is replenished in the weeks from `first_week`: what one cycle planned of it, measure by
    measure, as far as the reader may see them. `newest`: no later cycle has planned anew. `order`: the public id of the
    one that was made of the proposal, with `released` base units of it."""

    id: str
    agreement: str
    gtin: str
    gln: str
    first_week: date
    created_at: datetime
    parts: Mapping[PlanMeasure, ReplenishedPart]
    version: int
    newest: bool
    order: str | None = None
    released: float | None = None


class Replenishment(Protocol):
    """What cycles planned to order, and what stock they expect, line by line."""

    async def get(self, measure: PlanMeasure, id: str) -> Replenished:
        """The row whose `measure` has that public id, of any version. Raises NotFound, also for what the caller may not
        see."""

    async def list(
        self, measure: PlanMeasure, *, agreement: str | None = None, limit: int = 50, after: str | None = None,
        where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[Replenished]:
        """Rows of the newest version of each agreement that say something of `measure` (proposed_order: only what is
        to be ordered)."""

    async def released(self, version: int, lines: Sequence[tuple[str, str, float]], order: str, actor: str) -> None:
        """Remember which proposals (gtin, gln, base units) of a version became part of an order, and by whom."""


class BusinessPlans(Protocol):
    async def put(self, plan: BusinessPlan) -> bool:
        """Append a version of an agreement's joint business plan; False when it is the one that is there."""

    async def get(self, agreement: str, as_of: datetime | None = None) -> BusinessPlan | None:
        """The newest version (known at `as_of`); None when there is none, or none that the caller may see."""
