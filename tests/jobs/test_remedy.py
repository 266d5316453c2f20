"""What is done about a failure depends on its place in the error tree."""

from __future__ import annotations

import pytest

from hub.errors import BrokenTable, NotFound, Reject, Retry, TooLarge
from hub.flow.patience import DELIVERY, Patience
from hub.jobs.remedy import Again, Bury, WorkerDied, remedy

CALM = Patience(first=1.0, cap=60.0, total=3600.0)


def after(error: Exception, attempts: int = 0, failures: int = 0) -> Again | Bury:
    return remedy(error, attempts=attempts, failures=failures, limit=3, patience=CALM)


@pytest.mark.parametrize("error", [Reject("no"), TooLarge("no"), NotFound("no")])
def test_a_rejected_message_is_never_tried_again(error: Exception) -> None:
    assert after(error) == Bury("rejected")


def test_the_worlds_fault_costs_time_and_no_failure() -> None:
    assert [after(Retry("down"), attempts) for attempts in range(4)] == [
        Again(1.0, 0), Again(2.0, 0), Again(4.0, 0), Again(8.0, 0),
    ]


def test_patience_with_the_world_has_an_end() -> None:
    attempts = 0
    while isinstance(answer := after(Retry("down"), attempts), Again):
        assert answer.seconds <= CALM.cap
        attempts += 1
    waited = sum(min(2.0**n, 60.0) for n in range(attempts))
    assert waited - CALM.cap < CALM.total <= waited


@pytest.mark.parametrize("error", [ValueError("?"), BrokenTable("?"), WorkerDied("?")])
def test_the_third_failure_is_the_last(error: Exception) -> None:
    answers = [after(error, attempts=n, failures=n) for n in range(3)]
    assert [type(a) for a in answers] == [Again, Again, Bury]
    assert answers[2] == Bury("dead")
    assert [a.failures for a in answers if isinstance(a, Again)] == [1, 2]


def test_ten_hours_of_bad_weather_do_not_count_against_a_message_whose_worker_then_dies() -> None:
    assert after(WorkerDied("killed"), attempts=10, failures=0) == Again(0.0, 1)


def test_earlier_failures_do_not_lengthen_the_wait_for_the_world() -> None:
    assert after(Retry("down"), attempts=2, failures=2) == Again(1.0, 2)


def test_a_partner_is_waited_for_from_five_minutes_up_to_six_hours_for_two_days() -> None:
    waits = []
    while (wait := DELIVERY.wait(len(waits))) is not None:
        waits.append(wait / 60)
    assert waits[:8] == [5, 10, 20, 40, 80, 160, 320, 360]
    assert sum(waits) == 48 * 60
