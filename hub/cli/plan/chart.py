"""The joint forecast as a picture: history, both sides, the consensus, what history alone expects and how sure it is,
and the weeks in dispute with what they cost. Plain SVG, one element per thing shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hub.cli.html import Safe, el, joined
from hub.cli.plan.joint import Joint, Weeks, limits

WIDTH, HEIGHT = 960, 400
LEFT, RIGHT, TOP, BOTTOM = 58, 128, 40, 40
SPREAD = 1.2816
"""Standard deviations on either side of the baseline that hold 80 % of a normal error."""
COST = 46
"""Least distance between the costs above the weeks."""
COST_LINES = TOP - 9.0, TOP - 25.0
"""Where they are written."""
LABEL = 17
"""Least distance between the names at the ends of the lines."""


@dataclass(frozen=True, slots=True)
class Axes:
    """Weeks to the right, quantities upwards: a step of the scale is 1, 2 or 5 times a power of ten."""

    weeks: Sequence[date]
    highest: float

    @property
    def step(self) -> float:
        rough = self.highest / 5
        power = 10 ** math.floor(math.log10(rough))
        return float(next(m * power for m in (1, 2, 5, 10) if m * power >= rough))

    @property
    def top(self) -> float:
        return self.step * math.ceil(self.highest / self.step)

    def x(self, week: date) -> float:
        return LEFT + (week - self.weeks[0]).days / max((self.weeks[-1] - self.weeks[0]).days, 1) * (
            WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return TOP + (1 - min(max(value, 0), self.top) / self.top) * (HEIGHT - TOP - BOTTOM)

    @property
    def half(self) -> float:
        """Half the width of a week."""
        return (self.x(self.weeks[-1]) - LEFT) / max(len(self.weeks) - 1, 1) / 2


def chart(joint: Joint) -> Safe:
    """The whole picture; an empty piece when nothing is known."""
    said = {name: joint.views.get(name, {}) for name in ("baseline", "buyer", "seller", "consensus")}
    values = [v for view in (joint.history, *said.values()) for v in view.values()]
    weeks = sorted({*joint.history, *(week for view in said.values() for week in view)})
    if len(weeks) < 2:
        return Safe("")
    axes = Axes(weeks, max(*values, 1.0) * 1.02)
    return el(
        "svg", _scale(axes), _disputes(axes, joint), _band(axes, joint),
        _now(axes, joint), _line(axes, joint.history, "history"),
        *(_line(axes, view, name) for name, view in said.items()), _points(axes, joint),
        _names(axes, joint, said),
        viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", cls="chart",
        aria_label=f"Joint forecast of {joint.item.name} at {joint.place.name}, base units per week")


def _scale(axes: Axes) -> Safe:
    marks: list[Safe] = []
    for number in range(round(axes.top / axes.step) + 1):
        y = axes.y(number * axes.step)
        marks += [_stroke(LEFT, y, WIDTH - RIGHT, y, "grid"),
                  _text(LEFT - 9, y + 4, f"{number * axes.step:,.0f}", "tick end")]
    every = max(len(axes.weeks) // 9, 1)
    marks += [_text(axes.x(week), HEIGHT - BOTTOM + 22, f"{week.day} {week:%b}", "tick middle")
              for week in axes.weeks[::every]]
    return joined(marks)


def _disputes(axes: Axes, joint: Joint) -> Safe:
    """The weeks in dispute: a bar from one side's number to the other's, and what it costs above it."""
    marks: list[Safe] = []
    for row in joint.here:
        x = axes.x(row.period)
        high, low = axes.y(max(row.left, row.right)), axes.y(min(row.left, row.right))
        marks += [
            el("rect", x=f"{x - axes.half:.1f}", y=str(TOP), width=f"{2 * axes.half:.1f}", cls="dispute",
               height=str(HEIGHT - TOP - BOTTOM)),
            el("rect", el("title", f"{row.period.day} {row.period:%b}: {row.percent:.0f} % apart"), cls="gap",
               x=f"{x - axes.half / 2:.1f}", y=f"{high:.1f}", width=f"{axes.half:.1f}", height=f"{low - high:.1f}"),
        ]
    marks += [_text(x, y, cost, "cost middle") for x, y, cost in _costs(axes, joint)]
    return joined(marks)


def _costs(axes: Axes, joint: Joint) -> list[tuple[float, float, str]]:
    """Where what it costs is written: the dearest first, in the lower line where there is room, else in the upper one;
    a cost with room in neither is left to the table."""
    written: list[tuple[float, float, str]] = []
    for row in sorted(joint.here, key=lambda e: -e.value_at_stake):
        x = axes.x(row.period)
        free = (y for y in COST_LINES if all(abs(x - other) >= COST for other, at, _ in written if at == y))
        if (y := next(free, None)) is not None:
            written.append((x, y, f"{row.value_at_stake:,.0f}"))
    return written


def _band(axes: Axes, joint: Joint) -> Safe:
    """The limits that hold 80 % of what comes; before any past error is known, those of a normal error."""
    baseline, error = joint.views.get("baseline", {}), joint.error
    known = limits(joint, 80)
    if not baseline or (not known and math.isnan(error)):
        return Safe("")
    weeks = [week for week in sorted(baseline) if not known or week in known]
    spread = {week: known.get(week, (baseline[week] - SPREAD * error, baseline[week] + SPREAD * error))
              for week in weeks}
    upper = [f"{axes.x(w):.1f},{axes.y(spread[w][1]):.1f}" for w in weeks]
    lower = [f"{axes.x(w):.1f},{axes.y(spread[w][0]):.1f}" for w in reversed(weeks)]
    return el("polygon", points=" ".join(upper + lower), cls="band")


def _now(axes: Axes, joint: Joint) -> Safe:
    if not joint.history:
        return Safe("")
    x = (axes.x(max(joint.history)) + axes.x(joint.weeks[0])) / 2
    return joined([_stroke(x, TOP - 4, x, HEIGHT - BOTTOM, "now"), _text(x - 7, TOP + 8, "sold", "tick end"),
                   _text(x + 7, TOP + 8, "expected", "tick")])


def _line(axes: Axes, view: Weeks, name: str) -> Safe:
    points = " ".join(f"{axes.x(week):.1f},{axes.y(view[week]):.1f}" for week in sorted(view))
    return el("polyline", points=points, cls=f"line {name}") if points else Safe("")


def _points(axes: Axes, joint: Joint) -> Safe:
    """Each side's numbers, to be read by pointing at them."""
    return joined(
        el("circle", el("title", f"{week.day} {week:%b}: {joint.agreement.partner(side)} {value:,.0f}"), r="3.4",
           cx=f"{axes.x(week):.1f}", cy=f"{axes.y(value):.1f}", cls=f"dot {side}")
        for side in ("buyer", "seller") for week, value in sorted(joint.views.get(side, {}).items()))


def _names(axes: Axes, joint: Joint, said: dict[str, Weeks]) -> Safe:
    """Who each line is, at its end; names that would touch are moved apart."""
    called = {"buyer": joint.agreement.partner("buyer"), "seller": joint.agreement.partner("seller"),
              "consensus": "agreed", "baseline": "history says"}
    ends = sorted((axes.y(view[max(view)]), name) for name, view in said.items() if view)
    marks, y = [], TOP - LABEL * 1.0
    room = HEIGHT - BOTTOM - LABEL * (len(ends) - 1)
    for number, (wanted, name) in enumerate(ends):
        y = max(min(wanted, room + LABEL * number), y + LABEL)
        marks.append(_text(WIDTH - RIGHT + 12, y + 4, called[name], f"name {name}"))
    return joined(marks)


def _stroke(x1: float, y1: float, x2: float, y2: float, cls: str) -> Safe:
    return el("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", cls=cls)


def _text(x: float, y: float, words: str, cls: str) -> Safe:
    return el("text", words, x=f"{x:.1f}", y=f"{y:.1f}", cls=cls)
