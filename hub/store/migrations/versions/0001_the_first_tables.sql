-- The first tables. Written from hub/store/tables.py when version 0001 was made, and never changed since.

CREATE TABLE agreement (
  id INTEGER GENERATED ALWAYS AS IDENTITY, name TEXT NOT NULL, valid_from DATE NOT NULL, valid_to DATE,
  items TEXT[] NOT NULL, locations TEXT[] NOT NULL, body JSONB DEFAULT '{}'::jsonb NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT agreement_pkey PRIMARY KEY (id),
  CONSTRAINT agreement_name_key UNIQUE (name)
);

CREATE TABLE audit (
  id BIGINT GENERATED ALWAYS AS IDENTITY, at TIMESTAMP WITH TIME ZONE NOT NULL, actor TEXT NOT NULL,
  action TEXT NOT NULL, subject TEXT NOT NULL, detail JSONB DEFAULT '{}'::jsonb NOT NULL, previous BYTEA NOT NULL,
  digest BYTEA NOT NULL, CONSTRAINT audit_pkey PRIMARY KEY (id)
);

CREATE TABLE control_number (
  format TEXT NOT NULL, sender TEXT NOT NULL, receiver TEXT NOT NULL, scope TEXT NOT NULL, last INTEGER NOT NULL,
  CONSTRAINT control_number_pkey PRIMARY KEY (format, sender, receiver, scope)
);

CREATE TABLE event (
  id BIGINT GENERATED ALWAYS AS IDENTITY, type TEXT NOT NULL, subject TEXT NOT NULL, partners INTEGER[] NOT NULL,
  data JSONB DEFAULT '{}'::jsonb NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT event_pkey PRIMARY KEY (id)
);

CREATE TABLE partner (
  id INTEGER GENERATED ALWAYS AS IDENTITY, name TEXT NOT NULL, gln TEXT,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT partner_pkey PRIMARY KEY (id),
  CONSTRAINT partner_name_key UNIQUE (name), CONSTRAINT partner_gln_key UNIQUE (gln)
);

CREATE TABLE schedule (
  id INTEGER GENERATED ALWAYS AS IDENTITY, name TEXT NOT NULL, cron TEXT NOT NULL,
  timezone TEXT DEFAULT 'UTC' NOT NULL, job TEXT NOT NULL, arguments JSONB DEFAULT '{}'::jsonb NOT NULL,
  enabled BOOLEAN DEFAULT true NOT NULL, last_due TIMESTAMP WITH TIME ZONE,
  CONSTRAINT schedule_pkey PRIMARY KEY (id), CONSTRAINT schedule_name_key UNIQUE (name)
);

CREATE TABLE agreement_member (
  agreement_id INTEGER NOT NULL, partner_id INTEGER NOT NULL, role TEXT NOT NULL, measures SMALLINT[] NOT NULL,
  CONSTRAINT agreement_member_pkey PRIMARY KEY (agreement_id, partner_id),
  CONSTRAINT agreement_member_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT agreement_member_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partner (id)
);
CREATE INDEX agreement_member_partner_id_idx ON agreement_member (partner_id);

CREATE TABLE agreement_version (
  id INTEGER GENERATED ALWAYS AS IDENTITY, agreement_id INTEGER NOT NULL, version INTEGER NOT NULL,
  body JSONB DEFAULT '{}'::jsonb NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT agreement_version_pkey PRIMARY KEY (id),
  CONSTRAINT agreement_version_agreement_id_version_key UNIQUE (agreement_id, version),
  CONSTRAINT agreement_version_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);

CREATE TABLE block (
  id INTEGER GENERATED ALWAYS AS IDENTITY, agreement_id INTEGER NOT NULL, measure SMALLINT NOT NULL,
  used SMALLINT NOT NULL, CONSTRAINT block_pkey PRIMARY KEY (id),
  CONSTRAINT block_used_check CHECK (used BETWEEN 0 AND 512),
  CONSTRAINT block_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);
CREATE INDEX block_agreement_id_measure_idx ON block (agreement_id, measure);

CREATE TABLE credential (
  id INTEGER GENERATED ALWAYS AS IDENTITY, partner_id INTEGER NOT NULL, label TEXT NOT NULL,
  token_hash BYTEA NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE, CONSTRAINT credential_pkey PRIMARY KEY (id),
  CONSTRAINT credential_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partner (id),
  CONSTRAINT credential_token_hash_key UNIQUE (token_hash)
);

CREATE TABLE item (
  id INTEGER GENERATED ALWAYS AS IDENTITY, gtin TEXT NOT NULL, owner_id INTEGER NOT NULL, name TEXT NOT NULL,
  base_unit TEXT NOT NULL, grouping TEXT, unit_value NUMERIC, CONSTRAINT item_pkey PRIMARY KEY (id),
  CONSTRAINT item_gtin_key UNIQUE (gtin),
  CONSTRAINT item_owner_id_fkey FOREIGN KEY(owner_id) REFERENCES partner (id)
);

CREATE TABLE item_location (
  id INTEGER GENERATED ALWAYS AS IDENTITY, agreement_id INTEGER NOT NULL, gln TEXT NOT NULL, gtin TEXT NOT NULL,
  CONSTRAINT item_location_pkey PRIMARY KEY (id),
  CONSTRAINT item_location_agreement_id_gln_gtin_key UNIQUE (agreement_id, gln, gtin),
  CONSTRAINT item_location_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);

CREATE TABLE location (
  id INTEGER GENERATED ALWAYS AS IDENTITY, gln TEXT NOT NULL, owner_id INTEGER NOT NULL, name TEXT NOT NULL,
  kind TEXT NOT NULL, code TEXT, CONSTRAINT location_pkey PRIMARY KEY (id),
  CONSTRAINT location_gln_key UNIQUE (gln),
  CONSTRAINT location_owner_id_fkey FOREIGN KEY(owner_id) REFERENCES partner (id)
);

CREATE TABLE master_version (
  id INTEGER GENERATED ALWAYS AS IDENTITY, partner_id INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
  body JSONB DEFAULT '{}'::jsonb NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT master_version_pkey PRIMARY KEY (id),
  CONSTRAINT master_version_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partner (id)
);
CREATE INDEX master_version_kind_key_idx ON master_version (kind, key);

CREATE TABLE message (
  id INTEGER GENERATED ALWAYS AS IDENTITY, public_id TEXT NOT NULL, direction TEXT NOT NULL, channel TEXT NOT NULL,
  state TEXT NOT NULL, claimed_id INTEGER, sender_id INTEGER, receiver_id INTEGER, format TEXT, kind TEXT,
  version TEXT, control TEXT, sha256 TEXT NOT NULL, length BIGINT NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL, filename TEXT, in_reply_to INTEGER,
  findings JSONB DEFAULT '[]'::jsonb NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT message_pkey PRIMARY KEY (id), CONSTRAINT message_direction_check CHECK (direction IN ('in', 'out')),
  CONSTRAINT message_public_id_key UNIQUE (public_id),
  CONSTRAINT message_claimed_id_fkey FOREIGN KEY(claimed_id) REFERENCES partner (id),
  CONSTRAINT message_sender_id_fkey FOREIGN KEY(sender_id) REFERENCES partner (id),
  CONSTRAINT message_receiver_id_fkey FOREIGN KEY(receiver_id) REFERENCES partner (id),
  CONSTRAINT message_in_reply_to_fkey FOREIGN KEY(in_reply_to) REFERENCES message (id)
);
CREATE UNIQUE INDEX message_once ON message (claimed_id, sha256) NULLS NOT DISTINCT WHERE direction = 'in';
CREATE INDEX message_receiver_id_id_idx ON message (receiver_id, id);
CREATE INDEX message_sender_id_id_idx ON message (sender_id, id);
CREATE INDEX message_sent_control ON message (receiver_id, format, ltrim(control, '0'::text), id) WHERE direction =
  'out';
CREATE INDEX message_state_id_idx ON message (state, id);

CREATE TABLE plan_version (
  id INTEGER GENERATED ALWAYS AS IDENTITY, public_id TEXT NOT NULL, agreement_id INTEGER NOT NULL,
  author_id INTEGER, measure SMALLINT NOT NULL, first_week DATE NOT NULL, weeks INTEGER NOT NULL, source TEXT,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT plan_version_pkey PRIMARY KEY (id),
  CONSTRAINT plan_version_public_id_key UNIQUE (public_id),
  CONSTRAINT plan_version_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT plan_version_author_id_fkey FOREIGN KEY(author_id) REFERENCES partner (id)
);
CREATE INDEX plan_version_agreement_id_measure_id_idx ON plan_version (agreement_id, measure, id);

CREATE TABLE profile_version (
  id INTEGER GENERATED ALWAYS AS IDENTITY, partner_id INTEGER NOT NULL, version INTEGER NOT NULL,
  digest TEXT NOT NULL, body JSONB DEFAULT '{}'::jsonb NOT NULL, overlays JSONB DEFAULT '{}'::jsonb NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT profile_version_pkey PRIMARY KEY (id),
  CONSTRAINT profile_version_partner_id_version_key UNIQUE (partner_id, version),
  CONSTRAINT profile_version_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partner (id)
);

CREATE TABLE run (
  id INTEGER GENERATED ALWAYS AS IDENTITY, public_id TEXT NOT NULL, agreement_id INTEGER NOT NULL,
  as_of DATE NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT run_pkey PRIMARY KEY (id), CONSTRAINT run_agreement_id_as_of_key UNIQUE (agreement_id, as_of),
  CONSTRAINT run_public_id_key UNIQUE (public_id),
  CONSTRAINT run_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);

CREATE TABLE schedule_run (
  schedule_id INTEGER NOT NULL, due TIMESTAMP WITH TIME ZONE NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT schedule_run_pkey PRIMARY KEY (schedule_id, due),
  CONSTRAINT schedule_run_schedule_id_fkey FOREIGN KEY(schedule_id) REFERENCES schedule (id)
);

CREATE TABLE acknowledgement (
  id INTEGER GENERATED ALWAYS AS IDENTITY, message_id INTEGER NOT NULL, scope TEXT NOT NULL, outcome TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT acknowledgement_pkey PRIMARY KEY (id),
  CONSTRAINT acknowledgement_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id)
);
CREATE INDEX acknowledgement_message_id_idx ON acknowledgement (message_id);

CREATE TABLE dead_letter (
  id INTEGER GENERATED ALWAYS AS IDENTITY, message_id INTEGER NOT NULL, job TEXT NOT NULL, reason TEXT NOT NULL,
  attempts INTEGER NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT dead_letter_pkey PRIMARY KEY (id),
  CONSTRAINT dead_letter_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id)
);

CREATE TABLE delivery (
  id INTEGER GENERATED ALWAYS AS IDENTITY, message_id INTEGER NOT NULL, partner_id INTEGER NOT NULL,
  channel TEXT NOT NULL, filename TEXT NOT NULL, expects TEXT,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT delivery_pkey PRIMARY KEY (id),
  CONSTRAINT delivery_message_id_key UNIQUE (message_id),
  CONSTRAINT delivery_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id),
  CONSTRAINT delivery_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partner (id)
);
CREATE INDEX delivery_partner_id_idx ON delivery (partner_id);

CREATE TABLE document (
  id INTEGER GENERATED ALWAYS AS IDENTITY, public_id TEXT NOT NULL, message_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL, kind TEXT NOT NULL, transaction TEXT NOT NULL, version TEXT, control TEXT, number TEXT,
  sender_id INTEGER, receiver_id INTEGER, status TEXT NOT NULL, body JSONB DEFAULT '{}'::jsonb NOT NULL,
  findings JSONB DEFAULT '[]'::jsonb NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT document_pkey PRIMARY KEY (id), CONSTRAINT document_public_id_key UNIQUE (public_id),
  CONSTRAINT document_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id),
  CONSTRAINT document_sender_id_fkey FOREIGN KEY(sender_id) REFERENCES partner (id),
  CONSTRAINT document_receiver_id_fkey FOREIGN KEY(receiver_id) REFERENCES partner (id)
);
CREATE INDEX document_kind_number_idx ON document (kind, number);
CREATE INDEX document_message_id_idx ON document (message_id);

CREATE TABLE exception (
  id INTEGER GENERATED ALWAYS AS IDENTITY, public_id TEXT NOT NULL, run_id INTEGER NOT NULL,
  agreement_id INTEGER NOT NULL, item_location_id INTEGER NOT NULL, period DATE NOT NULL, lag INTEGER NOT NULL,
  left_party TEXT NOT NULL, right_party TEXT NOT NULL, left_quantity DOUBLE PRECISION NOT NULL,
  right_quantity DOUBLE PRECISION NOT NULL, percent DOUBLE PRECISION NOT NULL,
  value_at_stake DOUBLE PRECISION NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT exception_pkey PRIMARY KEY (id),
  CONSTRAINT exception_run_id_item_location_id_period_key UNIQUE (run_id, item_location_id, period),
  CONSTRAINT exception_public_id_key UNIQUE (public_id),
  CONSTRAINT exception_run_id_fkey FOREIGN KEY(run_id) REFERENCES run (id),
  CONSTRAINT exception_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT exception_item_location_id_fkey FOREIGN KEY(item_location_id) REFERENCES item_location (id)
);
CREATE INDEX exception_run_id_value_at_stake_id_idx ON exception (run_id, value_at_stake, id);

CREATE TABLE interchange (
  id INTEGER GENERATED ALWAYS AS IDENTITY, format TEXT NOT NULL, sender_id INTEGER, sender_qualifier TEXT,
  sender TEXT, receiver_qualifier TEXT, receiver TEXT, control TEXT NOT NULL, message_id INTEGER NOT NULL,
  CONSTRAINT interchange_pkey PRIMARY KEY (id),
  CONSTRAINT interchange_once UNIQUE NULLS NOT DISTINCT (format, sender_id, sender_qualifier, sender, receiver_qualifier, receiver, control),
  CONSTRAINT interchange_sender_id_fkey FOREIGN KEY(sender_id) REFERENCES partner (id),
  CONSTRAINT interchange_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id)
);

CREATE TABLE item_code (
  partner_id INTEGER NOT NULL, scheme TEXT NOT NULL, code TEXT NOT NULL, item_id INTEGER NOT NULL,
  CONSTRAINT item_code_pkey PRIMARY KEY (partner_id, scheme, code),
  CONSTRAINT item_code_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partner (id),
  CONSTRAINT item_code_item_id_fkey FOREIGN KEY(item_id) REFERENCES item (id)
);
CREATE INDEX item_code_item_id_idx ON item_code (item_id);

CREATE TABLE message_chunk (
  message_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, content BYTEA NOT NULL,
  CONSTRAINT message_chunk_pkey PRIMARY KEY (message_id, ordinal),
  CONSTRAINT message_chunk_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id)
);

CREATE TABLE observation_chunk (
  block INTEGER NOT NULL, period DATE NOT NULL, message_id INTEGER NOT NULL, part SMALLINT NOT NULL,
  agreement_id INTEGER NOT NULL, measure SMALLINT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, series_ids INTEGER[] NOT NULL,
  quantities DOUBLE PRECISION[] NOT NULL,
  CONSTRAINT observation_chunk_pkey PRIMARY KEY (block, period, message_id, part),
  CONSTRAINT observation_chunk_aligned_check CHECK (cardinality(series_ids) = cardinality(quantities)),
  CONSTRAINT observation_chunk_block_fkey FOREIGN KEY(block) REFERENCES block (id),
  CONSTRAINT observation_chunk_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id),
  CONSTRAINT observation_chunk_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);
CREATE INDEX observation_chunk_agreement_id_measure_idx ON observation_chunk (agreement_id, measure);
CREATE INDEX observation_chunk_message_id_idx ON observation_chunk (message_id);

CREATE TABLE plan_line (
  version INTEGER NOT NULL, item_location_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL, author_id INTEGER,
  measure SMALLINT NOT NULL, quantities DOUBLE PRECISION[] NOT NULL,
  CONSTRAINT plan_line_pkey PRIMARY KEY (version, item_location_id),
  CONSTRAINT plan_line_version_fkey FOREIGN KEY(version) REFERENCES plan_version (id),
  CONSTRAINT plan_line_item_location_id_fkey FOREIGN KEY(item_location_id) REFERENCES item_location (id),
  CONSTRAINT plan_line_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT plan_line_author_id_fkey FOREIGN KEY(author_id) REFERENCES partner (id)
);

CREATE TABLE purchase_order (
  id INTEGER GENERATED ALWAYS AS IDENTITY, public_id TEXT NOT NULL, number TEXT NOT NULL,
  buyer_id INTEGER NOT NULL, seller_id INTEGER NOT NULL, state TEXT NOT NULL, placed_on DATE NOT NULL,
  deliver_on DATE, currency TEXT, message_id INTEGER, body JSONB DEFAULT '{}'::jsonb NOT NULL, response JSONB,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT purchase_order_pkey PRIMARY KEY (id),
  CONSTRAINT purchase_order_buyer_id_seller_id_number_key UNIQUE (buyer_id, seller_id, number),
  CONSTRAINT purchase_order_public_id_key UNIQUE (public_id),
  CONSTRAINT purchase_order_buyer_id_fkey FOREIGN KEY(buyer_id) REFERENCES partner (id),
  CONSTRAINT purchase_order_seller_id_fkey FOREIGN KEY(seller_id) REFERENCES partner (id),
  CONSTRAINT purchase_order_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id)
);
CREATE INDEX purchase_order_seller_id_idx ON purchase_order (seller_id);

CREATE TABLE run_step (
  id INTEGER GENERATED ALWAYS AS IDENTITY, run_id INTEGER NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL,
  detail JSONB DEFAULT '{}'::jsonb NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT run_step_pkey PRIMARY KEY (id),
  CONSTRAINT run_step_run_id_fkey FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE INDEX run_step_run_id_id_idx ON run_step (run_id, id);

CREATE TABLE series (
  id INTEGER NOT NULL, agreement_id INTEGER NOT NULL, measure SMALLINT NOT NULL, item_location_id INTEGER NOT NULL,
  CONSTRAINT series_pkey PRIMARY KEY (id),
  CONSTRAINT series_agreement_id_measure_item_location_id_key UNIQUE (agreement_id, measure, item_location_id),
  CONSTRAINT series_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT series_item_location_id_fkey FOREIGN KEY(item_location_id) REFERENCES item_location (id)
);

CREATE TABLE unit_conversion (
  item_id INTEGER NOT NULL, unit TEXT NOT NULL, factor NUMERIC NOT NULL,
  CONSTRAINT unit_conversion_pkey PRIMARY KEY (item_id, unit),
  CONSTRAINT unit_conversion_positive_check CHECK (factor > 0),
  CONSTRAINT unit_conversion_item_id_fkey FOREIGN KEY(item_id) REFERENCES item (id)
);

CREATE TABLE attempt (
  id INTEGER GENERATED ALWAYS AS IDENTITY, delivery_id INTEGER NOT NULL, ok BOOLEAN NOT NULL, detail TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT attempt_pkey PRIMARY KEY (id),
  CONSTRAINT attempt_delivery_id_fkey FOREIGN KEY(delivery_id) REFERENCES delivery (id)
);
CREATE INDEX attempt_delivery_id_idx ON attempt (delivery_id);

CREATE TABLE exception_baseline (
  exception_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL, quantity DOUBLE PRECISION NOT NULL,
  CONSTRAINT exception_baseline_pkey PRIMARY KEY (exception_id),
  CONSTRAINT exception_baseline_exception_id_fkey FOREIGN KEY(exception_id) REFERENCES exception (id),
  CONSTRAINT exception_baseline_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);

CREATE TABLE exception_event (
  id INTEGER GENERATED ALWAYS AS IDENTITY, exception_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL,
  state TEXT NOT NULL, settled DOUBLE PRECISION, rule TEXT,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT exception_event_pkey PRIMARY KEY (id),
  CONSTRAINT exception_event_exception_id_fkey FOREIGN KEY(exception_id) REFERENCES exception (id),
  CONSTRAINT exception_event_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);
CREATE INDEX exception_event_exception_id_id_idx ON exception_event (exception_id, id);

CREATE TABLE order_line (
  purchase_order_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, number TEXT, gtin TEXT, gln TEXT, due DATE,
  factor DOUBLE PRECISION, ordered DOUBLE PRECISION NOT NULL, promised DOUBLE PRECISION,
  CONSTRAINT order_line_pkey PRIMARY KEY (purchase_order_id, ordinal),
  CONSTRAINT order_line_purchase_order_id_fkey FOREIGN KEY(purchase_order_id) REFERENCES purchase_order (id)
);
