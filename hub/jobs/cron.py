"""When a schedule is due: cron lines as crontab(5) reads them, in the schedule's own time zone.

    minute hour day-of-month month day-of-week [second]        a sixth field, seconds, stands last

APScheduler counts weekdays from Monday = 0; crontab and everybody who writes one from Sunday = 0 (7 is Sunday too), so
numbers are turned into names here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from hub.errors import BrokenTable

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR = CronTrigger.FIELD_NAMES.index("hour")
WINDOWS = tuple(timedelta(days=days) for days in (1 / 1440, 1 / 24, 1, 32, 400))
"""How far back to look for the last due time, nearest first: a line that fires often is found in a short window."""


def trigger(cron: str, timezone: str) -> CronTrigger:
    """Raises BrokenTable when the line or the time zone means nothing, or more than one thing."""
    fields = cron.split()
    if len(fields) not in (5, 6):
        raise BrokenTable(f"{cron!r} has {len(fields)} fields; a cron line has five, or six with seconds last.")
    minute, hour, day, month, weekday = fields[:5]
    if day != "*" and weekday != "*":
        raise BrokenTable(f"{cron!r} names a day of the month and a weekday; use two schedules, one for each.")
    try:
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=named(weekday),
            second=fields[5] if len(fields) == 6 else "0", timezone=ZoneInfo(timezone),
        )
    except (ValueError, IndexError, ZoneInfoNotFoundError) as error:
        raise BrokenTable(f"{cron!r} in {timezone!r} is not a schedule: {error}.") from error


def named(weekday: str) -> str:
    """The weekday field with names for numbers. A range may begin or end with Sunday: `0-5` and `5-7` are listed."""
    return ",".join(_named_part(part) for part in weekday.lower().split(","))


def _named_part(part: str) -> str:
    days, slash, step = part.partition("/")
    if not re.fullmatch(r"[0-7](-[0-7])?", days):
        if slash and days != "*":
            raise BrokenTable(f"{part!r}: list the weekdays instead of stepping over names.")
        return part if not slash else _listed(0, 6, step)
    first, _, last = days.partition("-")
    if not last and not slash:
        return WEEKDAYS[int(first)]
    return _listed(int(first), int(last or 6), step or "1")


def _listed(first: int, last: int, step: str) -> str:
    if not step.isdigit() or int(step) == 0 or first > last:
        raise BrokenTable(f"weekdays {first}-{last} in steps of {step!r} are none.")
    return ",".join(dict.fromkeys(WEEKDAYS[day] for day in range(first, last + 1, int(step))))


def latest_due(cron: CronTrigger, since: datetime, now: datetime) -> datetime | None:
    """The last due time after `since` and not after `now` (all aware), in UTC; None when there was none."""
    for window in WINDOWS:
        start = max(since, now - window)
        due = _last_between(cron, start, now)
        if due is not None or start == since:
            return due
    return _last_between(cron, since, now)


def _last_between(cron: CronTrigger, start: datetime, now: datetime) -> datetime | None:
    last, at = None, start
    while True:
        fire = cron.get_next_fire_time(None, at + timedelta(microseconds=1))
        if fire is None or fire > now:
            return last
        at = fire.astimezone(UTC)
        if not _said_before(cron, at):
            last = at


def _said_before(cron: CronTrigger, due: datetime) -> bool:
    """In autumn an hour comes twice. A line that names its hour means the first one; `* * * * *` means both."""
    every_hour = str(cron.fields[HOUR]) == "*"
    return due.astimezone(cron.timezone).fold == 1 and not every_hour
