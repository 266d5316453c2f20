-- What happens to an order has a public id, random and untimed as all of them.
-- Written from hub/store/tables.py, and never changed since.

ALTER TABLE order_event ADD COLUMN public_id TEXT;
UPDATE order_event SET public_id = 'evt_' || substr(translate(encode(sha256(convert_to(
  gen_random_uuid()::text || id::text, 'UTF8')), 'base64'), '+/=', 'xyz'), 1, 22);
ALTER TABLE order_event ALTER COLUMN public_id SET NOT NULL,
  ADD CONSTRAINT order_event_public_id_key UNIQUE (public_id);
