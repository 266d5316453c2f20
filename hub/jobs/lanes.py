"""Which job is next: of every lane in which nothing is under way the first one, and of those the most pressing.

Procrastinate asks of each waiting job whether another one of its lane stands before it, so that one look costs as much
as there are jobs behind a busy partner. Here lanes are found by hopping through an index from one name to the next, and
a look costs as much as there are lanes. The rules are the same: a lane's first job blocks those behind it, also while
it waits for its time.
"""

from __future__ import annotations

from collections.abc import Iterable

from procrastinate.exceptions import NoResult
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

NEXT = """
WITH RECURSIVE lane AS (
  (SELECT lock FROM procrastinate_jobs WHERE status = 'todo' AND lock IS NOT NULL ORDER BY lock LIMIT 1)
  UNION ALL
  SELECT (
    SELECT j.lock FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.lock > lane.lock ORDER BY j.lock LIMIT 1)
  FROM lane WHERE lane.lock IS NOT NULL),
head AS (
  SELECT h.id, h.priority FROM lane CROSS JOIN LATERAL (
    SELECT j.id, j.priority, j.scheduled_at FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.lock = lane.lock
    ORDER BY j.priority DESC, j.id LIMIT 1) AS h
  WHERE (h.scheduled_at IS NULL OR h.scheduled_at <= now())
    AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs d WHERE d.status = 'doing' AND d.lock = lane.lock)
  UNION ALL (
  SELECT j.id, j.priority FROM procrastinate_jobs j WHERE j.status = 'todo' AND j.lock IS NULL
    AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())
  ORDER BY j.priority DESC, j.id LIMIT %(crowd)s)),
chosen AS (
  SELECT j.id FROM procrastinate_jobs j JOIN head USING (id) WHERE j.status = 'todo'
  ORDER BY head.priority DESC, j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED)
UPDATE procrastinate_jobs job SET status = 'doing', worker_id = %(worker)s FROM chosen WHERE job.id = chosen.id
RETURNING job.id, job.status, job.task_name, job.priority, job.lock, job.queueing_lock, job.args, job.scheduled_at,
  job.queue_name, job.attempts, job.worker_id"""

CROWD = 32
"""So many jobs without a lane are looked at: others may be taking the first of them this moment."""


class Lanes(JobManager):
    """Procrastinate's manager with this look. The hub has one queue, so `queues` is not asked about."""

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        try:
            row = await self.connector.execute_query_one_async(NEXT, worker=worker_id, crowd=CROWD)
        except NoResult:
            return None
        return Job.from_row(row)
