"""Plans: append-only versions of somebody's view of the future, as vectors of weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from hub.model.value import Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float64]
else:  # who only reads files needs no numpy: 10 MB of memory
    Vector = Any
PlanMeasure = Literal["sales_forecast", "order_forecast", "baseline", "consensus", "on_hand_projection",
                      "proposed_order", "safety_stock", "forecast_error"]
"""What a version says, in base units per week. `proposed_order` and `safety_stock` have one week, and so has
`forecast_error`, the standard deviation of one week's error."""


class PlanVersion(Value):
    """One version. `author` is a partner's short name, or "hub" for what the hub itself computed.

    Weeks begin on `first_week` and follow each other without a gap; `source` is the public id of the message or run.
    """

    id: int = 0
    agreement: str
    author: str
    measure: PlanMeasure
    first_week: date
    weeks: int
    source: str | None = None


class Commit(Value):
    """One week that an author has committed to: `quantity` base units for the week that begins on `period`, `before`
    what he had said until then (None: nothing), and why."""

    gtin: str
    gln: str
    period: date
    quantity: float
    before: float | None = None
    reason: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Values of many item-locations over the same weeks: `values` has shape (len(keys), weeks), base units; NaN = none.

    A key is (gtin, gln).
    """

    keys: tuple[tuple[str, str], ...]
    first_week: date
    values: Vector

    @property
    def weeks(self) -> int:
        return int(self.values.shape[1])


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a version says what it says. `made_by` (n,) names what made each line (models joined by "+", a rule, a
    method); `parts` are the numbers behind it, by name, each (n,) or (n, weeks); `whole` is what holds for all lines:
    scores, weights, bias factors, and what they rest on (plain JSON values)."""

    made_by: tuple[str, ...]
    parts: Mapping[str, Vector] = field(default_factory=dict)
    whole: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """The reasons of one line: `parts` by name, one number or one for each week; unknown ones are left out."""

    made_by: str
    parts: Mapping[str, tuple[float, ...]]
    whole: Mapping[str, Any]
