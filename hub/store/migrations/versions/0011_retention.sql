-- What was purged, and what may not be. Written from hub/store/tables.py, and never changed since.

CREATE TABLE purged (
  message_id INTEGER NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT purged_pkey PRIMARY KEY (message_id, what),
  CONSTRAINT purged_what_check CHECK (what IN ('bytes', 'documents', 'attempts')),
  CONSTRAINT purged_message_id_fkey FOREIGN KEY (message_id) REFERENCES message (id)
);
CREATE TABLE legal_hold (
  id INTEGER GENERATED ALWAYS AS IDENTITY, partner_id INTEGER NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, ended_at TIMESTAMP WITH TIME ZONE, ended_by TEXT,
  CONSTRAINT legal_hold_pkey PRIMARY KEY (id),
  CONSTRAINT legal_hold_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partner (id)
);
CREATE UNIQUE INDEX legal_hold_open ON legal_hold (partner_id) WHERE ended_at IS NULL;
INSERT INTO schedule (name, cron, job) VALUES ('purge', '20 2 * * *', 'purge');
