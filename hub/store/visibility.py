"""Who may see what: the one gate, in the database.

For every table a row of `DOOR` says which rows the partner in `hub.partner` may read; a table without a row there is
closed to doors. `hub_worker` has its own policies and sees all.
What is only a test is in the sandbox: of the tables in `SANDBOXED` everybody sees either tests or live rows, never
both. Doors write nothing directly: what they may do goes
through the narrow functions of `functions.sql`. Everything fails closed: without a setting, `ME` is NULL and nothing
matches.

`statements()` drops and rebuilds all policies and grants, and runs after every migration whose tables or rules
changed. A new table that no row names is closed to doors, and a test counts on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from hub.store import measures
from hub.store.tables import APPEND_ONLY, HERE, SANDBOXED, metadata

SALES, ORDERS, BASELINE = (measures.NUMBER[word] for word in ("sales_forecast", "order_forecast", "baseline"))
ME = "nullif(current_setting('hub.partner', true), '')::int"
AGREED = "agreement_id IN (SELECT hub_agreements())"
"""An agreement in which I am a member, and which has not expired."""
FEED = "(agreement_id, measure) IN (SELECT agreement_id, measure FROM hub_feeds())"
"""Such an agreement, and a measure that it lets me see."""
OWN_OR_FEED = f"{FEED} OR author_id = {ME} AND {AGREED}"
VIEWS = (f"agreement_id IN (SELECT f.agreement_id FROM hub_feeds() f WHERE f.measure = "  # noqa: S608
         f"CASE exception.measure WHEN 'order_forecast' THEN {ORDERS} ELSE {SALES} END)")
"""An exception shows what both sides forecast: sales, or orders."""
ACTUALS = "(agreement_id, observed) IN (SELECT agreement_id, measure FROM hub_feeds())"
"""How good a forecast was says something of what came: whoever may not see that sees neither."""
GRANTORS = "SELECT agreement_id FROM hub_grants()"
GRANTED_PLACE = """EXISTS (SELECT 1 FROM hub_grants() g WHERE g.agreement_id = item_location.agreement_id
  AND (g.items = '{}' OR gtin = ANY (g.items)) AND (g.locations = '{}' OR gln = ANY (g.locations)))"""
GRANTED_LINE = f"agreement_id IN ({GRANTORS}) AND hub_granted(agreement_id, measure, item_location_id)"
GRANTED_VERSION = f"agreement_id IN ({GRANTORS}) AND hub_granted_version(id, agreement_id, measure)"
"""A version shows itself to whom a line of it is granted. Functions ask, for a member's plan should not hold what
only a grant has need of: as conditions they cost every read of a forecast a fifth."""
PLACES = "FROM hub_grants() g JOIN item_location i ON i.agreement_id = g.agreement_id"
"""Where a partner is granted something, what is there by name; row-level security leaves of these the granted ones."""
PARTY = f"{ME} IN (sender_id, receiver_id)"
MESSAGE = f"{PARTY} OR claimed_id = {ME}"
DESPATCHED = """kind = 'Despatch' AND EXISTS (
  SELECT 1 FROM order_event e
  WHERE (e.message_id, e.kind, e.number) = (document.message_id, 'despatch', document.number))"""
"""A despatch is told to both sides of the orders that it fulfils, whoever the envelope names."""

DOOR: dict[str, str] = {
    "partner": "id IN (SELECT hub_partners()) OR id IN (SELECT hub_grantors())",
    "profile_version": f"partner_id = {ME}",
    "partner_stage": f"partner_id = {ME}",
    "account": f"partner_id = {ME}",
    "agreement": f"id IN (SELECT hub_agreements()) OR id IN ({GRANTORS})",
    "agreement_version": AGREED,
    "agreement_member": f"{AGREED} OR agreement_id IN ({GRANTORS})",
    "agreement_grant": f"{AGREED} OR partner_id = {ME} AND agreement_id IN ({GRANTORS})",
    "item": f"id IN (SELECT hub_items()) OR gtin IN (SELECT i.gtin {PLACES})",
    "item_code": f"partner_id = {ME}",
    "unit_conversion": "EXISTS (SELECT 1 FROM item i WHERE i.id = item_id)",
    "location": f"id IN (SELECT hub_locations()) OR gln IN (SELECT i.gln {PLACES})",
    "message": MESSAGE,
    "message_chunk": "EXISTS (SELECT 1 FROM message m WHERE m.id = message_id)",
    "purged": "EXISTS (SELECT 1 FROM message m WHERE m.id = message_id)",
    "mention": "EXISTS (SELECT 1 FROM message m WHERE m.id = message_id)",
    "document": f"{PARTY} OR {DESPATCHED}",
    "delivery": f"partner_id = {ME}",
    "attempt": "EXISTS (SELECT 1 FROM delivery d WHERE d.id = delivery_id)",
    "acknowledgement": "EXISTS (SELECT 1 FROM delivery d WHERE d.message_id = acknowledgement.message_id)",
    "purchase_order": f"{ME} IN (buyer_id, seller_id)",
    "order_event": "EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = purchase_order_id)",
    "order_line": "EXISTS (SELECT 1 FROM purchase_order o WHERE o.id = purchase_order_id)",
    "item_location": f"{AGREED} OR {GRANTED_PLACE}",
    "series": f"{FEED} OR {GRANTED_LINE}",
    "observation_chunk": FEED,
    "plan_version": f"{OWN_OR_FEED} OR {GRANTED_VERSION}",
    "plan_line": f"{OWN_OR_FEED} OR {GRANTED_LINE}",
    "plan_reason": OWN_OR_FEED,
    "proposal_release": FEED,
    "scorecard": AGREED,
    "accuracy": f"({OWN_OR_FEED}) AND {ACTUALS}",
    "value_added":
        f"({OWN_OR_FEED}) AND {ACTUALS} AND (against_measure IS NULL OR (agreement_id, against_measure) IN "  # noqa: S608
        "(SELECT agreement_id, measure FROM hub_feeds()))",
    "commitment": AGREED,
    "metric_exception": f"({OWN_OR_FEED}) AND {ACTUALS}",
    "business_plan": AGREED,
    "run": AGREED,
    "exception": VIEWS,
    "exception_baseline":
        f"agreement_id IN (SELECT agreement_id FROM hub_feeds() WHERE measure = {BASELINE})",  # noqa: S608
    "exception_event": "EXISTS (SELECT 1 FROM exception e WHERE e.id = exception_id)",
    "event": f"{ME} = ANY (partners)",
}
HIDDEN: dict[str, frozenset[str]] = {
    "agreement": frozenset({"valid_from", "valid_to", "items", "locations", "body", "known_at"}),
    "agreement_member": frozenset({"measures"}),
    "item": frozenset({"unit_value"}),
    "plan_version": frozenset({"reason"}),
}
"""Columns that no door reads, of tables whose rows also somebody sees who is granted something and is no member.
Members find what was agreed in `agreement_version`, and ask `hub_plan_reason`."""
SIDE = f"test = (SELECT {HERE})"
"""Rows of the sandbox when the transaction is in it, live ones otherwise. The subquery asks once and not per row."""
FUNCTIONS = Path(__file__).with_name("functions.sql")


def statements() -> Iterator[str]:
    """SQL that makes the database's functions, policies and grants equal to this file, run as `hub_owner`."""
    yield CLEAR
    yield FUNCTIONS.read_text()
    append_only, sandboxed = {t.name for t in APPEND_ONLY}, {t.name for t in SANDBOXED}
    for table in sorted(metadata.tables):
        yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
        yield f'REVOKE ALL ON "{table}" FROM PUBLIC, hub_worker, hub_door'
        here = SIDE if table in sandboxed else "true"
        yield f'CREATE POLICY worker ON "{table}" TO hub_worker USING ({here}) WITH CHECK ({here})'
        yield f'GRANT SELECT, INSERT{"" if table in append_only else ", UPDATE, DELETE"} ON "{table}" TO hub_worker'
        if table in DOOR:
            yield f'CREATE POLICY door ON "{table}" FOR SELECT TO hub_door USING (({DOOR[table]}) AND {here})'
            yield f'GRANT SELECT {_shown(table)} ON "{table}" TO hub_door'
    yield GRANTS


def _shown(table: str) -> str:
    """The columns that doors read, in brackets; nothing where they read all."""
    shown = ", ".join(column.name for column in metadata.tables[table].columns if column.name not in HIDDEN[table]) if (
        table in HIDDEN) else ""
    return shown and f"({shown})"


def digest() -> str:
    """Changes whenever a rule does."""
    return hashlib.sha256("\n".join(statements()).encode()).hexdigest()


CLEAR = """
DO $$ DECLARE p record; f regprocedure; BEGIN
  FOR p IN SELECT polname, polrelid::regclass AS relation FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
           WHERE relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('DROP POLICY %I ON %s', p.polname, p.relation);
  END LOOP;
  DROP VIEW IF EXISTS observation;
  FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'hub\\_%' LOOP
    EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', f);
  END LOOP;
END $$"""

GRANTS = """
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, hub_door;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO hub_worker;
GRANT EXECUTE ON FUNCTION hub_enter(text), hub_partners(), hub_partner_name(int), hub_agreements(), hub_feeds(),
  hub_grants(), hub_grantors(), hub_granted(int, smallint, int),
  hub_granted_version(int, int, smallint), hub_granted_chunks(int[]), hub_plan_reason(int),
  hub_items(), hub_locations(), hub_cycles(),
  hub_forecasts(text, text[], text[], text[]),
  hub_caller_of_token(bytea), hub_caller_of_gln(text, text), hub_note(jsonb), hub_event_bounds(), hub_rung(bigint),
  hub_receive(text, int, text, text, bigint, timestamptz, text,
  text, boolean), hub_receive_chunk(int, int, bytea), hub_answer(int, int, jsonb, bytea), hub_answer_of(int),
  hub_taken(text),
  hub_take_in(text, text, text, text, bigint, timestamptz, text, text, boolean, bytea, text, text),
  hub_defer(text, text, jsonb), hub_record(text, text, text, jsonb) TO hub_door;
GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers,
  procrastinate_workers TO hub_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO hub_worker;
REVOKE ALL ON procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers,
  alembic_version FROM PUBLIC, hub_door;
GRANT SELECT ON alembic_version TO hub_worker;
GRANT SELECT ON observation TO hub_worker, hub_door"""
