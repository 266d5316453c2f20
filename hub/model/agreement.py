"""Collaboration arrangement: what two partners agreed about planning together (VICS CPFR, step 1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from hub.model.item import GLN, GTIN
from hub.model.value import Value

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Role = Literal["buyer", "seller"]
SettlementRule = Literal["buyer_wins", "seller_wins", "mean", "baseline_wins", "nearest_to_baseline", "weighted",
                         "within_tolerance"]
"""`weighted`: both views and the baseline, by what their past errors teach; or by fixed weights of the agreement.
`within_tolerance`: the mean of views that are close enough, else the one nearer to the baseline."""
Policy = Literal["accept_with_errors", "reject"]


Level = Literal["item_location", "item_region", "item", "group_location", "group_region", "group", "event", "range"]
"""How far quantities are added up before they are compared: an item or a whole planning family, at one place, in a
region of the agreement, or at all its places together. `event`: what an event adds to the usual sales of an item at a
place, in all its weeks together. `range`: whether an item is carried at a place at all."""
Scenario = Literal["retail_event", "dc_replenishment", "store_replenishment", "assortment"]
"""VICS CPFR, 2004: what the collaboration is about. Who leads which task in each stands in `schemas/scenarios.toml`."""
Task = Literal["arrangement", "business_plan", "sales_forecasting", "order_forecasting", "order_generation",
               "order_fulfilment", "exception_management", "performance_assessment"]
"""The eight tasks of VICS CPFR, 2004."""
Lead = Literal["buyer", "seller", "both", "none"]
"""Who leads a task; `none`: it is no task of this collaboration."""
FiscalPattern = Literal["4-4-5", "4-5-4", "5-4-4"]
Metric = Literal["wmape", "bias", "in_stock"]
"""What a cycle measures of the weeks that have passed: how far off forecasts were, how one-sided, and the shelf."""


class Threshold(Value):
    """An exception is raised when the two views differ by more than `percent` of their mean AND by more than
    `quantity` base units, for buckets `from_week` to `to_week` (1 = first future week, inclusive).

    `measure`: only where views of that measure are compared; None: of any. Above `item_location` the sums are compared,
    and raised are the fewest item-locations without whose difference the sum would be within the threshold. At level
    `event` the percent is of what the two expect it to add, and raised are the weeks of the event; at level `range` a
    side that plans other items and says nothing of this one does not carry it.
    """

    from_week: int = Field(default=1, ge=1)
    to_week: int = 999
    percent: Decimal = Field(ge=0)
    quantity: Decimal = Field(ge=0)
    measure: Literal["sales_forecast", "order_forecast"] | None = None
    level: Level = "item_location"

    @model_validator(mode="after")
    def _forwards(self) -> Threshold:
        if self.to_week < self.from_week:
            raise ValueError(f"the threshold ends (week {self.to_week}) before it begins (week {self.from_week})")
        if self.level == "event" and self.measure == "order_forecast":
            raise ValueError("what an event adds is measured in sales, and the measure is order_forecast")
        return self


class Criterion(Value):
    """A metric exception is raised where a planning family did worse than this in the weeks that a cycle scored: its
    `wmape` or the size of its `bias` above `percent`, or less than `percent` of its stock counts above zero
    (`in_stock`).

    Forecasts are judged by `measure` (None: the parties', the baseline and the consensus, each by itself), all those
    made `from_week` to `to_week` weeks ahead together; stock by neither.
    """

    metric: Metric
    percent: Decimal = Field(ge=0)
    measure: Literal["sales_forecast", "baseline", "consensus"] | None = None
    from_week: int = Field(default=1, ge=1)
    to_week: int = 999

    @model_validator(mode="after")
    def _sound(self) -> Criterion:
        if self.to_week < self.from_week:
            raise ValueError(f"the criterion ends (week {self.to_week}) before it begins (week {self.from_week})")
        if round(self.percent, 2) != self.percent:
            raise ValueError(f"{self.metric}: percent {self.percent} has more than 2 decimals")
        ahead = self.measure is not None or (self.from_week, self.to_week) != (1, 999)
        if self.metric == "in_stock" and (ahead or self.percent > 100):
            raise ValueError("in_stock is a share of counts, at most 100 percent, of no forecast and no weeks ahead")
        return self


class Fences(Value):
    """Weeks from now: inside `frozen` nothing changes unless both sign; inside `slushy` only within `tolerance` %."""

    frozen: int = Field(default=0, ge=0)
    slushy: int = Field(default=0, ge=0)
    tolerance: Decimal = Field(default=Decimal(0), ge=0)


class Escalation(Value):
    """What two planners have not settled after `after_days` goes to `to`, whom the two companies have named."""

    after_days: int = Field(ge=1, le=365)
    to: str


class Fiscal(Value):
    """A year of 13-week quarters, each cut into periods of `pattern` weeks. `begins` is the first day of one such year;
    a 53rd week, where a year has one, belongs to its last period."""

    pattern: FiscalPattern = "4-4-5"
    begins: date


class Weights(Value):
    """What each side's view counts in the rule `weighted`, where it is fixed and not learnt."""

    buyer: Decimal = Field(ge=0)
    seller: Decimal = Field(ge=0)

    @model_validator(mode="after")
    def _someone_counts(self) -> Weights:
        if not self.buyer + self.seller:
            raise ValueError("at least one of the two weights must be above 0")
        return self


class Replenishment(Value):
    """Periodic-review base stock: review every `review_weeks`, `lead_weeks` from order to receipt, both in weeks;
    `service` is the cycle-service probability that sizes the safety stock; an order line is in whole `order_unit`s and
    at least `minimum` base units. `release`: who makes orders of what is proposed, the hub at the end of each cycle or
    the buyer when it likes.

    `overdue`: what becomes of an order past its day of which no receipt has come. It stays `open`, late and expected
    any day; or it counts as `delivered`, where the buyer confirms no receipts and its stock reports hold the goods."""

    review_weeks: int = 1
    lead_weeks: int = 1
    service: Decimal = Decimal("0.97")
    order_unit: str = "case"
    minimum: Decimal = Decimal(0)
    release: Literal["hub", "buyer"] = "hub"
    overdue: Literal["open", "delivered"] = "open"


class Member(Value):
    """One side of the agreement: the partner's short name, its role, and the measures that it may see."""

    partner: str
    role: Role
    sees: tuple[str, ...]


class Grant(Value):
    """What the two sides let `partner`, who is neither of them, see of their plans and counts: a supplier of the seller
    (tier 2) or farther up, a carrier, a warehouse. It may read these measures of these items at these places (empty:
    all that the agreement is about) from `valid_from` to `valid_to`, both included, and never longer than the agreement
    holds. It changes nothing, and sees no threshold, price, exception, scorecard, order or reason."""

    partner: str
    tier: int = Field(default=2, ge=2, le=9)
    sees: tuple[str, ...] = Field(min_length=1)
    items: tuple[GTIN, ...] = ()
    locations: tuple[GLN, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Grant:
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"what {self.partner} is shown ends ({self.valid_to}) before it begins "
                             f"({self.valid_from})")
        return self


class Granted(Value):
    """An agreement as it shows itself to somebody who is no member: between whom, and what that partner may see."""

    agreement: str
    buyer: str
    seller: str
    grants: tuple[Grant, ...]


class Agreement(Value):
    """Who plans what with whom, by which rules. `items` and `locations` are the scope; empty `items` means all shared.

    `demand` says where the demand to plan for comes from: "sold" or "withdrawn" (an observed measure), or "orders" (the
    order forecasts that other agreements place upon these items: dependent demand).

    `settle_days` is how long the two sides may settle an exception between them before the rule `settlement` decides;
    0: it decides at once. Of the exceptions of a run only the `attention` dearest are left to them (0: all). `reasons`
    are the codes that a settlement may name; empty: any. The rule "weighted" takes fixed `weights` where they are
    agreed, and else learns them; "within_tolerance" takes the mean of views at most `accept_percent` apart, and of
    others the one nearer to the baseline.

    `metrics` are what performance is held against. `decimals` is how finely quantities are compared. `regions` are
    named sets of places, `leads` who leads a task where it is not as the scenario has it. A cycle is due every
    `cadence_weeks` on the first day of the week, or (`cadence`) on the first day of every fiscal period.

    `visibility` is what partners who are no members may see: nobody else sees anything. `tells` are the views of the
    hub's that a planning run sends to the members who may see them and have a table for them.

    At `stage` "tested" the numbers that are reported under it go to the sandbox, and nothing is planned from them.
    """

    name: str
    members: tuple[Member, ...]
    valid_from: date
    valid_to: date | None = None
    items: tuple[GTIN, ...]
    locations: tuple[GLN, ...]
    regions: dict[str, tuple[GLN, ...]] = {}
    scenario: Scenario = "dc_replenishment"
    leads: dict[Task, Lead] = {}
    demand: Literal["sold", "withdrawn", "orders"] = "sold"
    week_start: Weekday = "monday"
    fiscal: Fiscal | None = None
    cadence: Literal["weeks", "fiscal_period"] = "weeks"
    cadence_weeks: int = Field(default=1, ge=1, le=52)
    horizon_weeks: int = 13
    history_weeks: int = 104
    thresholds: tuple[Threshold, ...] = ()
    metrics: tuple[Criterion, ...] = ()
    decimals: int = Field(default=3, ge=0, le=3)
    attention: int = Field(default=0, ge=0)
    settlement: SettlementRule = "mean"
    weights: Weights | None = None
    accept_percent: Decimal = Field(default=Decimal(0), ge=0)
    settle_days: int = Field(default=0, ge=0, le=365)
    escalation: Escalation | None = None
    reasons: tuple[str, ...] = ()
    fences: Fences = Fences()
    replenishment: Replenishment = Replenishment()
    currency: str = "EUR"
    stage: Literal["tested", "live"] = "live"
    visibility: tuple[Grant, ...] = ()
    tells: tuple[Literal["consensus", "order_forecast"], ...] = ()

    @model_validator(mode="after")
    def _two_sides(self) -> Agreement:
        roles = [m.role for m in self.members]
        if roles.count("buyer") != 1 or roles.count("seller") != 1:
            raise ValueError("an agreement has exactly one buyer and one seller")
        return self

    @model_validator(mode="after")
    def _sound(self) -> Agreement:
        for wrong in _contradictions(self):
            raise ValueError(wrong)
        return self

    def partner(self, role: Role) -> str:
        """The short name of the member in `role`."""
        return next(m.partner for m in self.members if m.role == role)

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def _contradictions(agreement: Agreement) -> Iterator[str]:
    """What no two partners can mean, one sentence each."""
    if len({m.partner for m in agreement.members}) < len(agreement.members):
        yield "buyer and seller are the same partner"
    if agreement.valid_to is not None and agreement.valid_to < agreement.valid_from:
        yield f"it ends ({agreement.valid_to}) before it begins ({agreement.valid_from})"
    if 0 < agreement.fences.slushy < agreement.fences.frozen:
        yield (f"the slushy fence ({agreement.fences.slushy} weeks) lies inside the frozen one "
               f"({agreement.fences.frozen} weeks)")
    if max(agreement.fences.frozen, agreement.fences.slushy) > agreement.horizon_weeks:
        yield f"the fences reach beyond the {agreement.horizon_weeks} weeks that are planned"
    if agreement.cadence == "fiscal_period" and agreement.fiscal is None:
        yield "its cycles come with the fiscal periods (cadence), and it has no fiscal calendar ([fiscal])"
    if agreement.weights is not None and agreement.settlement != "weighted":
        yield f"[weights] are for the rule weighted, and the rule is {agreement.settlement}"
    if agreement.escalation is not None and agreement.escalation.after_days >= max(agreement.settle_days, 1):
        yield (f"escalation after {agreement.escalation.after_days} day(s) comes too late: the rule decides after "
               f"{agreement.settle_days} day(s) (settle_days)")
    for name, places in agreement.regions.items():
        for gln in places:
            if agreement.locations and gln not in agreement.locations:
                yield f"region {name!r} holds {gln}, which is no location of the agreement"
    yield from _of_grants(agreement)
    for number, threshold in enumerate(agreement.thresholds, 1):
        if not agreement.regions and threshold.level.endswith("_region"):
            yield f"threshold {number} compares regions, and the agreement has none"
        for what, value, most in (("percent", threshold.percent, 2), ("quantity", threshold.quantity,
                                                                      agreement.decimals)):
            if round(value, most) != value:
                yield f"threshold {number}: {what} {value} has more than {most} decimals"


def _of_grants(agreement: Agreement) -> Iterator[str]:
    """A grant is to somebody else, and of what the agreement itself is about."""
    members = {member.partner for member in agreement.members}
    for number, grant in enumerate(agreement.visibility, 1):
        if grant.partner in members:
            yield f"visibility {number}: {grant.partner} is a member, and sees what its [[members]] row says"
        for what, shown, scope in (("item", grant.items, agreement.items),
                                   ("location", grant.locations, agreement.locations)):
            outside = sorted(set(shown) - set(scope)) if scope else []
            if outside:
                yield f"visibility {number}: {outside[0]} is no {what} of the agreement"
