-- Lanes by name, and in each the job that is next.
CREATE INDEX hub_jobs_by_lane ON procrastinate_jobs (lock, priority DESC, id) WHERE status = 'todo' AND lock IS NOT NULL;
-- Jobs without a lane.
CREATE INDEX hub_jobs_without_lane ON procrastinate_jobs (priority DESC, id) WHERE status = 'todo' AND lock IS NULL;
-- Nobody reads that a job has begun; that it was deferred, and when, is read by the metrics.
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_trigger_status_events_update_v1;
