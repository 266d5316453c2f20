"""The look for the next job: the same choice as procrastinate's own, at the cost of the lanes and not of their jobs."""

from __future__ import annotations

import random
from typing import Any

import psycopg

from hub.jobs.lanes import NEXT
from hub.store import Urls

PUT = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, status, scheduled_at)
VALUES ('default', 'process', %s, %s, %s, now() + make_interval(secs => %s))"""
THEIRS = "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['default'], NULL)"


def crowd(chance: random.Random) -> list[tuple[Any, ...]]:
    """Some jobs in a few lanes, at most one of each under way; some wait for their time."""
    busy: set[str] = set()
    jobs = []
    for _ in range(chance.randrange(12)):
        lock = chance.choice([None, "in:acme", "in:bolt", "in:zinc"])
        doing = lock is not None and lock not in busy and chance.random() < 0.15
        busy |= {lock} if doing and lock else set()
        jobs.append((chance.choice([0, 0, 0, 5]), lock, "doing" if doing else "todo", chance.choice([-9, -9, 99])))
    return jobs


def choices(connection: psycopg.Connection[Any], query: str, values: dict[str, Any] | None = None) -> list[int]:
    """What the look finds, again and again until there is nothing more; nothing of it stays."""
    found = []
    with connection.transaction(force_rollback=True):
        while (row := connection.execute(query, values).fetchone()) and row[0] is not None:
            found.append(row[0])
    return found


def test_the_next_job_is_the_one_that_procrastinate_would_take(urls: Urls) -> None:
    chance = random.Random(4711)
    with psycopg.connect(urls.worker, autocommit=True) as connection:
        for _ in range(150):
            with connection.transaction(force_rollback=True):
                with connection.cursor() as cursor:
                    cursor.executemany(PUT, crowd(chance))
                ours = choices(connection, NEXT, {"worker": None, "crowd": 32})
                assert ours == choices(connection, THEIRS)


def test_a_look_does_not_read_the_jobs_behind_a_busy_lane(urls: Urls) -> None:
    with psycopg.connect(urls.worker, autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.executemany(PUT, [(0, "in:acme", "doing", -9)] + [(0, "in:acme", "todo", -9)] * 3000)
        assert choices(connection, NEXT, {"worker": None, "crowd": 32}) == []
        read = rows_read(connection)
        assert read < 100, f"{read} rows were read to find that a lane of 3000 jobs is busy"


def rows_read(connection: psycopg.Connection[Any]) -> int:
    plan = connection.execute("EXPLAIN (ANALYZE, TIMING off, FORMAT json) " + NEXT, {"worker": None, "crowd": 32})
    row = plan.fetchone()
    assert row is not None
    return counted(row[0][0]["Plan"])


def counted(node: dict[str, Any]) -> int:
    """Rows that the steps of a plan have given or looked at and left."""
    own = node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    return int(own + sum(counted(below) for below in node.get("Plans", ())))
