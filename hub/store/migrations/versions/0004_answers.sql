-- Answers to single transactions, control numbers as ranges, order events. Written from hub/store/tables.py, and never
-- changed since.

ALTER TABLE acknowledgement
  ADD COLUMN group_control TEXT,
  ADD COLUMN control TEXT,
  ADD COLUMN codes TEXT[] DEFAULT '{}' NOT NULL,
  ADD COLUMN answer_id INTEGER,
  ADD CONSTRAINT acknowledgement_answer_id_fkey FOREIGN KEY (answer_id) REFERENCES message (id);

CREATE TABLE sent_transaction (
  message_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  group_control TEXT,
  kind TEXT NOT NULL,
  control TEXT NOT NULL,
  CONSTRAINT sent_transaction_pkey PRIMARY KEY (message_id, ordinal),
  CONSTRAINT sent_transaction_message_id_fkey FOREIGN KEY (message_id) REFERENCES message (id)
);
CREATE INDEX sent_transaction_group_control_message_id_idx ON sent_transaction (group_control, message_id);

CREATE TABLE control_range (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  format TEXT NOT NULL,
  sender_id INTEGER NOT NULL,
  sender TEXT NOT NULL,
  receiver TEXT NOT NULL,
  cycle INTEGER NOT NULL,
  low BIGINT NOT NULL,
  high BIGINT NOT NULL,
  CONSTRAINT control_range_pkey PRIMARY KEY (id),
  CONSTRAINT control_range_ordered_check CHECK (low <= high),
  CONSTRAINT control_range_once UNIQUE (format, sender_id, sender, receiver, cycle, low),
  CONSTRAINT control_range_sender_id_fkey FOREIGN KEY (sender_id) REFERENCES partner (id)
);

ALTER TABLE order_line ADD COLUMN received DOUBLE PRECISION;

CREATE TABLE order_event (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  purchase_order_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  number TEXT NOT NULL,
  message_id INTEGER,
  body JSONB DEFAULT '{}'::jsonb NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT order_event_pkey PRIMARY KEY (id),
  CONSTRAINT order_event_purchase_order_id_kind_number_key UNIQUE (purchase_order_id, kind, number),
  CONSTRAINT order_event_purchase_order_id_fkey FOREIGN KEY (purchase_order_id) REFERENCES purchase_order (id),
  CONSTRAINT order_event_message_id_fkey FOREIGN KEY (message_id) REFERENCES message (id)
);
