-- Deliveries that live by themselves instead of as jobs. Written from hub/store/tables.py, and never changed since.

ALTER TABLE delivery
  ADD COLUMN state TEXT DEFAULT 'queued'::text NOT NULL,
  ADD COLUMN attempts INTEGER DEFAULT 0 NOT NULL,
  ADD COLUMN failures INTEGER DEFAULT 0 NOT NULL,
  ADD COLUMN losses INTEGER DEFAULT 0 NOT NULL,
  ADD COLUMN next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  ADD COLUMN first_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN claimed_by INTEGER,
  ADD COLUMN claimed_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN delivered_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN due_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN overdue_at TIMESTAMP WITH TIME ZONE;
UPDATE delivery d SET
  state = CASE m.state WHEN 'queued' THEN 'queued' WHEN 'failed' THEN 'failed' ELSE 'delivered' END,
  attempts = (SELECT count(*) FROM attempt a WHERE a.delivery_id = d.id),
  delivered_at = CASE WHEN m.state IN ('sent', 'acknowledged') THEN
    (SELECT max(a.known_at) FROM attempt a WHERE a.delivery_id = d.id AND a.ok) END
  FROM message m WHERE m.id = d.message_id;
ALTER TABLE delivery ADD CONSTRAINT delivery_state_check
  CHECK (state IN ('queued', 'sending', 'waiting', 'delivered', 'failed', 'discarded'));
CREATE INDEX delivery_open ON delivery (partner_id, id) WHERE state IN ('queued', 'waiting');
CREATE INDEX delivery_sending ON delivery (partner_id) WHERE state = 'sending';
CREATE INDEX delivery_due ON delivery (due_at) WHERE due_at IS NOT NULL AND overdue_at IS NULL;
DELETE FROM procrastinate_jobs WHERE task_name = 'send' AND status = 'todo';

ALTER TABLE attempt
  ADD COLUMN outcome TEXT DEFAULT 'retry'::text NOT NULL,
  ADD COLUMN seconds DOUBLE PRECISION;
UPDATE attempt SET outcome = 'delivered' WHERE ok;

CREATE TABLE circuit (
  partner_id INTEGER NOT NULL, failures INTEGER DEFAULT 0 NOT NULL, opened_at TIMESTAMP WITH TIME ZONE,
  open_until TIMESTAMP WITH TIME ZONE, reason TEXT,
  CONSTRAINT circuit_pkey PRIMARY KEY (partner_id),
  CONSTRAINT circuit_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partner (id)
);

CREATE TABLE dead_letter_end (
  dead_letter_id INTEGER NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT dead_letter_end_pkey PRIMARY KEY (dead_letter_id),
  CONSTRAINT dead_letter_end_dead_letter_id_fkey FOREIGN KEY(dead_letter_id) REFERENCES dead_letter (id)
);
CREATE INDEX dead_letter_message_id_idx ON dead_letter (message_id);

CREATE TABLE alert (
  id INTEGER GENERATED ALWAYS AS IDENTITY, public_id TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  partner_id INTEGER, severity TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, closed_at TIMESTAMP WITH TIME ZONE,
  told TEXT[] DEFAULT '{}'::text[] NOT NULL, tries INTEGER DEFAULT 0 NOT NULL,
  tell_at TIMESTAMP WITH TIME ZONE DEFAULT now(),
  CONSTRAINT alert_pkey PRIMARY KEY (id), CONSTRAINT alert_public_id_key UNIQUE (public_id),
  CONSTRAINT alert_partner_id_fkey FOREIGN KEY(partner_id) REFERENCES partner (id)
);
CREATE UNIQUE INDEX alert_open ON alert (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alert_untold ON alert (tell_at) WHERE tell_at IS NOT NULL;

ALTER TABLE message ADD COLUMN sender_reference TEXT;
DROP INDEX message_once;
CREATE UNIQUE INDEX message_once ON message (claimed_id, sha256) NULLS NOT DISTINCT
  WHERE direction = 'in' AND state IN ('received', 'processed');
CREATE UNIQUE INDEX message_reference_once ON message (claimed_id, channel, sender_reference) NULLS NOT DISTINCT
  WHERE direction = 'in' AND sender_reference IS NOT NULL AND state IN ('received', 'processed');
CREATE INDEX message_control_idx ON message (control);
CREATE INDEX document_number_idx ON document (number);

CREATE TABLE answer (
  message_id INTEGER NOT NULL, status INTEGER NOT NULL, headers JSONB DEFAULT '{}'::jsonb NOT NULL,
  body BYTEA NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT answer_pkey PRIMARY KEY (message_id),
  CONSTRAINT answer_message_id_fkey FOREIGN KEY(message_id) REFERENCES message (id)
);
