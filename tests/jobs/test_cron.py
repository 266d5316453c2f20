"""Cron lines mean what crontab(5) says, in the zone of the schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.errors import BrokenTable
from hub.jobs.cron import latest_due, trigger

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a Sunday


def last(cron: str, zone: str = "UTC", now: datetime = NOON, since: datetime | None = None) -> datetime | None:
    return latest_due(trigger(cron, zone), since or now - timedelta(days=399), now)


@pytest.mark.parametrize(
    ("cron", "day"),
    [
        ("0 6 * * 0", 22), ("0 6 * * 7", 22), ("0 6 * * sun", 22), ("0 6 * * 1", 16), ("0 6 * * mon", 16),
        ("0 6 * * 6", 21), ("0 6 * * 1-5", 20), ("0 6 * * 5-7", 22), ("0 6 * * 1,3", 18), ("0 6 * * */3", 22),
        ("0 6 17 * *", 17),
    ],
)
def test_monday_is_one_and_sunday_is_zero_and_seven(cron: str, day: int) -> None:
    assert last(cron) == datetime(2026, 11, day, 6, 0, tzinfo=UTC)


def test_a_sixth_field_is_seconds_and_stands_last() -> None:
    assert last("* * * * * */20", now=NOON.replace(second=50)) == NOON.replace(second=40)


def test_the_latest_of_many_missed_due_times_is_found() -> None:
    assert last("*/5 * * * *", now=NOON + timedelta(minutes=3)) == NOON
    assert last("0 0 1 1 *") == datetime(2026, 1, 1, tzinfo=UTC)


def test_what_was_due_at_the_last_run_is_not_due_again() -> None:
    assert last("0 12 * * *", since=NOON) is None
    assert last("0 12 * * *", since=NOON - timedelta(seconds=1)) == NOON


def test_a_time_that_the_clock_skips_in_spring_is_due_once_that_day_an_hour_later() -> None:
    spring = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
    dues = due_times("30 2 * * *", "Europe/Berlin", spring - timedelta(days=2), spring + timedelta(days=1))
    assert [due for due in dues if due.date() == spring.date()] == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC)]


def test_a_time_that_the_clock_repeats_in_autumn_is_due_the_first_time() -> None:
    autumn = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)
    dues = due_times("30 2 * * *", "Europe/Berlin", autumn - timedelta(days=2), autumn + timedelta(days=1))
    assert [due for due in dues if due.date() == autumn.date()] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_every_hour_is_every_hour_also_when_one_comes_twice() -> None:
    start = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)
    assert len(due_times("30 * * * *", "Europe/Berlin", start, start + timedelta(hours=3))) == 3


def test_six_in_the_morning_stays_six_in_the_morning_when_the_clock_changes() -> None:
    assert last("0 6 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)) == datetime(
        2026, 10, 24, 4, tzinfo=UTC)
    assert last("0 6 * * *", "Europe/Berlin", datetime(2026, 10, 26, 12, tzinfo=UTC)) == datetime(
        2026, 10, 26, 5, tzinfo=UTC)


def due_times(cron: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """Every due time that a leader who looks each minute finds."""
    line, found, since = trigger(cron, zone), [], start
    for minute in range(int((end - start) / timedelta(minutes=1)) + 1):
        due = latest_due(line, since, start + timedelta(minutes=minute))
        if due is not None:
            found.append(due)
            since = due
    return found


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("* * * *", "UTC"), ("* * * * * * *", "UTC"), ("61 * * * *", "UTC"), ("x * * * *", "UTC"),
        ("* * * * 8", "UTC"), ("* * * * 5-2", "UTC"), ("* * * * 1/0", "UTC"), ("* * 1 * 1", "UTC"),
        ("* * * * *", "Mars/Olympus"), ("* * * * *", ""),
    ],
)
def test_a_line_that_means_nothing_is_refused(cron: str, zone: str) -> None:
    with pytest.raises(BrokenTable):
        trigger(cron, zone)
