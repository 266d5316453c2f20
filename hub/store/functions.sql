-- Functions of the database. Those marked SECURITY DEFINER run as hub_owner, who owns the tables and so passes row-level
-- security; each has a fixed search_path, does one thing, and asks who is calling where that matters.

-- Who am I, and what may I see -------------------------------------------------------------------------------------

-- Become a partner for the rest of this transaction; NULL when nobody has that name.
CREATE OR REPLACE FUNCTION hub_enter(partner_name text) RETURNS int LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT set_config('hub.partner', id::text, true)::int FROM partner WHERE name = partner_name
$$;

-- Series of plans by their names, as `caller` (NULL: whoever this transaction is already) may see them, in no order:
-- becoming the partner and asking are one statement, so that a look costs one trip. Row-level security is that of whoever
-- asks. How many names there are does not change the plan: one for all saves planning.
CREATE OR REPLACE FUNCTION hub_forecasts(caller text, plans text[], gtins text[], glns text[])
RETURNS TABLE (public_id text, id int, agreement text, author text, measure smallint, first_week date, weeks int,
  source text, known_at timestamptz, gtin text, gln text, quantities float8[])
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  IF caller IS NOT NULL AND hub_enter(caller) IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = format('no partner %L', caller);
  END IF;
  RETURN QUERY
    SELECT v.public_id, v.id, a.name, coalesce(p.name, 'hub'), v.measure, v.first_week, v.weeks, v.source, v.known_at,
      i.gtin, i.gln, l.quantities
    FROM unnest(plans, gtins, glns) AS w (plan, of_gtin, of_gln)
    JOIN plan_version v ON v.public_id = w.plan
    JOIN agreement a ON a.id = v.agreement_id LEFT JOIN partner p ON p.id = v.author_id
    JOIN item_location i ON (i.agreement_id, i.gtin, i.gln) = (v.agreement_id, w.of_gtin, w.of_gln)
    JOIN plan_line l ON l.version = v.id AND l.item_location_id = i.id;
END $$;

-- Agreements of mine that have not expired.
CREATE OR REPLACE FUNCTION hub_agreements() RETURNS SETOF int LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT a.id FROM agreement a JOIN agreement_member m ON m.agreement_id = a.id
  WHERE m.partner_id = nullif(current_setting('hub.partner', true), '')::int
    AND (a.valid_to IS NULL OR a.valid_to >= (now() AT TIME ZONE 'UTC')::date)
$$;

-- What I may see in them.
CREATE OR REPLACE FUNCTION hub_feeds() RETURNS TABLE (agreement_id int, measure smallint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT m.agreement_id, unnest(m.measures) FROM agreement_member m
  WHERE m.partner_id = nullif(current_setting('hub.partner', true), '')::int
    AND m.agreement_id IN (SELECT hub_agreements())
$$;

-- What agreements of others let me see: a measure of some items at some places, as long as the grant and the agreement
-- hold. Where the grant names no items or places, all that the agreement names; where that names none either, all.
CREATE OR REPLACE FUNCTION hub_grants() RETURNS TABLE (agreement_id int, measure smallint, items text[], locations text[])
LANGUAGE sql STABLE SECURITY DEFINER ROWS 4 SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT g.agreement_id, unnest(g.measures), CASE g.items WHEN '{}' THEN a.items ELSE g.items END,
    CASE g.locations WHEN '{}' THEN a.locations ELSE g.locations END
  FROM agreement_grant g JOIN agreement a ON a.id = g.agreement_id
  CROSS JOIN (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS t
  WHERE g.partner_id = nullif(current_setting('hub.partner', true), '')::int
    AND t.today >= a.valid_from AND (g.valid_from IS NULL OR t.today >= g.valid_from)
    AND (a.valid_to IS NULL OR a.valid_to >= t.today) AND (g.valid_to IS NULL OR g.valid_to >= t.today)
$$;

-- Whom these agreements are between.
CREATE OR REPLACE FUNCTION hub_grantors() RETURNS SETOF int LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT partner_id FROM agreement_member WHERE agreement_id IN (SELECT agreement_id FROM hub_grants())
$$;

-- Whether I am granted this measure of this item at this place.
CREATE OR REPLACE FUNCTION hub_granted(agreement int, what smallint, place int) RETURNS boolean LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    SELECT 1 FROM hub_grants() g JOIN item_location i ON i.agreement_id = g.agreement_id
    WHERE (g.agreement_id, g.measure, i.id) = (agreement, what, place)
      AND (g.items = '{}' OR i.gtin = ANY (g.items)) AND (g.locations = '{}' OR i.gln = ANY (g.locations)));
END $$;

-- Whether I am granted a line of this version.
CREATE OR REPLACE FUNCTION hub_granted_version(version int, agreement int, what smallint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    SELECT 1 FROM hub_grants() g JOIN item_location i ON i.agreement_id = g.agreement_id
    JOIN plan_line l ON l.version = hub_granted_version.version AND l.item_location_id = i.id
    WHERE (g.agreement_id, g.measure) = (agreement, what)
      AND (g.items = '{}' OR i.gtin = ANY (g.items)) AND (g.locations = '{}' OR i.gln = ANY (g.locations)));
END $$;

-- Observations that I was granted, of these blocks (null: of all): chunks cut down to my series, for a chunk holds what
-- many items and places have counted.
CREATE OR REPLACE FUNCTION hub_granted_chunks(blocks int[]) RETURNS TABLE (block int, period date, message_id int,
  part smallint, agreement_id int, measure smallint, known_at timestamptz, series_ids int[], quantities float8[])
LANGUAGE sql STABLE SECURITY DEFINER ROWS 4 SET search_path = pg_catalog, public, pg_temp AS $$
  WITH mine AS MATERIALIZED (
    SELECT DISTINCT s.id FROM hub_grants() g
    JOIN item_location i ON i.agreement_id = g.agreement_id AND (g.items = '{}' OR i.gtin = ANY (g.items))
      AND (g.locations = '{}' OR i.gln = ANY (g.locations))
    JOIN series s ON s.agreement_id = i.agreement_id AND s.measure = g.measure AND s.item_location_id = i.id
    WHERE blocks IS NULL OR s.id / 512 = ANY (blocks))
  SELECT c.block, c.period, c.message_id, c.part, c.agreement_id, c.measure, c.known_at,
    array_agg(u.series_id ORDER BY u.place), array_agg(u.quantity ORDER BY u.place)
  FROM observation_chunk c
  CROSS JOIN LATERAL unnest(c.series_ids, c.quantities) WITH ORDINALITY AS u (series_id, quantity, place)
  WHERE c.block IN (SELECT id / 512 FROM mine) AND u.series_id IN (SELECT id FROM mine)
    AND c.test = (coalesce(current_setting('hub.sandbox', true), '') = 'on')
  GROUP BY c.block, c.period, c.message_id, c.part
$$;

-- What is kept beside a version of a plan: why it is what it is, and what was committed in it. Only for members, who see
-- the version itself.
CREATE OR REPLACE FUNCTION hub_plan_reason(version int) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT v.reason FROM plan_version v WHERE v.id = hub_plan_reason.version AND (session_user = 'hub_worker' OR EXISTS (
    SELECT 1 FROM agreement_member m JOIN agreement a ON a.id = m.agreement_id
    WHERE m.partner_id = nullif(current_setting('hub.partner', true), '')::int AND m.agreement_id = v.agreement_id
      AND (a.valid_to IS NULL OR a.valid_to >= (now() AT TIME ZONE 'UTC')::date)
      AND (v.measure = ANY (m.measures) OR v.author_id = m.partner_id)))
$$;

-- Myself and those with whom I have an agreement.
CREATE OR REPLACE FUNCTION hub_partners() RETURNS SETOF int LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT nullif(current_setting('hub.partner', true), '')::int
  UNION SELECT partner_id FROM agreement_member WHERE agreement_id IN (SELECT hub_agreements())
$$;

-- What a partner is called, for rows that name it and that the reader may see: an order outlives its agreement.
CREATE OR REPLACE FUNCTION hub_partner_name(key int) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT name FROM partner WHERE id = key
$$;

-- My own items, those I have a code for, and those in the scope of my agreements (an empty scope: all that its members
-- own or have a code for).
CREATE OR REPLACE FUNCTION hub_items() RETURNS SETOF int LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  WITH seen AS (
    SELECT nullif(current_setting('hub.partner', true), '')::int AS partner_id
    UNION SELECT m.partner_id FROM agreement_member m JOIN agreement a ON a.id = m.agreement_id
    WHERE a.items = '{}' AND a.id IN (SELECT hub_agreements()))
  SELECT id FROM item WHERE owner_id IN (SELECT partner_id FROM seen)
  UNION SELECT item_id FROM item_code WHERE partner_id IN (SELECT partner_id FROM seen)
  UNION SELECT i.id FROM item i WHERE i.gtin IN (
    SELECT unnest(items) FROM agreement WHERE id IN (SELECT hub_agreements()))
$$;

-- My own places and those in the scope of my agreements (an empty scope: all that its members own).
CREATE OR REPLACE FUNCTION hub_locations() RETURNS SETOF int LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT id FROM location WHERE owner_id IN (
    SELECT nullif(current_setting('hub.partner', true), '')::int
    UNION SELECT m.partner_id FROM agreement_member m JOIN agreement a ON a.id = m.agreement_id
    WHERE a.locations = '{}' AND a.id IN (SELECT hub_agreements()))
  UNION SELECT id FROM location WHERE gln IN (
    SELECT unnest(locations) FROM agreement WHERE id IN (SELECT hub_agreements()))
$$;

-- The planning cycles of my agreements, and how far each has come; not what its steps have said, nor those that I have
-- put away.
CREATE OR REPLACE FUNCTION hub_cycles() RETURNS TABLE (id int, public_id text, agreement text, as_of date,
  known_at timestamptz, step text, state text, stepped_at timestamptz, reason text) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT r.id, r.public_id, a.name, r.as_of, r.known_at, s.step, coalesce(s.state, 'running'), s.known_at,
    CASE s.state WHEN 'failed' THEN s.detail ->> 'failed' END
  FROM run r JOIN agreement a ON a.id = r.agreement_id
  LEFT JOIN LATERAL (SELECT step, state, known_at, detail FROM run_step WHERE run_id = r.id ORDER BY id DESC LIMIT 1) AS s
    ON true
  WHERE r.agreement_id IN (SELECT hub_agreements()) AND NOT EXISTS (
    SELECT 1 FROM run_put_away x
    WHERE x.run_id = r.id AND x.partner_id = nullif(current_setting('hub.partner', true), '')::int)
$$;

-- What a door may do -----------------------------------------------------------------------------------------------

-- The account whose unrevoked token has this SHA-256.
CREATE OR REPLACE FUNCTION hub_caller_of_token(hash bytea, OUT partner text, OUT account text, OUT role text)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.name, a.name, a.role FROM credential c JOIN partner p ON p.id = c.partner_id
  JOIN account a ON a.id = c.account_id
  WHERE c.token_hash = hash AND c.revoked_at IS NULL AND a.disabled_at IS NULL
    AND (c.expires_at IS NULL OR c.expires_at > now())
$$;

-- The account of the partner whose profile carries this GLN; a client certificate has proven that the caller holds it.
-- One that names no account is "certificate": until somebody opens that account it may do what the profile says, which is
-- never to plan or to administer. One that names an account gets in only as long as there is one.
CREATE OR REPLACE FUNCTION hub_caller_of_gln(proven text, called text, OUT partner text, OUT account text, OUT role text)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.name, coalesce(called, 'certificate'), coalesce(a.role, said.role) FROM partner p
  LEFT JOIN account a ON a.partner_id = p.id AND a.name = coalesce(called, 'certificate')
  CROSS JOIN LATERAL (SELECT CASE coalesce((
      SELECT v.body #>> '{profile,certificate_role}' FROM profile_version v WHERE v.partner_id = p.id
      ORDER BY v.version DESC LIMIT 1), 'operator')
    WHEN 'operator' THEN 'operator' WHEN 'viewer' THEN 'viewer' END AS role) AS said
  WHERE p.gln = proven AND a.disabled_at IS NULL AND (called IS NULL OR a.id IS NOT NULL)
    AND coalesce(a.role, said.role) IS NOT NULL
$$;

-- Whether a partner is live; who has no profile yet is nobody's test.
CREATE OR REPLACE FUNCTION hub_is_live(partner int) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce((SELECT stage = 'live' FROM partner_stage s WHERE s.partner_id = partner ORDER BY s.id DESC LIMIT 1), true)
$$;

-- Record a received file, unless the same sender has sent it before and it was not rejected. What a partner sends before
-- it is live, or marks as one, is a test, and no earlier copy of what it sends afterwards. `known` says how it is known:
-- null (it is new), reference (same id, same bytes), reused (same id, other bytes) or content (same bytes). A door can
-- only receive in the name of the partner that it entered as, or of nobody.
CREATE OR REPLACE FUNCTION hub_receive(new_id text, claimed int, channel text, sha256 text, length bigint,
  received_at timestamptz, filename text, reference text, marked boolean,
  OUT id int, OUT public_id text, OUT length_known bigint, OUT known text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  trial boolean := marked OR NOT hub_is_live(claimed);
BEGIN
  IF session_user <> 'hub_worker' AND claimed IS DISTINCT FROM nullif(current_setting('hub.partner', true), '')::int THEN
    RAISE insufficient_privilege USING MESSAGE = 'a door receives only for the partner that it serves';
  END IF;
  FOR turn IN 1 .. 5 LOOP
    SELECT m.id, m.public_id, m.length, CASE WHEN m.sha256 = hub_receive.sha256 THEN 'reference' ELSE 'reused' END
    FROM message m WHERE m.direction = 'in' AND m.claimed_id IS NOT DISTINCT FROM claimed
      AND m.staged = trial AND m.channel = hub_receive.channel AND m.sender_reference = reference AND m.state IN ('received', 'processed')
    INTO hub_receive.id, hub_receive.public_id, length_known, known;
    EXIT WHEN hub_receive.id IS NOT NULL;
    -- a copy that was committed since the statement above has looked may have come under this very reference
    SELECT m.id, m.public_id, m.length,
      CASE WHEN m.channel = hub_receive.channel AND m.sender_reference = reference THEN 'reference' ELSE 'content' END
    FROM message m
    WHERE m.direction = 'in' AND m.claimed_id IS NOT DISTINCT FROM claimed AND m.sha256 = hub_receive.sha256
      AND m.staged = trial AND m.state IN ('received', 'processed') AND NOT m.cleared
    INTO hub_receive.id, hub_receive.public_id, length_known, known;
    EXIT WHEN hub_receive.id IS NOT NULL;
    INSERT INTO message AS m (public_id, direction, channel, state, claimed_id, sender_id, sha256, length, received_at,
      filename, sender_reference, test, staged)
    VALUES (new_id, 'in', hub_receive.channel, 'received', claimed, claimed, hub_receive.sha256, hub_receive.length,
            hub_receive.received_at, hub_receive.filename, reference, trial, trial)
    ON CONFLICT DO NOTHING RETURNING m.id, m.public_id, m.length, NULL
    INTO hub_receive.id, hub_receive.public_id, length_known, known;
    EXIT WHEN hub_receive.id IS NOT NULL;
  END LOOP;
  IF hub_receive.id IS NULL THEN
    RAISE serialization_failure USING MESSAGE = 'a copy of this file is being settled this moment';
  END IF;
END $$;

-- Keep what the sender is told about a file that was recorded in this very transaction.
CREATE OR REPLACE FUNCTION hub_answer(message int, status int, headers jsonb, body bytea) RETURNS void LANGUAGE plpgsql
VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO answer (message_id, status, headers, body)
  SELECT m.id, hub_answer.status, hub_answer.headers, hub_answer.body FROM message m
  WHERE m.id = hub_answer.message AND m.direction = 'in' AND m.xmin = pg_current_xact_id()::xid;
  IF NOT FOUND THEN
    RAISE insufficient_privilege USING MESSAGE = 'an answer is kept only by the transaction that records its message';
  END IF;
END $$;

-- What the sender was told; nothing for a file of somebody else.
CREATE OR REPLACE FUNCTION hub_answer_of(message int, OUT status int, OUT headers jsonb, OUT body bytea) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT a.status, a.headers, a.body FROM answer a JOIN message m ON m.id = a.message_id
  WHERE m.id = hub_answer_of.message AND (session_user = 'hub_worker'
    OR m.claimed_id IS NOT DISTINCT FROM nullif(current_setting('hub.partner', true), '')::int)
$$;

-- The partner has fetched a file that waited for it: from now on its acknowledgement is expected, where one is due. Whether
-- there was such a file of the caller's; doing it twice is doing it once.
CREATE OR REPLACE FUNCTION hub_taken(message text) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me int := nullif(current_setting('hub.partner', true), '')::int;
  lane delivery;
  hours float8;
BEGIN
  SELECT d.* INTO lane FROM delivery d JOIN message m ON m.id = d.message_id
  WHERE m.public_id = hub_taken.message AND d.partner_id = me AND d.channel = 'mailbox' FOR UPDATE OF d;
  IF lane.id IS NULL OR lane.state NOT IN ('waiting', 'delivered') THEN
    RETURN false;
  END IF;
  IF lane.state = 'waiting' THEN
    SELECT coalesce(v.body #>> '{profile,delivery,acknowledge_hours}', NULL)::float8 INTO hours FROM profile_version v
    WHERE v.partner_id = me ORDER BY v.version DESC LIMIT 1;
    UPDATE delivery d SET state = 'delivered', attempts = d.attempts + 1, delivered_at = now(),
      due_at = CASE WHEN d.expects IS NOT NULL THEN now() + make_interval(secs => hours * 3600) END WHERE d.id = lane.id;
    UPDATE message m SET state = 'sent' WHERE m.id = lane.message_id AND m.state IN ('queued', 'failed');
    INSERT INTO attempt (delivery_id, ok, outcome, detail) VALUES (lane.id, true, 'delivered', 'The partner has fetched it.');
  END IF;
  RETURN true;
END $$;

-- Append bytes to a file that was recorded in this very transaction.
CREATE OR REPLACE FUNCTION hub_receive_chunk(message int, ordinal int, content bytea) RETURNS void LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO message_chunk (message_id, ordinal, content)
  SELECT m.id, hub_receive_chunk.ordinal, hub_receive_chunk.content FROM message m
  WHERE m.id = hub_receive_chunk.message AND m.direction = 'in' AND m.xmin = pg_current_xact_id()::xid;
  IF NOT FOUND THEN
    RAISE insufficient_privilege USING MESSAGE = 'bytes are added only by the transaction that records their message';
  END IF;
END $$;

-- Enqueue a job. A door's job carries public ids and nothing else, and its lock is a name or an id.
CREATE OR REPLACE FUNCTION hub_defer(job text, lane text, arguments jsonb) RETURNS bigint LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF session_user <> 'hub_worker' AND (job !~ '^[a-z_]{1,40}$' OR length(lane) > 200 OR EXISTS (
    SELECT 1 FROM jsonb_each(arguments) e
    WHERE jsonb_typeof(e.value) <> 'string' OR (e.value #>> '{}') !~ '^[a-z]{2,8}_[0-9A-Za-z]{22}$')) THEN
    RAISE insufficient_privilege USING MESSAGE = 'a door enqueues only jobs whose arguments are public ids';
  END IF;
  RETURN (procrastinate_defer_jobs_v1(ARRAY[
    ROW('default', job, 0, lane, NULL, arguments, NULL)::procrastinate_job_to_defer_v1]))[1];
END $$;

-- All of it for one small file: enter, record, keep the bytes, enqueue the job, which gets the message's id. `known` as in
-- hub_receive, and "stranger" when no partner has that name; then, as for a file that is known, nothing is kept.
CREATE OR REPLACE FUNCTION hub_take_in(partner text, new_id text, channel text, sha256 text, length bigint,
  received_at timestamptz, filename text, reference text, marked boolean, content bytea, job text, lane text,
  OUT public_id text, OUT length_known bigint, OUT known text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me int := hub_enter(partner);
  key int;
BEGIN
  IF partner IS NOT NULL AND me IS NULL THEN
    known := 'stranger';
    RETURN;
  END IF;
  SELECT r.id, r.public_id, r.length_known, r.known
  FROM hub_receive(new_id, me, channel, sha256, length, received_at, filename, reference, marked) r
  INTO key, hub_take_in.public_id, hub_take_in.length_known, hub_take_in.known;
  IF known IS NULL THEN
    PERFORM hub_receive_chunk(key, 0, content);
    PERFORM hub_defer(job, lane, jsonb_build_object('message', hub_take_in.public_id));
  END IF;
END $$;

-- What is over ----------------------------------------------------------------------------------------------------

-- Whether nothing is to be done with a message any more, by the hub or by a person.
CREATE OR REPLACE FUNCTION hub_is_over(message int) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (
      SELECT 1 FROM message m WHERE m.id = hub_is_over.message
        AND m.state IN ('processed', 'rejected', 'sent', 'acknowledged', 'failed', 'kept'))
    AND NOT EXISTS (
      SELECT 1 FROM delivery d WHERE d.message_id = hub_is_over.message AND d.state IN ('queued', 'sending', 'waiting'))
    AND NOT EXISTS (
      SELECT 1 FROM dead_letter l LEFT JOIN dead_letter_end e ON e.dead_letter_id = l.id
      WHERE l.message_id = hub_is_over.message AND e.dead_letter_id IS NULL)
$$;

-- Take out one kind of what is kept of a message, and write down that it was; false when somebody was faster, the message
-- is not over, or one of its partners is under legal hold. The worker alone may call it.
CREATE OR REPLACE FUNCTION hub_purge(message text, what text, why text) RETURNS boolean LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  key int;
BEGIN
  SELECT m.id INTO key FROM message m WHERE m.public_id = hub_purge.message FOR UPDATE;
  IF key IS NULL OR NOT hub_is_over(key) OR EXISTS (
    SELECT 1 FROM legal_hold h JOIN message m ON h.partner_id IN (m.claimed_id, m.sender_id, m.receiver_id)
    WHERE m.id = key AND h.ended_at IS NULL) THEN
    RETURN false;
  END IF;
  INSERT INTO purged (message_id, what, why) VALUES (key, hub_purge.what, hub_purge.why) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF what = 'bytes' THEN
    DELETE FROM message_chunk c WHERE c.message_id = key;
  ELSIF what = 'documents' THEN
    UPDATE document d SET body = '{}', findings = hub_bare(d.findings) WHERE d.message_id = key;
    UPDATE message m SET findings = hub_bare(m.findings) WHERE m.id = key;
  ELSE
    DELETE FROM attempt a USING delivery d WHERE d.message_id = key AND a.delivery_id = d.id;
  END IF;
  RETURN true;
END $$;

-- Whether one of these partners is under legal hold.
CREATE OR REPLACE FUNCTION hub_held(partners int[]) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM legal_hold h WHERE h.partner_id = ANY (hub_held.partners) AND h.ended_at IS NULL)
$$;

-- The members of an agreement.
CREATE OR REPLACE FUNCTION hub_members(agreement int) RETURNS int[] LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT array_agg(m.partner_id) FROM agreement_member m WHERE m.agreement_id = hub_members.agreement
$$;

-- When anything last happened to an order: it came, was answered, despatched, received, billed; or was due, if later.
CREATE OR REPLACE FUNCTION hub_order_touched(purchase_order int) RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT greatest(o.known_at, o.deliver_on::timestamp AT TIME ZONE 'UTC',
    (SELECT max(e.known_at) FROM order_event e WHERE e.purchase_order_id = o.id),
    (SELECT a.known_at FROM message a WHERE a.public_id = o.response ->> 'message'))
  FROM purchase_order o WHERE o.id = hub_order_touched.purchase_order
$$;

-- Whether an order was never purged, or has lines anew because it was replaced since.
CREATE OR REPLACE FUNCTION hub_order_is_whole(purchase_order int) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT NOT EXISTS (SELECT 1 FROM purged_book x WHERE x.purchase_order_id = hub_order_is_whole.purchase_order)
    OR EXISTS (SELECT 1 FROM order_line l WHERE l.purchase_order_id = hub_order_is_whole.purchase_order)
$$;

-- Take the lines of an order, and what its answer and its events said, out of the books; false when it goes on, is no
-- older than `before`, or one of its sides is under legal hold. Its number, sides, dates and state stay, and what
-- happened when; the digest proves what was there. The worker alone may call it.
CREATE OR REPLACE FUNCTION hub_purge_order(subject text, before timestamptz, why text) RETURNS boolean LANGUAGE plpgsql
VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  found purchase_order;
  gone bigint;
BEGIN
  SELECT o.* INTO found FROM purchase_order o WHERE o.public_id = subject AND NOT o.test FOR UPDATE;
  IF found.id IS NULL OR found.state NOT IN ('delivered', 'cancelled', 'rejected')
    OR hub_order_touched(found.id) >= before OR hub_held(ARRAY[found.buyer_id, found.seller_id])
    OR NOT hub_order_is_whole(found.id) THEN
    RETURN false;
  END IF;
  INSERT INTO purged_book (what, purchase_order_id, rows, sha256, why)
  SELECT 'orders', found.id, (SELECT count(*) FROM order_line l WHERE l.purchase_order_id = found.id),
    encode(sha256(convert_to(jsonb_build_array(found.body, found.response, (
      SELECT jsonb_agg(jsonb_build_array(e.kind, e.number, e.body) ORDER BY e.id) FROM order_event e
      WHERE e.purchase_order_id = found.id))::text, 'UTF8')), 'hex'), hub_purge_order.why;
  DELETE FROM order_line l WHERE l.purchase_order_id = found.id;
  UPDATE order_event e SET body = '{}' WHERE e.purchase_order_id = found.id;
  UPDATE purchase_order o SET
    body = jsonb_strip_nulls(jsonb_build_object('number', found.body -> 'number', 'purpose', found.body -> 'purpose',
      'placed_on', found.body -> 'placed_on', 'deliver_on', found.body -> 'deliver_on')),
    response = jsonb_strip_nulls(jsonb_build_object('order_number', found.response -> 'order_number',
      'answer', found.response -> 'answer', 'number', found.response -> 'number', 'message', found.response -> 'message'))
  WHERE o.id = found.id;
  UPDATE purchase_order o SET response = NULL WHERE o.id = found.id AND found.response IS NULL;
  RETURN true;
END $$;

-- Take a week of one measure, as far as it was reported before `before`, out of an agreement's books. The worker alone may
-- call it.
CREATE OR REPLACE FUNCTION hub_purge_observations(subject text, measure int, period date, before timestamptz, why text)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  key int := (SELECT a.id FROM agreement a WHERE a.name = subject);
BEGIN
  IF key IS NULL OR hub_held(hub_members(key)) THEN
    RETURN false;
  END IF;
  WITH gone AS (
    DELETE FROM observation_chunk c WHERE c.agreement_id = key AND c.measure = hub_purge_observations.measure
      AND c.period = hub_purge_observations.period AND c.known_at < before AND NOT c.test RETURNING c.*)
  INSERT INTO purged_book (what, agreement_id, measure, period, rows, sha256, why)
  SELECT 'observations', key, hub_purge_observations.measure, hub_purge_observations.period,
    sum(cardinality(g.series_ids)), encode(sha256(string_agg(
      sha256(convert_to(g.message_id || ' ' || g.series_ids::text || ' ' || g.quantities::text, 'UTF8')), ''::bytea
      ORDER BY g.known_at, g.message_id, g.block, g.part)), 'hex'), hub_purge_observations.why
  FROM gone g HAVING count(*) > 0;
  RETURN FOUND;
END $$;

-- Take the quantities and the reasons of a plan's version out of the books. Who made it, of what, for which weeks and when
-- stays, and which orders were made of it. The worker alone may call it.
CREATE OR REPLACE FUNCTION hub_purge_plan(subject text, before timestamptz, why text) RETURNS boolean LANGUAGE plpgsql
VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  found plan_version;
BEGIN
  SELECT v.* INTO found FROM plan_version v WHERE v.public_id = subject AND NOT v.test FOR UPDATE;
  IF found.id IS NULL OR hub_held(hub_members(found.agreement_id))
    OR EXISTS (SELECT 1 FROM purged_book x WHERE x.version = found.id)
    OR greatest(found.known_at, (found.first_week + 7 * found.weeks)::timestamp AT TIME ZONE 'UTC') >= before THEN
    RETURN false;
  END IF;
  INSERT INTO purged_book (what, version, agreement_id, measure, rows, sha256, why)
  SELECT 'plans', found.id, found.agreement_id, found.measure, count(*), encode(sha256(coalesce(string_agg(
      sha256(convert_to(l.item_location_id || ' ' || l.quantities::text, 'UTF8')), ''::bytea
      ORDER BY l.item_location_id), ''::bytea)), 'hex'), hub_purge_plan.why
  FROM plan_line l WHERE l.version = found.id;
  DELETE FROM plan_reason r WHERE r.version = found.id;
  DELETE FROM plan_line l WHERE l.version = found.id;
  UPDATE plan_version v SET reason = NULL WHERE v.id = found.id;
  RETURN true;
END $$;

-- Take out what a partner's tests have left; rows that are live are not looked at. Its files stay, and are no earlier copies
-- of what is tried again. The worker alone may call it.
CREATE OR REPLACE FUNCTION hub_clear_sandbox(partner int) RETURNS TABLE (what text, count bigint) LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  orders int[] := ARRAY(SELECT id FROM purchase_order WHERE test AND partner IN (buyer_id, seller_id) FOR UPDATE);
  plans int[] := ARRAY(SELECT id FROM plan_version WHERE test AND author_id = hub_clear_sandbox.partner FOR UPDATE);
BEGIN
  DELETE FROM order_event WHERE purchase_order_id = ANY (orders);
  DELETE FROM order_line WHERE purchase_order_id = ANY (orders);
  DELETE FROM purchase_order WHERE id = ANY (orders);
  what := 'orders'; GET DIAGNOSTICS count = ROW_COUNT; RETURN NEXT;
  DELETE FROM plan_reason WHERE version = ANY (plans);
  DELETE FROM plan_line WHERE version = ANY (plans);
  DELETE FROM plan_told WHERE version = ANY (plans);
  DELETE FROM plan_version WHERE id = ANY (plans);
  what := 'forecasts'; GET DIAGNOSTICS count = ROW_COUNT; RETURN NEXT;
  DELETE FROM observation_chunk c USING message m
  WHERE c.test AND m.id = c.message_id AND hub_clear_sandbox.partner IN (m.claimed_id, m.sender_id);
  what := 'reports'; GET DIAGNOSTICS count = ROW_COUNT; RETURN NEXT;
  UPDATE message m SET cleared = true WHERE m.test AND m.direction = 'in' AND m.state = 'processed' AND NOT m.cleared
    AND hub_clear_sandbox.partner IN (m.claimed_id, m.sender_id);
  what := 'files'; GET DIAGNOSTICS count = ROW_COUNT; RETURN NEXT;
  DELETE FROM interchange WHERE test AND sender_id = hub_clear_sandbox.partner;
  DELETE FROM control_range WHERE test AND sender_id = hub_clear_sandbox.partner;
  what := 'numbers'; GET DIAGNOSTICS count = ROW_COUNT; RETURN NEXT;
  DELETE FROM event WHERE test AND hub_clear_sandbox.partner = ANY (partners);
  what := 'events'; GET DIAGNOSTICS count = ROW_COUNT; RETURN NEXT;
END $$;

-- Findings without the words, which may quote a file: code, severity and place stay.
CREATE OR REPLACE FUNCTION hub_bare(findings jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'code', f -> 'code', 'severity', f -> 'severity', 'where', (f -> 'where') - 'path', 'message', 'The words were purged.',
    'hint', 'Nothing is to be done.')), '[]') FROM jsonb_array_elements(findings) AS f
$$;

-- The audit trail --------------------------------------------------------------------------------------------------

-- The digest of one entry, over the digest before it.
CREATE OR REPLACE FUNCTION hub_audit_hash(previous bytea, at timestamptz, actor text, action text, subject text, detail jsonb)
RETURNS bytea LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT sha256(previous || convert_to(jsonb_build_array(
    extract(epoch FROM at)::text, actor, action, subject, detail)::text, 'UTF8'))
$$;

-- Add one entry. It is sealed into the chain a moment later, so that nobody waits for anybody. A door writes in the name
-- of the partner that it serves and of nobody else.
CREATE OR REPLACE FUNCTION hub_record(actor text, action text, subject text, detail jsonb) RETURNS void LANGUAGE plpgsql
VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  me text := (SELECT name FROM partner WHERE id = nullif(current_setting('hub.partner', true), '')::int);
BEGIN
  IF session_user <> 'hub_worker' AND split_part(hub_record.actor, '/', 1) IS DISTINCT FROM me THEN
    RAISE insufficient_privilege USING MESSAGE = 'a door adds to the trail only for the partner that it serves';
  END IF;
  INSERT INTO audit_entry (at, actor, action, subject, detail)
  VALUES (clock_timestamp(), hub_record.actor, hub_record.action, hub_record.subject, hub_record.detail);
END $$;

-- Add what was read, many calls at once, each with its own moment.
CREATE OR REPLACE FUNCTION hub_note(entries jsonb) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO audit_entry (at, actor, action, subject, detail)
  SELECT e.at, e.actor, 'read.' || e.action, e.subject, '{}'
  FROM jsonb_to_recordset(entries) AS e(at timestamptz, actor text, action text, subject text)
$$;

-- Chain what waits to be sealed; how many entries that were. The advisory lock lasts until the end of the transaction, so
-- the chain has one tail.
CREATE OR REPLACE FUNCTION hub_seal() RETURNS int LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tail bytea;
  next audit_entry;
  sealed int := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('hub.audit'));
  SELECT a.digest INTO tail FROM audit a ORDER BY a.id DESC LIMIT 1;
  tail := coalesce(tail, '\x'::bytea);
  FOR next IN WITH taken AS (DELETE FROM audit_entry RETURNING *) SELECT * FROM taken ORDER BY id LOOP
    INSERT INTO audit (at, actor, action, subject, detail, previous, digest) VALUES (next.at, next.actor, next.action,
      next.subject, next.detail, tail,
      hub_audit_hash(tail, next.at, next.actor, next.action, next.subject, next.detail))
    RETURNING digest INTO tail;
    sealed := sealed + 1;
  END LOOP;
  RETURN sealed;
END $$;

-- Events for those who watch ---------------------------------------------------------------------------------------

-- Say that something has changed, to those who may see it. It runs at the end of the transaction that changed it, so the
-- lock that keeps events in the order of their commits is held for a moment only. What a test changes is a test's event.
CREATE OR REPLACE FUNCTION hub_changed() RETURNS trigger LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  subject text;
  seen int[];
  kind text;
  tried boolean := false;
BEGIN
  IF TG_TABLE_NAME = 'message' THEN
    subject := NEW.public_id; kind := 'message.changed'; tried := NEW.test;
    seen := array_remove(ARRAY[NEW.claimed_id, NEW.sender_id, NEW.receiver_id], NULL);
  ELSIF TG_TABLE_NAME = 'purchase_order' THEN
    subject := NEW.public_id; kind := 'order.changed'; tried := NEW.test;
    seen := ARRAY[NEW.buyer_id, NEW.seller_id];
  ELSIF TG_TABLE_NAME = 'plan_version' THEN
    subject := NEW.public_id; kind := 'forecast.changed'; tried := NEW.test;
    SELECT array_agg(told.partner_id) INTO seen FROM (
      SELECT m.partner_id FROM agreement_member m WHERE m.agreement_id = NEW.agreement_id
        AND (NEW.measure = ANY (m.measures) OR m.partner_id = NEW.author_id)
      UNION SELECT g.partner_id FROM agreement_grant g JOIN agreement a ON a.id = g.agreement_id
      WHERE g.agreement_id = NEW.agreement_id AND NEW.measure = ANY (g.measures) AND EXISTS (
        SELECT 1 FROM item_location i JOIN plan_line l ON l.version = NEW.id AND l.item_location_id = i.id
        WHERE i.agreement_id = NEW.agreement_id
          AND (i.gtin = ANY (g.items) OR g.items = '{}' AND (i.gtin = ANY (a.items) OR a.items = '{}'))
          AND (i.gln = ANY (g.locations) OR g.locations = '{}' AND (i.gln = ANY (a.locations) OR a.locations = '{}')))
      ) AS told;
  ELSE
    SELECT e.public_id INTO subject FROM exception e WHERE e.id = NEW.exception_id;
    kind := 'exception.changed';
    SELECT array_agg(m.partner_id) INTO seen FROM agreement_member m WHERE m.agreement_id = NEW.agreement_id;
  END IF;
  IF cardinality(seen) > 0 THEN
    PERFORM pg_advisory_xact_lock(hashtext('hub.event'));
    INSERT INTO event (type, subject, partners, data, test) VALUES (kind, subject, seen, '{}', tried);
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER hub_message_changed AFTER UPDATE OF state ON message DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION hub_changed();
CREATE CONSTRAINT TRIGGER hub_order_placed AFTER INSERT ON purchase_order DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION hub_changed();
CREATE CONSTRAINT TRIGGER hub_order_changed AFTER UPDATE ON purchase_order DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION hub_changed();
CREATE CONSTRAINT TRIGGER hub_plan_made AFTER INSERT ON plan_version DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION hub_changed();
CREATE CONSTRAINT TRIGGER hub_exception_changed AFTER INSERT ON exception_event DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION hub_changed();

-- Whoever changes a partner, an agreement or the catalogue gives what is known of them a number that it never had. Two who
-- change something wait for each other, so that a number is never seen before what it stands for.
CREATE OR REPLACE FUNCTION hub_master_changed() RETURNS trigger LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE master_state SET state = nextval('master_state_number');
  RETURN NULL;
END $$;
CREATE TRIGGER hub_master_changed AFTER INSERT OR UPDATE OR DELETE ON partner FOR EACH STATEMENT EXECUTE FUNCTION hub_master_changed();
CREATE TRIGGER hub_master_changed AFTER INSERT ON profile_version FOR EACH STATEMENT EXECUTE FUNCTION hub_master_changed();
CREATE TRIGGER hub_master_changed AFTER INSERT ON partner_stage FOR EACH STATEMENT EXECUTE FUNCTION hub_master_changed();
CREATE TRIGGER hub_master_changed AFTER INSERT OR UPDATE OR DELETE ON agreement FOR EACH STATEMENT EXECUTE FUNCTION hub_master_changed();
CREATE TRIGGER hub_master_changed AFTER INSERT OR UPDATE OR DELETE ON item FOR EACH STATEMENT EXECUTE FUNCTION hub_master_changed();
CREATE TRIGGER hub_master_changed AFTER INSERT OR UPDATE OR DELETE ON item_code FOR EACH STATEMENT EXECUTE FUNCTION hub_master_changed();
CREATE TRIGGER hub_master_changed AFTER INSERT OR UPDATE OR DELETE ON location FOR EACH STATEMENT EXECUTE FUNCTION hub_master_changed();
CREATE TRIGGER hub_master_changed AFTER INSERT OR UPDATE OR DELETE ON unit_conversion FOR EACH STATEMENT EXECUTE FUNCTION hub_master_changed();

-- The newest event there is, and the last one that is kept no more.
CREATE OR REPLACE FUNCTION hub_event_bounds(OUT newest bigint, OUT forgotten bigint) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT greatest(coalesce((SELECT max(id) FROM event), 0), through), through FROM event_floor
$$;

-- Whom the events behind `after` are for, so that a process wakes those who wait for them.
CREATE OR REPLACE FUNCTION hub_rung(after bigint) RETURNS TABLE (id bigint, partner text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT e.id, p.name FROM event e CROSS JOIN unnest(e.partners) AS u(key) JOIN partner p ON p.id = u.key
  WHERE e.id > after ORDER BY e.id LIMIT 10000
$$;

-- Keep no events from before then; how many there were. A watcher that asks for them is told so.
CREATE OR REPLACE FUNCTION hub_forget_events(before timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  last bigint;
  gone bigint;
BEGIN
  SELECT max(id) INTO last FROM event WHERE known_at < before;
  DELETE FROM event WHERE id <= last;
  GET DIAGNOSTICS gone = ROW_COUNT;
  UPDATE event_floor SET through = last WHERE last > through;
  RETURN gone;
END $$;

-- Observations as rows, for people: the latest accepted message wins -------------------------------------------------
CREATE OR REPLACE VIEW observation WITH (security_invoker = true) AS
  SELECT DISTINCT ON (c.block, u.series_id, c.period)
    u.series_id, c.agreement_id, c.measure, c.period, u.quantity, c.message_id, c.known_at
  FROM observation_chunk c, unnest(c.series_ids, c.quantities) AS u(series_id, quantity)
  ORDER BY c.block, u.series_id, c.period, c.message_id DESC, c.part DESC;
