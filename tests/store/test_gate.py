"""The gate itself, asked in PostgreSQL's own catalogues: who a door is, what it owns, and that no table stands open."""

from __future__ import annotations

import psycopg
import pytest

from hub.store import Urls, visibility
from hub.store.tables import APPEND_ONLY, metadata

QUEUE = {"procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers"}
KEYLESS = {*QUEUE, "alembic_version"}
"""Tables of other people's making: no policies, and no door has any right to them."""

UNGUARDED = """
    SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'f')
      AND NOT (relrowsecurity AND EXISTS (
        SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND 'hub_worker'::regrole = ANY (p.polroles)))"""
OPEN_TO_DOORS = """
    SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'f', 'v')
      AND has_any_column_privilege('hub_door', c.oid, 'SELECT')"""


def names(url: str, query: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute(query.encode()).fetchall()}


def test_a_door_is_nobody_special_and_owns_nothing(urls: Urls) -> None:
    with psycopg.connect(urls.door) as connection:
        assert connection.execute("SELECT current_user, session_user").fetchone() == ("hub_door", "hub_door")
        assert connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone() == (False, False, False, False)
        owned = connection.execute(
            "SELECT (SELECT count(*) FROM pg_class WHERE relowner = 'hub_door'::regrole), "
            "(SELECT count(*) FROM pg_proc WHERE proowner = 'hub_door'::regrole), "
            "(SELECT count(*) FROM pg_auth_members WHERE member = 'hub_door'::regrole)").fetchone()
    assert owned == (0, 0, 0)


@pytest.mark.parametrize("role", ["door", "worker"])
def test_row_security_is_active_for_every_table_of_ours(urls: Urls, role: str) -> None:
    with psycopg.connect(getattr(urls, role)) as connection:
        active = {t: connection.execute("SELECT row_security_active(%s::text)", (f'"{t}"',)).fetchone()
                  for t in metadata.tables}
    assert set(active.values()) == {(True,)}


def test_no_table_stands_without_a_policy(urls: Urls) -> None:
    assert names(urls.owner, UNGUARDED) == KEYLESS


def test_a_new_table_without_a_policy_is_found_out(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute("CREATE TABLE forgotten (id int)")
    assert names(urls.owner, UNGUARDED) == {*KEYLESS, "forgotten"}
    assert "forgotten" not in names(urls.owner, OPEN_TO_DOORS)


def test_doors_read_exactly_the_tables_that_the_rules_name(urls: Urls) -> None:
    assert names(urls.owner, OPEN_TO_DOORS) == {*visibility.DOOR, "observation"}


def test_columns_that_are_for_members_alone_are_read_by_no_door(urls: Urls) -> None:
    closed = names(urls.owner, """
        SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
          AND has_any_column_privilege('hub_door', c.oid, 'SELECT')
          AND NOT has_column_privilege('hub_door', c.oid, attnum, 'SELECT')""")
    assert closed == {f"{table}.{column}" for table, columns in visibility.HIDDEN.items() for column in columns}


def test_views_look_with_the_eyes_of_the_one_who_asks(urls: Urls) -> None:
    blind = "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace " \
            "AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)"
    assert names(urls.owner, blind) == set()


@pytest.mark.parametrize("right", ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"])
def test_a_door_writes_to_no_table(urls: Urls, right: str) -> None:
    with psycopg.connect(urls.owner) as connection:
        assert connection.execute(
            "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') "
            "AND has_table_privilege('hub_door', c.oid, %s)", (right,)).fetchall() == []


def test_what_is_append_only_is_so_for_the_worker_too(urls: Urls) -> None:
    changeable = names(urls.owner, """
        SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND (
          has_table_privilege('hub_worker', c.oid, 'UPDATE') OR has_table_privilege('hub_worker', c.oid, 'DELETE')
          OR has_table_privilege('hub_worker', c.oid, 'TRUNCATE'))""")
    assert changeable & {t.name for t in APPEND_ONLY} == set()
    assert changeable - QUEUE == set(metadata.tables) - {t.name for t in APPEND_ONLY}


def test_functions_with_the_owners_rights_have_a_fixed_path_and_are_not_for_everybody(urls: Urls) -> None:
    assert names(urls.owner, """
        SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef AND NOT (
          coalesce('search_path=pg_catalog, public, pg_temp' = ANY (proconfig), false)
          AND NOT EXISTS (SELECT 1 FROM aclexplode(proacl) WHERE grantee = 0) AND proacl IS NOT NULL)""") == set()
    strangers = names(urls.owner, """
        SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
          AND has_function_privilege('hub_door', oid, 'EXECUTE')""")
    assert strangers == {
        "hub_enter", "hub_partners", "hub_agreements", "hub_feeds", "hub_grants", "hub_grantors", "hub_granted",
        "hub_granted_version", "hub_granted_chunks",
        "hub_plan_reason", "hub_forecasts", "hub_items", "hub_locations",
        "hub_caller_of_token", "hub_partner_name", "hub_note", "hub_event_bounds", "hub_rung",
        "hub_caller_of_gln", "hub_receive", "hub_take_in", "hub_receive_chunk", "hub_answer", "hub_answer_of",
        "hub_taken",
        "hub_defer", "hub_cycles",
        "hub_record"}


def test_nobody_else_may_create_anything_where_the_functions_look(urls: Urls) -> None:
    for url in (urls.door, urls.worker):
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT has_schema_privilege(current_user, 'public', 'CREATE')").fetchone()
        assert row == (False,)


def test_a_setting_that_is_no_number_opens_nothing(urls: Urls) -> None:
    with psycopg.connect(urls.door) as connection:
        connection.execute("SELECT set_config('hub.partner', '', true)")
        assert connection.execute("SELECT count(*) FROM message").fetchone() == (0,)
        connection.execute("SELECT set_config('hub.partner', '1 OR true', true)")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT count(*) FROM message")


def test_bytes_cannot_be_added_to_a_message_later(urls: Urls) -> None:
    with psycopg.connect(urls.door) as connection:
        row = connection.execute(
            "SELECT id FROM hub_receive('msg_a', NULL, 'http', 'aa', 1, now(), NULL, NULL, false)").fetchone()
    assert row is not None
    with psycopg.connect(urls.door) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT hub_receive_chunk(%s, 0, 'x')", row)


def test_a_door_does_not_receive_in_anybody_elses_name(urls: Urls) -> None:
    with psycopg.connect(urls.owner) as connection:
        connection.execute("INSERT INTO partner (name) VALUES ('acme'), ('bolt')")
    with psycopg.connect(urls.door) as connection:
        connection.execute("SELECT hub_enter('acme')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT hub_receive('msg_a', 2, 'http', 'aa', 1, now(), NULL, NULL, false)")
