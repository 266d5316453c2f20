-- Ways to find messages by the numbers that people know.

DROP INDEX message_control_idx;
CREATE INDEX message_control ON message (ltrim(control, '0'));
CREATE INDEX message_claimed_id_received_at_idx ON message (claimed_id, received_at);
CREATE INDEX message_in_reply_to_idx ON message (in_reply_to);
CREATE INDEX document_order_number ON document ((body ->> 'order_number'));
