"""How two people settle an exception: who may do what when, and the state it leads to.

VICS steps 4 and 5 (and 7 and 8): open -> assigned -> proposed by one side -> countered by the other, to and fro ->
agreed, or escalated to those above, or expired, and then the rule that both signed decides -> resolved, which is a new
version of the consensus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from hub.errors import Reject
from hub.model.agreement import Agreement
from hub.model.exception import Act, ExceptionState, ForecastException
from hub.model.plan import Series, Vector
from hub.planning.exceptions import LARGEST

SIGNED = "signed"
"""The rule of what both sides signed."""
UNSETTLED: tuple[ExceptionState, ...] = ("open", "assigned", "proposed", "countered", "escalated")


@dataclass(frozen=True, slots=True)
class Move:
    """What one partner does: `quantity` for propose and counter (base units), `owner` for assign (a person's name)."""

    act: Act
    actor: str
    quantity: float | None = None
    owner: str | None = None
    reason: str | None = None
    comment: str | None = None


def after(exception: ForecastException, move: Move) -> ForecastException:
    """The exception after `move`. Raises Reject with a stable reason and a sentence for a planner."""
    if exception.state not in UNSETTLED and move.act != "comment":
        raise Reject(
            f"this exception is {exception.state}: nothing is left to settle; it takes comments only",
            reason="ALREADY_SETTLED")
    rule = MOVES.get(move.act)
    if rule is None:
        raise Reject(f"{move.act!r} is not something a partner does", reason="NOT_A_MOVE")
    return rule(exception, move)


def _assign(exception: ForecastException, move: Move) -> ForecastException:
    if not move.owner:
        raise Reject("say to whom the exception is assigned", reason="OWNER_MISSING")
    state: ExceptionState = "assigned" if exception.state == "open" else exception.state
    return exception.model_copy(update={"owner": move.owner, "state": state})


def _comment(exception: ForecastException, move: Move) -> ForecastException:
    if not move.comment:
        raise Reject("a comment needs words", reason="COMMENT_MISSING")
    return exception


def _propose(exception: ForecastException, move: Move) -> ForecastException:
    if exception.offered_by not in (None, move.actor):
        raise Reject(
            f"{exception.offered_by} has offered {exception.offered:g}: agree to it or counter it",
            reason="OFFER_ON_THE_TABLE")
    return _offer(exception, move, "proposed")


def _counter(exception: ForecastException, move: Move) -> ForecastException:
    if exception.offered_by is None:
        raise Reject("there is no offer to counter yet: propose one", reason="NO_OFFER")
    if exception.offered_by == move.actor:
        raise Reject("the offer on the table is your own: propose again to change it", reason="YOUR_OWN_OFFER")
    return _offer(exception, move, "countered")


def _offer(exception: ForecastException, move: Move, state: ExceptionState) -> ForecastException:
    quantity = move.quantity
    if quantity is None or not 0 <= quantity <= LARGEST:
        raise Reject("offer a quantity in base units, 0 or more", reason="QUANTITY_MISSING")
    return exception.model_copy(update={"state": state, "offered": round(quantity, 3), "offered_by": move.actor})


def _agree(exception: ForecastException, move: Move) -> ForecastException:
    if exception.offered_by is None:
        raise Reject("there is no offer to agree to yet: propose one", reason="NO_OFFER")
    if exception.offered_by == move.actor:
        raise Reject("the offer on the table is your own: the other side has to agree to it", reason="YOUR_OWN_OFFER")
    return exception.model_copy(update={"state": "agreed", "settled": exception.offered, "rule": SIGNED})


def _escalate(exception: ForecastException, move: Move) -> ForecastException:
    if exception.state == "escalated":
        raise Reject("it is escalated already", reason="ALREADY_ESCALATED")
    return exception.model_copy(update={"state": "escalated", "owner": move.owner or exception.owner})


MOVES: dict[Act, Callable[[ForecastException, Move], ForecastException]] = {
    "assign": _assign, "comment": _comment, "propose": _propose, "counter": _counter, "agree": _agree,
    "escalate": _escalate,
}


def overdue(exception: ForecastException, day: date) -> bool:
    """Whether the time to settle it between the two sides is over on `day`; without a time the rule decides at once."""
    return exception.state in UNSETTLED and (exception.due is None or exception.due <= day)


def left_to_the_rule(
    exceptions: Sequence[ForecastException], agreement: Agreement, day: date
) -> list[ForecastException]:
    """Those of a run, dearest first, that the agreement's rule decides on `day`: their time is over, or there are
    `attention` dearer ones and nobody has begun to settle them."""
    few = agreement.attention or len(exceptions)
    return [
        one for place, one in enumerate(exceptions)
        if overdue(one, day) or (place >= few and one.state == "open" and one.owner is None)]


def to_escalate(exceptions: Sequence[ForecastException], agreement: Agreement, day: date) -> list[ForecastException]:
    """Those that the two planners have had long enough and that are not left to the rule, handed to whom the agreement
    names."""
    rule = agreement.escalation
    if rule is None:
        return []
    ahead = timedelta(days=agreement.settle_days - rule.after_days)
    late = {(one.gtin, one.gln, one.period) for one in left_to_the_rule(exceptions, agreement, day)}
    waiting = [one for one in exceptions if one.state in UNSETTLED and one.state != "escalated"
               and (one.gtin, one.gln, one.period) not in late]
    return [
        one.model_copy(update={"state": "escalated", "owner": rule.to}) for one in waiting
        if one.due is not None and one.due - ahead <= day]


def signed(
    exceptions: Sequence[ForecastException], keys: tuple[tuple[str, str], ...], first: date, weeks: int
) -> Vector:
    """(n, weeks): what both sides signed for a cell, NaN elsewhere."""
    values = np.full((len(keys), weeks), np.nan)
    row_of = {key: row for row, key in enumerate(keys)}
    for exception in exceptions:
        row, week = row_of.get((exception.gtin, exception.gln)), (exception.period - first).days // 7
        if exception.rule == SIGNED and exception.settled is not None and row is not None and 0 <= week < weeks:
            values[row, week] = exception.settled
    return values


def with_cells(consensus: Series, settled: Sequence[ForecastException]) -> Series:
    """The consensus with these exceptions' settled quantities in their cells, as a new series.

    Raises Reject CELL_GONE for a cell that the consensus does not cover: a later planning run has moved on.
    """
    found = signed(settled, consensus.keys, consensus.first_week, consensus.weeks)
    if np.count_nonzero(~np.isnan(found)) != len({(e.gtin, e.gln, e.period) for e in settled}):
        raise Reject("the week is not part of the plan any more", reason="CELL_GONE")
    return Series(consensus.keys, consensus.first_week, np.where(np.isnan(found), consensus.values, found))
