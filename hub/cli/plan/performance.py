"""`hub plan performance`: how good everybody's forecasts and promises were, as the cycles found out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.cli.plan.group import Json, Name, ask, plan, the_agreement
from hub.cli.terminal import listing, out
from hub.model.performance import Accuracy, Scorecard
from hub.performance import together


@plan.command("performance")
def performance_(
    agreement: Name = None,
    cycles: Annotated[int, typer.Option(min=1, help="latest cycles that count")] = 13,
    by: Annotated[str, typer.Option(help="party, lag, group or cycle")] = "party",
    as_json: Json = False,
) -> None:
    """How good the forecasts of both sides, of history and of the consensus were; what each step and each kind of edit
    was worth; and what was promised and kept. Every cycle scores the weeks that became known since the one before.

    bias: positive when too much was forecast. tracking: beyond 4 in size the forecast is biased. mase: below 1 is
    better than this week as last week. value added: points of WMAPE that a step took away; negative: leave it out.
    Example: [bold]hub plan performance retail --by lag[/]
    """
    if by not in KEYS:
        raise typer.BadParameter(f"{by!r} is none of {', '.join(KEYS)}", param_hint="--by")
    cards: list[Scorecard] = ask(_cards, agreement, cycles)
    if as_json:
        listing("Scorecards", [as_row(card) for card in cards], True)
        return
    if not cards:
        out.print("Nothing is known yet: a cycle scores the cycles before it, once their weeks have passed.")
        return
    listing("Accuracy", accuracy(cards, KEYS[by]), False)
    listing("Value added", value_added(cards), False)
    listing("Promised and kept", commitments(cards), False)


async def _cards(hub: Hub, agreement: str | None, cycles: int) -> list[Scorecard]:
    async with hub.units.reader() as unit:
        if agreement is not None:
            await the_agreement(unit, agreement)
        return list((await unit.scorecards.list(agreement=agreement, limit=cycles)).rows)


KEYS: dict[str, Callable[[Scorecard, Accuracy], tuple[Any, ...]]] = {
    "party": lambda card, row: (), "lag": lambda card, row: (row.lag,), "group": lambda card, row: (row.group,),
    "cycle": lambda card, row: (str(card.as_of),),
}


def accuracy(cards: Iterable[Scorecard], key: Callable[[Scorecard, Accuracy], tuple[Any, ...]]) -> list[dict[str, Any]]:
    """A line for each agreement, party and `key`: the sums of all cards put together."""
    return [
        {"agreement": name[0], "whose": name[1], "forecast": name[2], **({"of": name[3]} if len(name) > 3 else {}),
         "wmape": percent(sums.wmape), "bias": percent(sums.bias), "tracking": number(sums.tracking_signal),
         "mase": number(sums.mase), "weeks": sums.cells}
        for name, sums in together.accuracies(cards, key).items()]


def value_added(cards: Iterable[Scorecard]) -> list[dict[str, Any]]:
    """A line for each step and kind of edit."""
    return [
        {"agreement": name[0], "whose": sums.author, "step": sums.measure, "over": sums.against,
         "edits": sums.edit.replace("_", " "), "wmape before": percent(sums.wmape_before),
         "after": percent(sums.wmape_after), "value added": percent(sums.gain), "weeks": sums.cells}
        for name, sums in together.steps(cards).items()]


def commitments(cards: Iterable[Scorecard]) -> list[dict[str, Any]]:
    """A line for each card that knows of any."""
    return [{"agreement": card.agreement, "cycle": str(card.as_of), "who": row.author, "order lines": row.lines,
             "ordered": round(row.ordered), "commit rate": percent(row.rate), "adherence": percent(row.adherence)}
            for card in cards for row in card.commitments]


def as_row(card: Scorecard) -> dict[str, Any]:
    """One card as plain values, sums and ratios."""
    told: dict[str, Any] = card.model_dump(mode="json")
    for name, ratios in (("accuracy", ("wmape", "bias", "tracking_signal", "mase")), ("value_added", ("gain",)),
                         ("commitments", ("rate", "adherence"))):
        for line, row in zip(told[name], getattr(card, name), strict=True):
            line |= {ratio: number(getattr(row, ratio)) for ratio in ratios}
    return told


def percent(share: float) -> str | None:
    return f"{100 * share:.1f} %" if math.isfinite(share) else None


def number(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None
