"""Settling by people: who may do what when, and what comes of it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Reject
from hub.model.agreement import Agreement, Escalation, Member
from hub.model.exception import ForecastException
from hub.model.plan import Series
from hub.planning.settling import UNSETTLED, Move, after, left_to_the_rule, overdue, signed, to_escalate, with_cells

WEEK = date(2026, 11, 23)
FOUND = ForecastException(
    id="exc_1", agreement="retail", gtin="1", gln="a", period=WEEK, lag=1, left_party="shop", right_party="maker",
    left=100, right=140, percent=33, value_at_stake=40, due=date(2026, 11, 26))


def acts(*moves: Move) -> ForecastException:
    reached = FOUND
    for move in moves:
        reached = after(reached, move)
    return reached


def test_a_proposal_that_the_other_side_counters_is_agreed_by_the_first():
    reached = acts(
        Move("assign", "shop", owner="Ana"), Move("propose", "shop", 110, reason="promotion"),
        Move("counter", "maker", 130), Move("agree", "shop"))
    assert (reached.state, reached.settled, reached.rule, reached.owner) == ("agreed", 130, "signed", "Ana")


def test_an_assignment_does_not_take_an_offer_off_the_table():
    reached = acts(Move("propose", "shop", 110), Move("assign", "maker", owner="Bo"))
    assert (reached.state, reached.offered, reached.owner) == ("proposed", 110, "Bo")


def test_an_escalated_exception_can_still_be_agreed():
    assert acts(Move("propose", "shop", 110), Move("escalate", "shop"), Move("agree", "maker")).settled == 110


@pytest.mark.parametrize(("moves", "reason"), [
    ([Move("propose", "shop")], "QUANTITY_MISSING"),
    ([Move("propose", "shop", -1)], "QUANTITY_MISSING"),
    ([Move("propose", "shop", float("nan"))], "QUANTITY_MISSING"),
    ([Move("agree", "shop")], "NO_OFFER"),
    ([Move("counter", "shop", 5)], "NO_OFFER"),
    ([Move("propose", "shop", 5), Move("agree", "shop")], "YOUR_OWN_OFFER"),
    ([Move("propose", "shop", 5), Move("counter", "shop", 6)], "YOUR_OWN_OFFER"),
    ([Move("propose", "shop", 5), Move("propose", "maker", 6)], "OFFER_ON_THE_TABLE"),
    ([Move("propose", "shop", 5), Move("agree", "maker"), Move("propose", "shop", 6)], "ALREADY_SETTLED"),
    ([Move("assign", "shop")], "OWNER_MISSING"),
    ([Move("comment", "shop")], "COMMENT_MISSING"),
    ([Move("escalate", "shop"), Move("escalate", "maker")], "ALREADY_ESCALATED"),
    ([Move("expire", "shop")], "NOT_A_MOVE"),
])
def test_what_may_not_be_done_is_refused_with_a_stable_reason(moves, reason):
    with pytest.raises(Reject) as refusal:
        acts(*moves)
    assert refusal.value.reason == reason


def test_one_may_change_ones_own_offer():
    assert acts(Move("propose", "shop", 5), Move("propose", "shop", 6)).offered == 6


def test_a_settled_exception_still_takes_comments():
    assert acts(Move("propose", "shop", 5), Move("agree", "maker"), Move("comment", "shop", comment="ok")).settled == 5


PARTIES = st.sampled_from(["shop", "maker"])
MOVES = st.builds(Move, st.sampled_from(["assign", "comment", "propose", "counter", "agree", "escalate"]), PARTIES,
                  quantity=st.one_of(st.none(), st.floats(0, 1000)), owner=st.just("Ana"), comment=st.just("why"))


@given(st.lists(MOVES, max_size=12))
def test_nobody_ever_settles_alone(moves):
    """Whatever is done in whatever order: an agreed number was offered by one side and agreed to by the other."""
    reached, who = FOUND, set()
    for move in moves:
        try:
            reached = after(reached, move)
        except Reject:
            continue
        if move.act in ("propose", "counter"):
            who = {move.actor}
        if move.act == "agree":
            who.add(move.actor)
    assert (reached.settled is not None) == (reached.state == "agreed")
    if reached.state == "agreed":
        assert who == {"shop", "maker"}
        assert reached.settled == reached.offered
    else:
        assert reached.state in UNSETTLED


def test_time_is_over_on_the_due_day():
    assert not overdue(FOUND, date(2026, 11, 25))
    assert overdue(FOUND, date(2026, 11, 26))
    assert overdue(FOUND.model_copy(update={"due": None}), WEEK), "without a time the rule decides at once"
    assert not overdue(FOUND.model_copy(update={"state": "resolved"}), date(2027, 1, 1))


AGREED = Agreement(
    name="retail", valid_from=date(2026, 1, 1), items=(), locations=(), settle_days=7, attention=2,
    escalation=Escalation(after_days=4, to="Head of Supply"), members=(
        Member(partner="shop", role="buyer", sees=()), Member(partner="maker", role="seller", sees=())))


def test_after_the_agreed_days_an_exception_goes_to_whom_the_companies_have_named():
    """Due on 26 November, seven days after it was found: four days later is the 23rd."""
    assert to_escalate([FOUND], AGREED, date(2026, 11, 22)) == []
    [raised] = to_escalate([FOUND], AGREED, date(2026, 11, 23))
    assert (raised.state, raised.owner) == ("escalated", "Head of Supply")
    assert to_escalate([raised], AGREED, date(2026, 11, 24)) == [], "once is enough"
    assert to_escalate([FOUND], AGREED, date(2026, 11, 26)) == [], "then the rule decides"
    later = FOUND.model_copy(update={"period": date(2026, 12, 7)})
    cheap = FOUND.model_copy(update={"period": date(2026, 12, 14)})
    both = to_escalate([FOUND, later, cheap], AGREED, date(2026, 11, 23))
    assert [one.period for one in both] == [WEEK, later.period], "what is not left to people goes nowhere"


def test_only_the_dearest_are_left_to_the_planners_unless_one_has_been_begun():
    begun = after(FOUND, Move("propose", "shop", 5))
    early = date(2026, 11, 20)
    assert left_to_the_rule([FOUND, FOUND, FOUND, begun], AGREED, early) == [FOUND]
    assert left_to_the_rule([FOUND] * 3, AGREED.model_copy(update={"attention": 0}), early) == []
    assert left_to_the_rule([FOUND, begun], AGREED, date(2026, 11, 26)) == [FOUND, begun]


def test_signed_cells_replace_only_themselves_in_the_consensus():
    consensus = Series((("1", "a"), ("1", "b")), WEEK, np.array([[1.0, 2.0], [3.0, 4.0]]))
    done = acts(Move("propose", "shop", 9), Move("agree", "maker"))
    assert with_cells(consensus, [done]).values.tolist() == [[9.0, 2.0], [3.0, 4.0]]
    assert np.isnan(signed([FOUND], consensus.keys, WEEK, 2)).all()


def test_a_week_that_the_plan_has_left_behind_cannot_be_signed():
    consensus = Series((("1", "a"),), date(2026, 11, 30), np.array([[1.0]]))
    with pytest.raises(Reject, match="not part of the plan"):
        with_cells(consensus, [acts(Move("propose", "shop", 9), Move("agree", "maker"))])
