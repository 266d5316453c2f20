"""The joint forecast as a page: in ten seconds, where the two sides disagree and what it costs."""

from __future__ import annotations

from hub.cli.html import CLOSING, Safe, el, joined, opening, table
from hub.cli.plan.chart import chart
from hub.cli.plan.exceptions import standing
from hub.cli.plan.first import SHOWN, in_words
from hub.cli.plan.joint import Joint, reasons
from hub.cli.plan.metrics import metric_lines
from hub.model.exception import ForecastException
from hub.planning.first_look import TITLES
from hub.planning.tasks import first_look

ELSEWHERE = 10
"""The dearest disagreements about other items and places that are listed."""


def page(joint: Joint) -> str:
    """The whole page, which stands alone."""
    named = f"{joint.item.name} at {joint.place.name}"
    picture = el("section", el("div", chart(joint), cls="scroll"), el("p", LEGEND, cls="soft"), cls="card")
    first, nothing = _first(joint), Safe("")
    above, below = (first, nothing) if joint.pressing else (nothing, first)
    return joined([opening(f"Joint forecast: {named}"), _top(joint, named), above, picture, _why(joint), _weeks(joint),
                   below, _orders(joint), _metrics(joint), _elsewhere(joint), CLOSING])


def _first(joint: Joint) -> Safe:
    """What the scenario of the agreement has a planner look at before any single item."""
    lines = in_words(joint.first[:SHOWN], joint.catalogue)
    if not lines:
        return Safe("")
    headings, words = tuple(lines[0]), ("item", "place", "from", "until", "like", "weeks")
    rows = [tuple("" if value is None else str(value) for value in line.values()) for line in lines]
    numbers = frozenset(at for at, name in enumerate(headings) if name not in words)
    return el("section", el("h2", TITLES[first_look(joint.agreement)]), table(headings, rows, numbers), cls="card")


LEGEND = ("Base units per week. Shaded weeks are in dispute; above them what is at stake. The band around what history "
          "alone says holds 80 % of its past errors.")


def _top(joint: Joint, named: str) -> Safe:
    stake = sum(row.value_at_stake for row in joint.here)
    figures = [
        ("weeks in dispute", f"{len(joint.here)} of {len(joint.weeks)}"),
        ("at stake here", money(stake, joint)),
        ("still to settle", str(sum(row.state != "resolved" for row in joint.here))),
        ("at stake elsewhere", money(sum(row.value_at_stake for row in joint.elsewhere), joint)),
    ]
    return el(
        "header", el("p", f"Joint forecast · {joint.agreement.name}", cls="kicker"), el("h1", named),
        el("p", verdict(joint), cls="verdict"),
        el("dl", (el("div", el("dt", name), el("dd", value)) for name, value in figures), cls="figures"), cls="top")


def verdict(joint: Joint) -> str:
    """The one thing to know, in a sentence; and in another that their orders are in dispute, where they are."""
    buyer, seller = joint.agreement.partner("buyer"), joint.agreement.partner("seller")
    orders = money(sum(row.value_at_stake for row in joint.orders), joint)
    also = f" Orders differ in {len(joint.orders)} week(s): {orders} at stake." if joint.orders else ""
    if not joint.here:
        return f"{buyer} and {seller} agree within the thresholds in every week that both speak of.{also}"
    worst = max(joint.here, key=lambda e: e.value_at_stake)
    more, less = (buyer, seller) if worst.left > worst.right else (seller, buyer)
    how = standing(worst) if worst.settled is None else f"agreed is {worst.settled:,.0f} ({standing(worst)})"
    return (
        f"Dearest: the week of {worst.period.day} {worst.period:%B}. "
        f"{more} expects {max(worst.left, worst.right):,.0f}, {less} {min(worst.left, worst.right):,.0f}: "
        f"{worst.percent:.0f} % apart, {money(worst.value_at_stake, joint)} at stake; {how}.{also}")


def money(amount: float, joint: Joint) -> str:
    """In the agreement's currency, without cents."""
    return f"{joint.agreement.currency} {amount:,.0f}"


def _weeks(joint: Joint) -> Safe:
    found = {row.period: row for row in joint.here}
    headings = ("week", joint.agreement.partner("buyer"), joint.agreement.partner("seller"), "differ", "at stake",
                "history says", "agreed", "how", "to order", "stock then")
    rows = []
    for week in joint.weeks:
        row = found.get(week)
        said = [joint.views.get(name, {}).get(week) for name in
                ("buyer", "seller", "baseline", "consensus", "order", "stock")]
        buyer, seller, baseline, agreed, order, stock = ["" if v is None else f"{v:,.0f}" for v in said]
        rows.append((el("span", f"{week.day} {week:%b %Y}", cls="nowrap"), buyer, seller, _differ(row),
                     _strong(f"{row.value_at_stake:,.0f}") if row else "", baseline, agreed,
                     standing(row) if row else "", order, stock))
    numbers = frozenset({1, 2, 3, 4, 5, 6, 8, 9})
    return el("section", el("h2", "Week by week"), table(headings, rows, numbers), cls="card")


def _why(joint: Joint) -> Safe:
    """Which models, which rule and which weights made the numbers."""
    said = reasons(joint)
    if not said:
        return Safe("")
    return el("section", el("h2", "Why"), table(("number", "made by"), said, frozenset()), cls="card")


def _differ(row: ForecastException | None) -> Safe | str:
    return _strong(f"{row.percent:.0f} %") if row else ""


def _strong(words: str) -> Safe:
    return el("strong", words, cls="bad")


def _orders(joint: Joint) -> Safe:
    """Where the two sides' order forecasts differ; nothing where they do not, or only one side says any."""
    if not joint.orders:
        return Safe("")
    rows = [(f"{e.period.day} {e.period:%b}", f"{e.left:,.0f}", f"{e.right:,.0f}", f"{e.percent:.0f} %",
             _strong(f"{e.value_at_stake:,.0f}"), standing(e)) for e in sorted(joint.orders, key=lambda e: e.period)]
    headings = ("week", joint.orders[0].left_party, joint.orders[0].right_party, "differ", "at stake", "stands")
    return el("section", el("h2", "Orders in dispute"), table(headings, rows, frozenset({1, 2, 3, 4})), cls="card")


def _metrics(joint: Joint) -> Safe:
    """Where forecasts or shelves were worse than the agreement allows, this item's family first."""
    if not joint.metrics:
        return Safe("")
    family = joint.item.group or ""
    first = sorted(joint.metrics, key=lambda one: one.group != family)[:ELSEWHERE]
    lines = metric_lines([(joint.agreement.name, one) for one in first])
    rows = [(line["kind"], line["whose"], line["of"], line["family"], line["weeks ahead"], line["found"],
             line["allowed"], _strong(line["at stake"])) for line in lines]
    headings = ("what", "whose", "of", "family", "weeks ahead", "found", "allowed", "at stake")
    return el("section", el("h2", "Worse than was agreed, in the weeks last scored"),
              table(headings, rows, frozenset({4, 5, 6, 7})), cls="card")


def _elsewhere(joint: Joint) -> Safe:
    if not joint.elsewhere:
        return Safe("")
    items, places = joint.catalogue.items, joint.catalogue.locations
    rows = [(f"{items[e.gtin].name} at {places[e.gln].name}", f"{e.period.day} {e.period:%b}", f"{e.left:,.0f}",
             f"{e.right:,.0f}", f"{e.percent:.0f} %", _strong(f"{e.value_at_stake:,.0f}"), standing(e))
            for e in joint.elsewhere[:ELSEWHERE]]
    headings = ("item at place", "week", joint.agreement.partner("buyer"), joint.agreement.partner("seller"), "differ",
                "at stake", "stands")
    return el("section", el("h2", "Dearest elsewhere in this agreement"),
              table(headings, rows, frozenset({2, 3, 4, 5})), cls="card")
