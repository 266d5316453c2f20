-- Joint business plans, the level of an exception, and which plan versions were told. Written from hub/store/tables.py,
-- and never changed since.

ALTER TABLE exception ADD COLUMN level TEXT DEFAULT 'item_location' NOT NULL;

CREATE TABLE business_plan (
  id INTEGER GENERATED ALWAYS AS IDENTITY, agreement_id INTEGER NOT NULL, version INTEGER NOT NULL, body JSONB DEFAULT '{}'::jsonb NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT business_plan_pkey PRIMARY KEY (id),
  CONSTRAINT business_plan_agreement_id_version_key UNIQUE (agreement_id, version),
  CONSTRAINT business_plan_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);

CREATE TABLE plan_told (
  version INTEGER NOT NULL, known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT plan_told_pkey PRIMARY KEY (version),
  CONSTRAINT plan_told_version_fkey FOREIGN KEY(version) REFERENCES plan_version (id)
);
