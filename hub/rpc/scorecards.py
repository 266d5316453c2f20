"""Service Scorecards: how good forecasts and promises were."""

from __future__ import annotations

from typing import Any

from hub.model.performance import Accuracy, Commitment, Scorecard, ValueAdded
from hub.model.query import Compare, Condition, Every, Sort
from hub.performance import together
from hub.ports import Units
from hub.rpc import convert_scorecard as convert
from hub.rpc.identity import Context, caller
from hub.rpc.listings import SCORECARDS
from hub.rpc.names import id_of, wanted_day, wanted_id
from hub.rpc.pages import MOST, PageTokens
from hub.rpc.pb.v1 import scorecards_pb2 as pb
from hub.rpc.pb.v1.scorecards_pb2_grpc import ScorecardsServicer


class Scorecards(ScorecardsServicer):
    """What each cycle found out about the ones before it, as far as the caller may see the forecasts."""

    def __init__(self, units: Units, pages: PageTokens) -> None:
        self._units, self._pages = units, pages

    async def GetScorecard(self, request: pb.GetScorecardRequest, context: Context) -> pb.Scorecard:
        async with self._units.door(caller()) as unit:
            return convert.scorecard(await unit.scorecards.get(id_of("scorecards", request.name)))

    async def ListScorecards(self, request: pb.ListScorecardsRequest, context: Context) -> pb.ListScorecardsResponse:
        partner = caller()
        agreement = wanted_id("agreements", request.agreement, "agreement")
        query = self._pages.query(request, partner, SCORECARDS)
        async with self._units.door(partner) as unit:
            page = await unit.scorecards.list(agreement=agreement, **query)
        return pb.ListScorecardsResponse(
            scorecards=[convert.scorecard(card) for card in page],
            next_page_token=self._pages.seal(page.next_key, request, partner),
        )

    async def SumScorecards(self, request: pb.SumScorecardsRequest, context: Context) -> pb.SumScorecardsResponse:
        agreement = id_of("agreements", request.agreement, "agreement")
        author, where = wanted_id("partners", request.author, "author"), _period(request)
        split = convert.split(request.split)
        async with self._units.door(caller()) as unit:
            page = await unit.scorecards.list(
                agreement=agreement, limit=MOST, where=where, order=[Sort("as_of_date", descending=True)])
        cards = [_only(card, author) for card in page]
        accuracies = together.accuracies(cards, lambda _, row: (getattr(row, split),) if split else ())
        return pb.SumScorecardsResponse(
            scorecards=len(cards),
            accuracies=[convert.accuracy(_without(row, split)) for row in accuracies.values()],
            step_values=[convert.step_value(row) for row in together.steps(cards).values()],
            promises=[convert.promise(row) for row in together.promises(cards).values()],
        )


def _period(request: pb.SumScorecardsRequest) -> Condition | None:
    """The cycles that count. Raises Invalid for a day that no calendar has."""
    first, last = wanted_day(request.first_date, "first_date"), wanted_day(request.last_date, "last_date")
    since = () if first is None else (Compare("as_of_date", ">=", first),)
    until = () if last is None else (Compare("as_of_date", "<=", last),)
    return Every(since + until) if since or until else None


def _only(card: Scorecard, author: str | None) -> Scorecard:
    """The rows of one author; all when None."""
    if author is None:
        return card

    def of(rows: tuple[Accuracy, ...] | tuple[ValueAdded, ...] | tuple[Commitment, ...]) -> tuple[Any, ...]:
        return tuple(row for row in rows if row.author == author)

    return card.model_copy(update={
        "accuracy": of(card.accuracy), "value_added": of(card.value_added), "commitments": of(card.commitments)})


def _without(row: Accuracy, split: str | None) -> Accuracy:
    """Nothing said of what the sums are not split by."""
    return row.model_copy(update={name: unsaid for name, unsaid in (("lag", 0), ("group", "")) if name != split})
