-- When the receipt (MDN) for what went out over AS2 should be there, where it comes later than the answer.

ALTER TABLE delivery ADD COLUMN receipt_due_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX delivery_receipt_due ON delivery (receipt_due_at) WHERE receipt_due_at IS NOT NULL;
