-- Which proposals became part of which order.
-- Written from hub/store/tables.py, and never changed since.

CREATE TABLE proposal_release (
  version INTEGER NOT NULL, item_location_id INTEGER NOT NULL, agreement_id INTEGER NOT NULL, measure SMALLINT NOT NULL,
  purchase_order_id INTEGER NOT NULL, quantity DOUBLE PRECISION NOT NULL, actor TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  test BOOLEAN DEFAULT (COALESCE(current_setting('hub.sandbox'::text, true), ''::text) = 'on'::text) NOT NULL,
  CONSTRAINT proposal_release_pkey PRIMARY KEY (version, item_location_id),
  CONSTRAINT proposal_release_version_fkey FOREIGN KEY (version) REFERENCES plan_version (id),
  CONSTRAINT proposal_release_item_location_id_fkey FOREIGN KEY (item_location_id) REFERENCES item_location (id),
  CONSTRAINT proposal_release_agreement_id_fkey FOREIGN KEY (agreement_id) REFERENCES agreement (id),
  CONSTRAINT proposal_release_purchase_order_id_fkey FOREIGN KEY (purchase_order_id) REFERENCES purchase_order (id)
);
CREATE INDEX proposal_release_purchase_order_id_idx ON proposal_release (purchase_order_id);
