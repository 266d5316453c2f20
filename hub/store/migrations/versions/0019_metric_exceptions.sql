-- What did worse than the agreement allows.
-- Written from hub/store/tables.py, and never changed since.

CREATE TABLE metric_exception (
  id INTEGER GENERATED ALWAYS AS IDENTITY, scorecard_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL,
  observed SMALLINT NOT NULL, kind TEXT NOT NULL, author TEXT NOT NULL, author_id INTEGER, measure SMALLINT NOT NULL,
  grouping TEXT NOT NULL, from_week INTEGER NOT NULL, to_week INTEGER NOT NULL, found DOUBLE PRECISION NOT NULL,
  allowed DOUBLE PRECISION NOT NULL, value_at_stake DOUBLE PRECISION NOT NULL,
  CONSTRAINT metric_exception_pkey PRIMARY KEY (id),
  CONSTRAINT metric_exception_scorecard_id_fkey FOREIGN KEY(scorecard_id) REFERENCES scorecard (id),
  CONSTRAINT metric_exception_agreement_id_fkey FOREIGN KEY(agreement_id) REFERENCES agreement (id),
  CONSTRAINT metric_exception_author_id_fkey FOREIGN KEY(author_id) REFERENCES partner (id)
);
CREATE INDEX metric_exception_scorecard_id_idx ON metric_exception (scorecard_id);
