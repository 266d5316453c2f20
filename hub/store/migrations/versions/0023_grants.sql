-- What agreements let partners see who are no members. Written from hub/store/tables.py, and never changed since.

CREATE TABLE agreement_grant (
  id INTEGER GENERATED ALWAYS AS IDENTITY, agreement_id INTEGER NOT NULL, partner_id INTEGER NOT NULL,
  tier SMALLINT NOT NULL, measures SMALLINT[] NOT NULL, items TEXT[] NOT NULL, locations TEXT[] NOT NULL,
  valid_from DATE, valid_to DATE,
  CONSTRAINT agreement_grant_pkey PRIMARY KEY (id),
  CONSTRAINT agreement_grant_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES agreement (id),
  CONSTRAINT agreement_grant_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES partner (id)
);
CREATE INDEX agreement_grant_partner_id_idx ON agreement_grant (partner_id);
CREATE INDEX agreement_grant_agreement_id_idx ON agreement_grant (agreement_id);
