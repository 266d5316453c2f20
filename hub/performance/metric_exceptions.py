"""Where performance is worse than was agreed: found, valued, ranked. (VICS CPFR, steps 4 and 7, knows such exceptions
beside those between two forecasts.)

Everything is compared as integers (units of the agreement's last decimal, hundredths of a percent, cents), like the
differences of two views, so that two hubs with the same figures find the same list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hub.model.agreement import Agreement, Criterion
from hub.model.performance import Accuracy, MetricException

PERCENT_SCALE = 100
WHOLE = 100 * PERCENT_SCALE
NAIVE = "naive"
"""Nobody's forecast: it is measured, and held against no criterion."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Of one planning family: stock counts, and those of them above zero."""

    counts: int
    in_stock: int


def metric_exceptions(
    agreement: Agreement, accuracy: Iterable[Accuracy], shelves: Mapping[str, Shelf], worth: Mapping[str, float]
) -> tuple[MetricException, ...]:
    """What of the performance is worse than one of the agreement's criteria, dearest first.

    `worth` is what each family sold in the weeks scored, in the agreement's currency; `shelves` is how its stock was
    counted in them. What cannot be measured (nothing was sold, nothing counted) is no exception.
    """
    rows = list(accuracy)
    found: list[MetricException] = []
    for criterion in agreement.metrics:
        if criterion.metric == "in_stock":
            found += _empty_shelves(agreement, criterion, shelves, worth)
        else:
            found += _poor_forecasts(agreement, criterion, rows, worth)
    return tuple(sorted(found, key=lambda one: _place(one, _roles(agreement))))


def metric_fingerprint(found: Sequence[MetricException], agreement: Agreement) -> str:
    """SHA-256 over the ordered list: equal on two hubs exactly when they found the same. Sides go by their role,
    because two hubs may call them differently."""
    digest, roles = hashlib.sha256(), _roles(agreement)
    for one in sorted(found, key=lambda row: _place(row, roles)):
        numbers = f"{round(one.found * PERCENT_SCALE)}|{round(one.allowed * PERCENT_SCALE)}"
        cents = round(one.value_at_stake * 100)
        digest.update(f"{one.kind}|{roles.get(one.author, one.author)}|{one.measure}|{one.group}|{one.from_week}|"
                      f"{one.to_week}|{numbers}|{cents}\n".encode())
    return digest.hexdigest()


def _roles(agreement: Agreement) -> dict[str, str]:
    return {member.partner: member.role for member in agreement.members}


def _place(one: MetricException, roles: Mapping[str, str]) -> tuple[int | str, ...]:
    """Dearest first; then by code point."""
    return (-round(one.value_at_stake * 100), one.kind, one.measure, roles.get(one.author, one.author), one.group,
            one.from_week, one.to_week, round(one.allowed * PERCENT_SCALE))


def _poor_forecasts(
    agreement: Agreement, criterion: Criterion, accuracy: Sequence[Accuracy], worth: Mapping[str, float]
) -> Iterator[MetricException]:
    sums: dict[tuple[str, str, str], Accuracy] = {}
    for row in accuracy:
        judged = criterion.from_week <= row.lag <= criterion.to_week and criterion.measure in (None, row.measure)
        if judged and row.author != NAIVE:
            at = row.author, row.measure, row.group
            sums[at] = sums[at].plus(row) if at in sums else row
    scale, limit = 10**agreement.decimals, int(criterion.percent * PERCENT_SCALE)
    for row in sums.values():
        wrong, of = (row.absolute, row.volume) if criterion.metric == "wmape" else (row.error, row.actual)
        error, whole = round(wrong * scale), abs(round(of * scale))
        if whole and abs(error) * WHOLE > limit * whole:
            yield MetricException(
                kind=criterion.metric, author=row.author, measure=row.measure, group=row.group,
                from_week=criterion.from_week, to_week=min(criterion.to_week, agreement.horizon_weeks),
                found=_percent(error, whole), allowed=limit / PERCENT_SCALE,
                value_at_stake=_stake(abs(error) * WHOLE - limit * whole, whole, worth.get(row.group, 0.0)),
                cells=row.cells, part=wrong, whole=abs(of))


def _empty_shelves(
    agreement: Agreement, criterion: Criterion, shelves: Mapping[str, Shelf], worth: Mapping[str, float]
) -> Iterator[MetricException]:
    limit = int(criterion.percent * PERCENT_SCALE)
    for group, shelf in shelves.items():
        short = limit * shelf.counts - shelf.in_stock * WHOLE
        if short > 0:
            yield MetricException(
                kind="in_stock", author=agreement.partner("buyer"), measure="on_hand", group=group, from_week=0,
                to_week=0, found=_percent(shelf.in_stock, shelf.counts), allowed=limit / PERCENT_SCALE,
                value_at_stake=_stake(short, shelf.counts, worth.get(group, 0.0)),
                cells=shelf.counts, part=shelf.in_stock, whole=shelf.counts)


def _percent(part: int, whole: int) -> float:
    """In hundredths of a percent, halves away from zero."""
    size = (abs(part) * WHOLE * 2 + whole) // (2 * whole) / PERCENT_SCALE
    return -size if part < 0 else size


def _stake(beyond: int, whole: int, worth: float) -> float:
    """`beyond` / `whole` hundredths of a percent of `worth`, in whole cents, halves up."""
    divisor = whole * WHOLE
    return (2 * beyond * round(worth * 100) + divisor) // (2 * divisor) / 100
