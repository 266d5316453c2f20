"""What the whole hub has to do, counted: jobs, deliveries, messages and troubles. No figure names a partner."""

from __future__ import annotations

from typing import LiteralString

from hub.ports import Figure
from hub.store.transaction import Transaction

QUERIES: dict[tuple[str, str], LiteralString] = {
    ("hub_jobs", "Jobs by name and status."): """
        SELECT task_name AS job, status::text AS status, count(*)::float8 AS value FROM procrastinate_jobs
        WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1, 2""",
    ("hub_oldest_job_seconds", "How long the oldest waiting job has been due."): """
        SELECT coalesce(max(extract(epoch FROM now() - greatest(e.at, j.scheduled_at))), 0)::float8 AS value
        FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
        WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())""",
    ("hub_deliveries", "Files for partners that have not arrived, by state and channel."): """
        SELECT state, channel, count(*)::float8 AS value FROM delivery
        WHERE state IN ('queued', 'sending', 'waiting') GROUP BY 1, 2""",
    ("hub_oldest_delivery_seconds", "Age of the oldest file that is to be carried."): """
        SELECT coalesce(max(extract(epoch FROM now() - known_at)), 0)::float8 AS value FROM delivery
        WHERE state IN ('queued', 'sending')""",
    ("hub_circuits_open", "Partners out of reach."): """
        SELECT count(*)::float8 AS value FROM circuit WHERE opened_at IS NOT NULL""",
    ("hub_overdue_acknowledgements", "Files whose acknowledgement is overdue."): """
        SELECT count(*)::float8 AS value FROM delivery d JOIN message m ON m.id = d.message_id
        WHERE d.overdue_at IS NOT NULL AND m.state = 'sent'""",
    ("hub_dead_letters", "Messages that were given up and wait for somebody, by job."): """
        SELECT job, count(*)::float8 AS value FROM dead_letter d
        WHERE NOT EXISTS (SELECT 1 FROM dead_letter_end e WHERE e.dead_letter_id = d.id) GROUP BY 1""",
    ("hub_alerts_open", "Alerts by kind."): """
        SELECT kind, count(*)::float8 AS value FROM alert WHERE closed_at IS NULL GROUP BY 1""",
    ("hub_workers", "Worker processes that gave a sign of life within the last minute."): """
        SELECT count(*)::float8 AS value FROM procrastinate_workers
        WHERE last_heartbeat > now() - interval '1 minute'""",
}


class StoredFigures:
    """`hub.ports.Figures`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def read(self) -> list[Figure]:
        found = []
        for (name, meaning), query in QUERIES.items():
            for row in await self._transaction.rows(query):
                value = row.pop("value")
                found.append(Figure(name, meaning, {k: str(v) for k, v in row.items()}, value))
        return found
