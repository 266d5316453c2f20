-- What was purged of orders, observations and plans. Written from hub/store/tables.py, and never changed since.

CREATE TABLE purged_book (
  id INTEGER GENERATED ALWAYS AS IDENTITY, what TEXT NOT NULL, purchase_order_id INTEGER, version INTEGER,
  agreement_id INTEGER, measure SMALLINT, period DATE, rows BIGINT NOT NULL, sha256 TEXT NOT NULL, why TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT purged_book_pkey PRIMARY KEY (id),
  CONSTRAINT purged_book_what_check CHECK (what IN ('orders', 'observations', 'plans')),
  CONSTRAINT purged_book_purchase_order_id_fkey FOREIGN KEY (purchase_order_id) REFERENCES purchase_order (id),
  CONSTRAINT purged_book_version_fkey FOREIGN KEY (version) REFERENCES plan_version (id),
  CONSTRAINT purged_book_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES agreement (id)
);
CREATE INDEX purged_book_purchase_order_id_idx ON purged_book (purchase_order_id);
CREATE INDEX purged_book_version_idx ON purged_book (version);
