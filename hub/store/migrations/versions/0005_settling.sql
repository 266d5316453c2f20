-- Exceptions are settled by people. Written from hub/store/tables.py, and never changed since.

ALTER TABLE exception_event
  ADD COLUMN number INTEGER, ADD COLUMN act TEXT, ADD COLUMN actor TEXT, ADD COLUMN owner TEXT,
  ADD COLUMN offered DOUBLE PRECISION, ADD COLUMN offered_by TEXT, ADD COLUMN due DATE, ADD COLUMN reason TEXT,
  ADD COLUMN comment TEXT;
UPDATE exception_event e SET number = n.number, actor = 'hub', act = CASE n.number WHEN 1 THEN 'find' ELSE 'resolve' END
  FROM (SELECT id, row_number() OVER (PARTITION BY exception_id ORDER BY id) AS number FROM exception_event) AS n
  WHERE n.id = e.id;
ALTER TABLE exception_event
  ALTER COLUMN number SET NOT NULL, ALTER COLUMN act SET NOT NULL, ALTER COLUMN actor SET NOT NULL,
  ADD CONSTRAINT exception_event_exception_id_number_key UNIQUE (exception_id, number);
DROP INDEX exception_event_exception_id_id_idx;
CREATE INDEX exception_agreement_id_item_location_id_period_id_idx
  ON exception (agreement_id, item_location_id, period, id);
