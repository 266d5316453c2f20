"""Item-site policies of the joint business plan: a floor, a ceiling, and the days on sale, each worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from hub.model.business_plan import SitePolicy
from hub.planning.gather import Known, gather
from hub.planning.policies.kept import Kept, kept
from hub.planning.replenish import Replenishment, Stock, Terms, replenish
from tests.planning.shards import AGREEMENT, FIRST
from tests.planning.test_gather import DC, MILK, TEA, history

WEEKS = 6


def policy(minimum: int | None = None, maximum: int | None = None, start: date | None = None, end: date | None = None,
           gtin: str = MILK) -> SitePolicy:
    return SitePolicy(gtin=gtin, gln=DC, start=start, end=end,
                      minimum=None if minimum is None else Decimal(minimum),
                      maximum=None if maximum is None else Decimal(maximum))


def planned(agreed: Kept | None, *, on_hand: float = 40.0, pack: float = 10.0, minimum: float = 0.0,
            lead: int = 1) -> Replenishment:
    """20 a week, no error: without policies an order lifts stock to the next two weeks' demand."""
    stock = Stock(np.array([on_hand]), np.zeros((1, WEEKS)), np.array([pack]), np.array([minimum]))
    return replenish(np.full((1, WEEKS), 20.0), np.zeros(1), stock, Terms(lead, 1, 0.95), kept=agreed)


def agreed(**said: object) -> Kept | None:
    return kept([policy(**said)], ((MILK, DC),), FIRST, WEEKS)  # type: ignore[arg-type]  # words of `policy`


def test_stock_is_planned_not_to_fall_below_the_agreed_minimum() -> None:
    """Order-up-to 2 weeks + 50 = 90: 50 now, then 20 a week; what is left at a week's end stays at 50 or more."""
    made = planned(agreed(minimum=50))
    assert made.placed[0].tolist() == [50, 20, 20, 20, 20, 20]
    assert made.on_hand[0, 1:].min() == 50
    assert made.safety.tolist() == [50]
    assert planned(None).on_hand[0, 1:].min() == 0


def test_a_ceiling_wins_over_what_demand_wants_in_whole_packs() -> None:
    """One week's lead, 40 there, 20 sold until arrival: 20 are left, so 25 at most leave room for 5, which is no pack
    of 10."""
    assert planned(agreed(maximum=25)).placed[0, 0] == 0
    assert planned(agreed(minimum=30, maximum=45)).placed[0, 0] == 20
    assert planned(agreed(minimum=30)).placed[0, 0] == 30


def test_where_not_even_the_smallest_order_fits_nothing_is_ordered() -> None:
    assert planned(agreed(minimum=30, maximum=45), minimum=30).placed[0, 0] == 0
    assert planned(agreed(minimum=30, maximum=50), minimum=30).placed[0, 0] == 30


def test_nothing_is_ordered_for_days_after_an_item_has_left_the_shelf() -> None:
    made = planned(agreed(end=FIRST + timedelta(days=13)), on_hand=0)
    assert made.placed[0].tolist() == [40, 0, 0, 0, 0, 0]
    part = planned(agreed(end=FIRST + timedelta(days=9)), on_hand=0, pack=1)
    assert part.placed[0, 0] == np.ceil(20 + 20 * 3 / 7), "three days of the second week"


def test_what_is_not_on_sale_yet_is_ordered_in_time_for_its_first_day() -> None:
    made = planned(agreed(start=FIRST + timedelta(weeks=3)), on_hand=0)
    assert made.placed[0].tolist() == [0, 0, 20, 20, 20, 20]


def test_later_policies_for_the_same_item_and_place_replace_what_they_say() -> None:
    found = kept([policy(minimum=10, maximum=90), policy(minimum=20)], ((MILK, DC), (TEA, DC)), FIRST, WEEKS)
    assert found is not None
    assert (found.least.tolist(), found.most.tolist()) == ([20, 0], [90, np.inf])
    assert kept([policy(minimum=10)], ((TEA, DC),), FIRST, WEEKS) is None


def test_a_cycle_plans_with_the_policies_of_its_joint_business_plan() -> None:
    known = Known(history(MILK, TEA), policies=(policy(minimum=700),))
    shard, _ = gather(AGREEMENT, known, FIRST)
    assert shard.kept is not None
    assert shard.kept.least.tolist() == [700, 0]
    with pytest.raises(ValueError, match="below the minimum"):
        policy(minimum=7, maximum=3)
