-- Why a version says what it says, and how good those before it were. Written from hub/store/tables.py, and never changed
-- since.

ALTER TABLE plan_version ADD COLUMN reason JSONB;

CREATE TABLE plan_reason (
  version INTEGER NOT NULL, item_location_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL, author_id INTEGER,
  measure SMALLINT NOT NULL, made_by TEXT NOT NULL, parts DOUBLE PRECISION[] NOT NULL,
  CONSTRAINT plan_reason_pkey PRIMARY KEY (version, item_location_id),
  CONSTRAINT plan_reason_version_fkey FOREIGN KEY(version) REFERENCES plan_version (id),
  CONSTRAINT plan_reason_item_location_id_fkey FOREIGN KEY(item_location_id) REFERENCES item_location (id),
  CONSTRAINT plan_reason_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT plan_reason_author_id_fkey FOREIGN KEY(author_id) REFERENCES partner (id)
);

CREATE TABLE scorecard (
  id INTEGER GENERATED ALWAYS AS IDENTITY, run_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL,
  observed SMALLINT NOT NULL, first_week DATE NOT NULL, last_week DATE NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, CONSTRAINT scorecard_pkey PRIMARY KEY (id),
  CONSTRAINT scorecard_run_id_key UNIQUE (run_id),
  CONSTRAINT scorecard_run_id_fkey FOREIGN KEY(run_id) REFERENCES run (id),
  CONSTRAINT scorecard_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);
CREATE INDEX scorecard_agreement_id_id_idx ON scorecard (agreement_id, id);

CREATE TABLE accuracy (
  id INTEGER GENERATED ALWAYS AS IDENTITY, scorecard_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL,
  observed SMALLINT NOT NULL, author TEXT NOT NULL, author_id INTEGER, measure SMALLINT NOT NULL,
  lag INTEGER NOT NULL, grouping TEXT NOT NULL, cells INTEGER NOT NULL, error DOUBLE PRECISION NOT NULL,
  absolute DOUBLE PRECISION NOT NULL, actual DOUBLE PRECISION NOT NULL, volume DOUBLE PRECISION NOT NULL,
  scaled DOUBLE PRECISION NOT NULL, scaled_cells INTEGER NOT NULL, CONSTRAINT accuracy_pkey PRIMARY KEY (id),
  CONSTRAINT accuracy_scorecard_id_fkey FOREIGN KEY(scorecard_id) REFERENCES scorecard (id),
  CONSTRAINT accuracy_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT accuracy_author_id_fkey FOREIGN KEY(author_id) REFERENCES partner (id)
);
CREATE INDEX accuracy_scorecard_id_idx ON accuracy (scorecard_id);

CREATE TABLE value_added (
  id INTEGER GENERATED ALWAYS AS IDENTITY, scorecard_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL,
  observed SMALLINT NOT NULL, author TEXT NOT NULL, author_id INTEGER, measure SMALLINT NOT NULL,
  against TEXT NOT NULL, against_measure SMALLINT, edit TEXT NOT NULL, cells INTEGER NOT NULL,
  before DOUBLE PRECISION NOT NULL, after DOUBLE PRECISION NOT NULL, volume DOUBLE PRECISION NOT NULL,
  CONSTRAINT value_added_pkey PRIMARY KEY (id),
  CONSTRAINT value_added_scorecard_id_fkey FOREIGN KEY(scorecard_id) REFERENCES scorecard (id),
  CONSTRAINT value_added_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT value_added_author_id_fkey FOREIGN KEY(author_id) REFERENCES partner (id)
);
CREATE INDEX value_added_scorecard_id_idx ON value_added (scorecard_id);

CREATE TABLE commitment (
  id INTEGER GENERATED ALWAYS AS IDENTITY, scorecard_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL,
  author TEXT NOT NULL, lines INTEGER NOT NULL, ordered DOUBLE PRECISION NOT NULL,
  promised DOUBLE PRECISION NOT NULL, committed DOUBLE PRECISION NOT NULL, delivered DOUBLE PRECISION NOT NULL,
  CONSTRAINT commitment_pkey PRIMARY KEY (id),
  CONSTRAINT commitment_scorecard_id_fkey FOREIGN KEY(scorecard_id) REFERENCES scorecard (id),
  CONSTRAINT commitment_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id)
);
CREATE INDEX commitment_scorecard_id_idx ON commitment (scorecard_id);
