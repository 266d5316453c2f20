-- Accounts with roles, replies kept by request id, what the audit trail still has to seal, how far events are kept.
-- Written from hub/store/tables.py, and never changed since.

CREATE TABLE account (
  id INTEGER GENERATED ALWAYS AS IDENTITY, partner_id INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  role TEXT NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, disabled_at TIMESTAMP WITH TIME ZONE,
  revision INTEGER DEFAULT 1 NOT NULL,
  CONSTRAINT account_pkey PRIMARY KEY (id),
  CONSTRAINT account_kind_check CHECK (kind IN ('user', 'service')),
  CONSTRAINT account_role_check CHECK (role IN ('viewer', 'planner', 'operator', 'admin')),
  CONSTRAINT account_partner_id_name_key UNIQUE (partner_id, name),
  CONSTRAINT account_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partner (id)
);
INSERT INTO account (partner_id, name, kind, role, known_at)
  SELECT partner_id, label, 'service', 'admin', min(known_at) FROM credential GROUP BY partner_id, label;
ALTER TABLE credential ADD COLUMN account_id INTEGER, ADD COLUMN expires_at TIMESTAMP WITH TIME ZONE;
UPDATE credential c SET account_id = a.id FROM account a WHERE a.partner_id = c.partner_id AND a.name = c.label;
ALTER TABLE credential ALTER COLUMN account_id SET NOT NULL,
  ADD CONSTRAINT credential_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (id);
CREATE TABLE request_reply (
  partner_id INTEGER NOT NULL, request_id TEXT NOT NULL, method TEXT NOT NULL, digest BYTEA NOT NULL, reply BYTEA,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT request_reply_pkey PRIMARY KEY (partner_id, request_id),
  CONSTRAINT request_reply_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partner (id)
);
CREATE INDEX request_reply_known_at_idx ON request_reply (known_at);
CREATE TABLE event_floor (
  single BOOLEAN DEFAULT true NOT NULL, through BIGINT NOT NULL,
  CONSTRAINT event_floor_pkey PRIMARY KEY (single), CONSTRAINT event_floor_one_row_check CHECK (single)
);
INSERT INTO event_floor (through) VALUES (0);
CREATE TABLE audit_entry (
  id BIGINT GENERATED ALWAYS AS IDENTITY, at TIMESTAMP WITH TIME ZONE NOT NULL, actor TEXT NOT NULL,
  action TEXT NOT NULL, subject TEXT NOT NULL, detail JSONB DEFAULT '{}'::jsonb NOT NULL,
  CONSTRAINT audit_entry_pkey PRIMARY KEY (id)
);
