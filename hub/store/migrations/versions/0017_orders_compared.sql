-- Exceptions about orders beside those about sales. Written from hub/store/tables.py, and never changed since.

ALTER TABLE exception ADD COLUMN measure TEXT DEFAULT 'sales_forecast' NOT NULL;
UPDATE exception SET measure = 'order_forecast'
  WHERE agreement_id IN (SELECT id FROM agreement WHERE body ->> 'demand' = 'orders');
ALTER TABLE exception DROP CONSTRAINT exception_run_id_item_location_id_period_key;
ALTER TABLE exception ADD CONSTRAINT exception_run_id_item_location_id_period_measure_key
  UNIQUE (run_id, item_location_id, period, measure);
