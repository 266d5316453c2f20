-- Tests apart from what is live. What is there already is live. Written from hub/store/tables.py, and never changed since.

ALTER TABLE message ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE interchange ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE document ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE control_range ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE control_number ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE purchase_order ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE order_line ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE order_event ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE item_location ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE block ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE series ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE observation_chunk ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE plan_version ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE plan_line ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE plan_reason ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE event ADD COLUMN test BOOLEAN DEFAULT (coalesce(current_setting('hub.sandbox', true), '') = 'on') NOT NULL;
ALTER TABLE message ADD COLUMN staged BOOLEAN DEFAULT false NOT NULL;

DROP INDEX message_once;
CREATE UNIQUE INDEX message_once ON message (claimed_id, sha256, staged) NULLS NOT DISTINCT
  WHERE direction = 'in' AND state IN ('received', 'processed');
DROP INDEX message_reference_once;
CREATE UNIQUE INDEX message_reference_once ON message (claimed_id, channel, sender_reference, staged) NULLS NOT DISTINCT
  WHERE direction = 'in' AND sender_reference IS NOT NULL AND state IN ('received', 'processed');
ALTER TABLE interchange DROP CONSTRAINT interchange_once, ADD CONSTRAINT interchange_once UNIQUE NULLS NOT DISTINCT
  (format, sender_id, sender_qualifier, sender, receiver_qualifier, receiver, control, test);
ALTER TABLE control_range DROP CONSTRAINT control_range_once, ADD CONSTRAINT control_range_once
  UNIQUE (format, sender_id, sender, receiver, cycle, low, test);
ALTER TABLE control_number DROP CONSTRAINT control_number_pkey, ADD CONSTRAINT control_number_pkey
  PRIMARY KEY (format, sender, receiver, scope, test);
ALTER TABLE purchase_order DROP CONSTRAINT purchase_order_buyer_id_seller_id_number_key,
  ADD CONSTRAINT purchase_order_buyer_id_seller_id_number_test_key UNIQUE (buyer_id, seller_id, number, test);
ALTER TABLE item_location DROP CONSTRAINT item_location_agreement_id_gln_gtin_key,
  ADD CONSTRAINT item_location_agreement_id_gln_gtin_test_key UNIQUE (agreement_id, gln, gtin, test);

CREATE TABLE partner_stage (
  id INTEGER GENERATED ALWAYS AS IDENTITY, partner_id INTEGER NOT NULL, stage TEXT NOT NULL, actor TEXT NOT NULL,
  reason TEXT NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT partner_stage_pkey PRIMARY KEY (id),
  CONSTRAINT partner_stage_stage_check CHECK (stage IN ('drafted', 'connected', 'tested', 'live')),
  CONSTRAINT partner_stage_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partner (id)
);
CREATE INDEX partner_stage_partner_id_id_idx ON partner_stage (partner_id, id);
INSERT INTO partner_stage (partner_id, stage, actor, reason)
  SELECT DISTINCT ON (partner_id) partner_id, coalesce(body #>> '{profile,stage}', 'live'), 'profile',
    'This is where its profile let it begin.' FROM profile_version ORDER BY partner_id, version DESC;
