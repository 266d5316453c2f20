"""Every table on a page.

`id` are surrogate keys and never leave the store; `public_id` are random and untimed and may be shown to anybody. Who
may see which rows stands in `visibility`; which tables are append-only in `APPEND_ONLY`, and the grants enforce it.
Measures are the numbers of `measures`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(naming_convention={
    "pk": "%(table_name)s_pkey", "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key", "ck": "%(table_name)s_%(constraint_name)s_check",
})


def surrogate() -> Column[int]:
    return Column("id", Integer, Identity(always=True), primary_key=True)


def public() -> Column[str]:
    return Column("public_id", Text, nullable=False, unique=True)


def known() -> Column[Any]:
    """When the hub learnt it: the start of the transaction."""
    return Column("known_at", DateTime(timezone=True), nullable=False, server_default=text("now()"))


def to(table: str, name: str | None = None, *, key: bool = False, null: bool = False) -> Column[int]:
    return Column(name or f"{table}_id", Integer, ForeignKey(f"{table}.id"), primary_key=key, nullable=null)


def needed(name: str, type_: Any, **more: Any) -> Column[Any]:
    return Column(name, type_, nullable=False, **more)


def json(name: str, default: str = "{}") -> Column[Any]:
    return Column(name, JSONB, nullable=False, server_default=text(f"'{default}'::jsonb"))


def count(name: str) -> Column[int]:
    return needed(name, Integer, server_default=text("0"))


HERE = "(COALESCE(current_setting('hub.sandbox'::text, true), ''::text) = 'on'::text)"
"""Whether the transaction is in the sandbox."""


def test_or_live() -> Column[bool]:
    """Whether a row belongs to the sandbox: to what is only a test. It is where the transaction that adds it is."""
    return needed("test", Boolean, server_default=text(HERE))


MOMENT = DateTime(timezone=True)

# -- who: partners and what they agreed ------------------------------------------------------------------------------

partner = Table(
    "partner", metadata, surrogate(), needed("name", Text, unique=True), Column("gln", Text, unique=True), known())
profile_version = Table(
    "profile_version", metadata, surrogate(), to("partner"), needed("version", Integer), needed("digest", Text),
    json("body"), json("overlays"), known(), UniqueConstraint("partner_id", "version"))
partner_stage = Table(
    "partner_stage", metadata, surrogate(), to("partner"), needed("stage", Text), needed("actor", Text),
    needed("reason", Text), known(), Index(None, "partner_id", "id"),
    CheckConstraint("stage IN ('drafted', 'connected', 'tested', 'live')", name="stage"))
account = Table(
    "account", metadata, surrogate(), to("partner"), needed("name", Text), needed("kind", Text), needed("role", Text),
    known(), Column("disabled_at", MOMENT), needed("revision", Integer, server_default=text("1")),
    CheckConstraint("kind IN ('user', 'service')", name="kind"),
    CheckConstraint("role IN ('viewer', 'planner', 'operator', 'admin')", name="role"),
    UniqueConstraint("partner_id", "name"))
credential = Table(
    "credential", metadata, surrogate(), to("partner"), needed("label", Text),
    needed("token_hash", LargeBinary, unique=True), known(), Column("revoked_at", MOMENT), to("account"),
    Column("expires_at", MOMENT))
request_reply = Table(
    "request_reply", metadata, to("partner", key=True), Column("request_id", Text, primary_key=True),
    needed("method", Text), needed("digest", LargeBinary), Column("reply", LargeBinary), known(),
    Index(None, "known_at"))
agreement = Table(
    "agreement", metadata, surrogate(), needed("name", Text, unique=True), needed("valid_from", Date),
    Column("valid_to", Date), needed("items", ARRAY(Text)), needed("locations", ARRAY(Text)), json("body"), known())
agreement_version = Table(
    "agreement_version", metadata, surrogate(), to("agreement"), needed("version", Integer), json("body"), known(),
    UniqueConstraint("agreement_id", "version"))
agreement_member = Table(
    "agreement_member", metadata, to("agreement", key=True), to("partner", key=True), needed("role", Text),
    needed("measures", ARRAY(SmallInteger)), Index(None, "partner_id"))
agreement_grant = Table(
    "agreement_grant", metadata, surrogate(), to("agreement"), to("partner"), needed("tier", SmallInteger),
    needed("measures", ARRAY(SmallInteger)), needed("items", ARRAY(Text)), needed("locations", ARRAY(Text)),
    Column("valid_from", Date), Column("valid_to", Date), Index(None, "partner_id"), Index(None, "agreement_id"))

# -- what: items, places and their names -----------------------------------------------------------------------------

item = Table(
    "item", metadata, surrogate(), needed("gtin", Text, unique=True), to("partner", "owner_id"), needed("name", Text),
    needed("base_unit", Text), Column("grouping", Text), Column("unit_value", Numeric))
item_code = Table(
    "item_code", metadata, to("partner", key=True), Column("scheme", Text, primary_key=True),
    Column("code", Text, primary_key=True), to("item"), Index(None, "item_id"))
unit_conversion = Table(
    "unit_conversion", metadata, to("item", key=True), Column("unit", Text, primary_key=True),
    needed("factor", Numeric), CheckConstraint("factor > 0", name="positive"))
location = Table(
    "location", metadata, surrogate(), needed("gln", Text, unique=True), to("partner", "owner_id"),
    needed("name", Text), needed("kind", Text), Column("code", Text))
master_version = Table(
    "master_version", metadata, surrogate(), to("partner"), needed("kind", Text), needed("key", Text), json("body"),
    known(), Index(None, "kind", "key"))

# -- files in and out ------------------------------------------------------------------------------------------------

message = Table(
    "message", metadata, surrogate(), public(), needed("direction", Text), needed("channel", Text),
    needed("state", Text), to("partner", "claimed_id", null=True), to("partner", "sender_id", null=True),
    to("partner", "receiver_id", null=True),
    Column("format", Text), Column("kind", Text), Column("version", Text), Column("control", Text),
    needed("sha256", Text), needed("length", BigInteger), needed("received_at", MOMENT), Column("filename", Text),
    to("message", "in_reply_to", null=True), json("findings", "[]"), known(), Column("sender_reference", Text),
    test_or_live(), needed("staged", Boolean, server_default=text("false")),
    needed("cleared", Boolean, server_default=text("false")),
    CheckConstraint("direction IN ('in', 'out')", name="direction"),
    Index("message_once", "claimed_id", "sha256", "staged", unique=True, postgresql_nulls_not_distinct=True,
          postgresql_where=text("direction = 'in' AND state IN ('received', 'processed') AND NOT cleared")),
    Index("message_reference_once", "claimed_id", "channel", "sender_reference", "staged", unique=True,
          postgresql_nulls_not_distinct=True, postgresql_where=text(
              "direction = 'in' AND sender_reference IS NOT NULL AND state IN ('received', 'processed')")),
    Index("message_control", text("ltrim(control, '0'::text)")), Index(None, "claimed_id", "received_at"),
    Index(None, "in_reply_to"),
    Index(None, "sender_id", "id"), Index(None, "receiver_id", "id"), Index(None, "state", "id"),
    Index("message_sent_control", "receiver_id", "format", text("ltrim(control, '0'::text)"), "id",
          postgresql_where=text("direction = 'out'")))
message_chunk = Table(
    "message_chunk", metadata, to("message", key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    needed("content", LargeBinary))
interchange = Table(
    "interchange", metadata, surrogate(), needed("format", Text), to("partner", "sender_id", null=True),
    Column("sender_qualifier", Text), Column("sender", Text),
    Column("receiver_qualifier", Text), Column("receiver", Text),
    needed("control", Text), to("message"), test_or_live(),
    UniqueConstraint("format", "sender_id", "sender_qualifier", "sender", "receiver_qualifier", "receiver", "control",
                     "test", name="interchange_once", postgresql_nulls_not_distinct=True))
document = Table(
    "document", metadata, surrogate(), public(), to("message"), needed("ordinal", Integer), needed("kind", Text),
    needed("transaction", Text), Column("version", Text), Column("control", Text), Column("number", Text),
    to("partner", "sender_id", null=True), to("partner", "receiver_id", null=True), needed("status", Text),
    json("body"),
    json("findings", "[]"), known(), test_or_live(), Index(None, "message_id"), Index(None, "kind", "number"),
    Index(None, "number"),
    Index("document_order_number", text("(body ->> 'order_number'::text)")))
answer = Table(
    "answer", metadata, to("message", key=True), needed("status", Integer), json("headers"),
    needed("body", LargeBinary), known())
delivery = Table(
    "delivery", metadata, surrogate(),
    Column("message_id", Integer, ForeignKey("message.id"), nullable=False, unique=True), to("partner"),
    needed("channel", Text), needed("filename", Text), Column("expects", Text), known(),
    needed("state", Text, server_default=text("'queued'::text")), count("attempts"), count("failures"), count("losses"),
    needed("next_at", MOMENT, server_default=text("now()")), Column("first_at", MOMENT),
    Column("claimed_by", Integer), Column("claimed_at", MOMENT), Column("delivered_at", MOMENT),
    Column("due_at", MOMENT), Column("overdue_at", MOMENT), Column("receipt_due_at", MOMENT),
    CheckConstraint("state IN ('queued', 'sending', 'waiting', 'delivered', 'failed', 'discarded')", name="state"),
    Index(None, "partner_id"),
    Index("delivery_open", "partner_id", "id", postgresql_where=text("state IN ('queued', 'waiting')")),
    Index("delivery_sending", "partner_id", postgresql_where=text("state = 'sending'")),
    Index("delivery_due", "due_at", postgresql_where=text("due_at IS NOT NULL AND overdue_at IS NULL")),
    Index("delivery_receipt_due", "receipt_due_at", postgresql_where=text("receipt_due_at IS NOT NULL")))
attempt = Table(
    "attempt", metadata, surrogate(), to("delivery"), needed("ok", Boolean), needed("detail", Text), known(),
    needed("outcome", Text, server_default=text("'retry'::text")), Column("seconds", Double),
    Index(None, "delivery_id"))
circuit = Table(
    "circuit", metadata, to("partner", key=True), count("failures"), Column("opened_at", MOMENT),
    Column("open_until", MOMENT), Column("reason", Text))
acknowledgement = Table(
    "acknowledgement", metadata, surrogate(), to("message"), needed("scope", Text), needed("outcome", Text), known(),
    Column("group_control", Text), Column("control", Text), needed("codes", ARRAY(Text), server_default=text("'{}'")),
    to("message", "answer_id", null=True), Index(None, "message_id"))
sent_transaction = Table(
    "sent_transaction", metadata, to("message", key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False), Column("group_control", Text),
    needed("kind", Text), needed("control", Text), Index(None, "group_control", "message_id"))
mention = Table(
    "mention", metadata, to("message", key=True), Column("number", Text, primary_key=True), Index(None, "number"))
control_range = Table(
    "control_range", metadata, surrogate(), needed("format", Text), to("partner", "sender_id"), needed("sender", Text),
    needed("receiver", Text), needed("cycle", Integer), needed("low", BigInteger), needed("high", BigInteger),
    test_or_live(), CheckConstraint("low <= high", name="ordered"),
    UniqueConstraint("format", "sender_id", "sender", "receiver", "cycle", "low", "test", name="control_range_once"))
control_number = Table(
    "control_number", metadata, Column("format", Text, primary_key=True), Column("sender", Text, primary_key=True),
    Column("receiver", Text, primary_key=True), Column("scope", Text, primary_key=True), needed("last", Integer),
    Column("test", Boolean, primary_key=True, server_default=text(HERE)))
dead_letter = Table(
    "dead_letter", metadata, surrogate(), to("message"), needed("job", Text), needed("reason", Text),
    needed("attempts", Integer), known(), Index(None, "message_id"))
dead_letter_end = Table(
    "dead_letter_end", metadata, to("dead_letter", key=True), needed("action", Text), needed("actor", Text),
    Column("reason", Text), known())
alert = Table(
    "alert", metadata, surrogate(), public(), needed("kind", Text), needed("subject", Text), to("partner", null=True),
    needed("severity", Text), needed("message", Text), needed("hint", Text), known(), Column("closed_at", MOMENT),
    needed("told", ARRAY(Text), server_default=text("'{}'::text[]")), count("tries"),
    Column("tell_at", MOMENT, server_default=text("now()")),
    Index("alert_open", "kind", "subject", unique=True, postgresql_where=text("closed_at IS NULL")),
    Index("alert_untold", "tell_at", postgresql_where=text("tell_at IS NOT NULL")))
purged = Table(
    "purged", metadata, to("message", key=True), Column("what", Text, primary_key=True), needed("why", Text), known(),
    CheckConstraint("what IN ('bytes', 'documents', 'attempts')", name="what"))
purged_book = Table(
    "purged_book", metadata, surrogate(), needed("what", Text), to("purchase_order", null=True),
    to("plan_version", "version", null=True), to("agreement", null=True), Column("measure", SmallInteger),
    Column("period", Date), needed("rows", BigInteger), needed("sha256", Text), needed("why", Text), known(),
    CheckConstraint("what IN ('orders', 'observations', 'plans')", name="what"),
    Index(None, "purchase_order_id"), Index(None, "version"))
legal_hold = Table(
    "legal_hold", metadata, surrogate(), to("partner"), needed("reason", Text), needed("actor", Text), known(),
    Column("ended_at", MOMENT), Column("ended_by", Text),
    Index("legal_hold_open", "partner_id", unique=True, postgresql_where=text("ended_at IS NULL")))

# -- orders ----------------------------------------------------------------------------------------------------------

purchase_order = Table(
    "purchase_order", metadata, surrogate(), public(), needed("number", Text), to("partner", "buyer_id"),
    to("partner", "seller_id"), needed("state", Text), needed("placed_on", Date), Column("deliver_on", Date),
    Column("currency", Text), to("message", null=True), json("body"), Column("response", JSONB), known(),
    test_or_live(), UniqueConstraint("buyer_id", "seller_id", "number", "test"), Index(None, "seller_id"))
order_line = Table(
    "order_line", metadata, to("purchase_order", key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False), Column("number", Text), Column("gtin", Text),
    Column("gln", Text), Column("due", Date), Column("factor", Double), needed("ordered", Double),
    Column("promised", Double), Column("received", Double), test_or_live())
order_event = Table(
    "order_event", metadata, surrogate(), public(), to("purchase_order"), needed("kind", Text), needed("number", Text),
    to("message", null=True), json("body"), known(), test_or_live(),
    UniqueConstraint("purchase_order_id", "kind", "number"))

# -- what was observed, what is planned ------------------------------------------------------------------------------

item_location = Table(
    "item_location", metadata, surrogate(), to("agreement"), needed("gln", Text), needed("gtin", Text),
    test_or_live(), UniqueConstraint("agreement_id", "gln", "gtin", "test"))
block = Table(
    "block", metadata, surrogate(), to("agreement"), needed("measure", SmallInteger), needed("used", SmallInteger),
    test_or_live(), CheckConstraint("used BETWEEN 0 AND 512", name="used"), Index(None, "agreement_id", "measure"))
series = Table(
    "series", metadata, Column("id", Integer, primary_key=True, autoincrement=False), to("agreement"),
    needed("measure", SmallInteger), to("item_location"), test_or_live(),
    UniqueConstraint("agreement_id", "measure", "item_location_id"))
observation_chunk = Table(
    "observation_chunk", metadata, to("block", "block", key=True), Column("period", Date, primary_key=True),
    to("message", key=True), Column("part", SmallInteger, primary_key=True, autoincrement=False), to("agreement"),
    needed("measure", SmallInteger), known(), test_or_live(), needed("series_ids", ARRAY(Integer)),
    needed("quantities", ARRAY(Double)),
    CheckConstraint("cardinality(series_ids) = cardinality(quantities)", name="aligned"),
    Index(None, "message_id"), Index(None, "agreement_id", "measure"))
plan_version = Table(
    "plan_version", metadata, surrogate(), public(), to("agreement"), to("partner", "author_id", null=True),
    needed("measure", SmallInteger), needed("first_week", Date), needed("weeks", Integer), Column("source", Text),
    known(), test_or_live(), Column("reason", JSONB), Index(None, "agreement_id", "measure", "id"))
plan_line = Table(
    "plan_line", metadata, to("plan_version", "version", key=True), to("item_location", key=True), to("agreement"),
    to("partner", "author_id", null=True), needed("measure", SmallInteger), needed("quantities", ARRAY(Double)),
    test_or_live())
run = Table(
    "run", metadata, surrogate(), public(), to("agreement"), needed("as_of", Date),
    needed("number", Integer, server_default=text("1")), known(), UniqueConstraint("agreement_id", "as_of", "number"))
run_step = Table(
    "run_step", metadata, surrogate(), to("run"), needed("step", Text), needed("state", Text), json("detail"), known(),
    Index(None, "run_id", "id"))
run_put_away = Table(
    "run_put_away", metadata, to("run", key=True), to("partner", key=True), known())
plan_reason = Table(
    "plan_reason", metadata, to("plan_version", "version", key=True), to("item_location", key=True), to("agreement"),
    to("partner", "author_id", null=True), needed("measure", SmallInteger), needed("made_by", Text),
    needed("parts", ARRAY(Double)), test_or_live())
proposal_release = Table(
    "proposal_release", metadata, to("plan_version", "version", key=True), to("item_location", key=True),
    to("agreement"), needed("measure", SmallInteger), to("purchase_order"), needed("quantity", Double),
    needed("actor", Text), known(), test_or_live(), Index(None, "purchase_order_id"))
scorecard = Table(
    "scorecard", metadata, surrogate(), to("run"), to("agreement"), needed("observed", SmallInteger),
    needed("first_week", Date), needed("last_week", Date), known(), UniqueConstraint("run_id"),
    Index(None, "agreement_id", "id"))
accuracy = Table(
    "accuracy", metadata, surrogate(), to("scorecard"), to("agreement"), needed("observed", SmallInteger),
    needed("author", Text), to("partner", "author_id", null=True), needed("measure", SmallInteger),
    needed("lag", Integer), needed("grouping", Text), needed("cells", Integer), needed("error", Double),
    needed("absolute", Double), needed("actual", Double), needed("volume", Double), needed("scaled", Double),
    needed("scaled_cells", Integer), Index(None, "scorecard_id"))
value_added = Table(
    "value_added", metadata, surrogate(), to("scorecard"), to("agreement"), needed("observed", SmallInteger),
    needed("author", Text), to("partner", "author_id", null=True), needed("measure", SmallInteger),
    needed("against", Text), Column("against_measure", SmallInteger), needed("edit", Text), needed("cells", Integer),
    needed("before", Double), needed("after", Double), needed("volume", Double), Index(None, "scorecard_id"))
commitment = Table(
    "commitment", metadata, surrogate(), to("scorecard"), to("agreement"), needed("author", Text),
    needed("lines", Integer), needed("ordered", Double), needed("promised", Double), needed("committed", Double),
    needed("delivered", Double), Index(None, "scorecard_id"))
metric_exception = Table(
    "metric_exception", metadata, surrogate(), public(), to("scorecard"), to("agreement"),
    needed("observed", SmallInteger), needed("kind", Text), needed("author", Text),
    to("partner", "author_id", null=True), needed("measure", SmallInteger), needed("grouping", Text),
    needed("from_week", Integer),
    needed("to_week", Integer), needed("found", Double), needed("allowed", Double), needed("value_at_stake", Double),
    Column("cells", Integer), Column("part", Double), Column("whole", Double), Index(None, "scorecard_id"))
exception = Table(
    "exception", metadata, surrogate(), public(), to("run"), to("agreement"), to("item_location"),
    needed("period", Date), needed("lag", Integer), needed("left_party", Text), needed("right_party", Text),
    needed("left_quantity", Double), needed("right_quantity", Double), needed("percent", Double),
    needed("value_at_stake", Double), known(),
    needed("level", Text, server_default=text("'item_location'::text")),
    needed("measure", Text, server_default=text("'sales_forecast'::text")),
    UniqueConstraint("run_id", "item_location_id", "period", "measure"), Index(None, "run_id", "value_at_stake", "id"),
    Index(None, "agreement_id", "item_location_id", "period", "id"))
exception_baseline = Table(
    "exception_baseline", metadata, to("exception", key=True), to("agreement"), needed("quantity", Double))
exception_event = Table(
    "exception_event", metadata, surrogate(), to("exception"), to("agreement"), needed("state", Text),
    Column("settled", Double), Column("rule", Text), known(), needed("number", Integer), needed("act", Text),
    needed("actor", Text), Column("owner", Text), Column("offered", Double), Column("offered_by", Text),
    Column("due", Date), Column("reason", Text), Column("comment", Text), UniqueConstraint("exception_id", "number"))

business_plan = Table(
    "business_plan", metadata, surrogate(), to("agreement"), needed("version", Integer), json("body"), known(),
    UniqueConstraint("agreement_id", "version"))
plan_told = Table("plan_told", metadata, to("plan_version", "version", key=True), known())

master_state = Table(
    "master_state", metadata, Column("single", Boolean, primary_key=True, server_default=text("true")),
    needed("state", BigInteger), CheckConstraint("single", name="one_row"))

# -- what happened, what is to happen --------------------------------------------------------------------------------

event = Table(
    "event", metadata, Column("id", BigInteger, Identity(always=True), primary_key=True), needed("type", Text),
    needed("subject", Text), needed("partners", ARRAY(Integer)), json("data"), known(), test_or_live())
audit = Table(
    "audit", metadata, Column("id", BigInteger, Identity(always=True), primary_key=True), needed("at", MOMENT),
    needed("actor", Text), needed("action", Text), needed("subject", Text), json("detail"),
    needed("previous", LargeBinary), needed("digest", LargeBinary))
event_floor = Table(
    "event_floor", metadata, Column("single", Boolean, primary_key=True, server_default=text("true")),
    needed("through", BigInteger), CheckConstraint("single", name="one_row"))
audit_entry = Table(
    "audit_entry", metadata, Column("id", BigInteger, Identity(always=True), primary_key=True), needed("at", MOMENT),
    needed("actor", Text), needed("action", Text), needed("subject", Text), json("detail"))
schedule = Table(
    "schedule", metadata, surrogate(), needed("name", Text, unique=True), needed("cron", Text),
    needed("timezone", Text, server_default=text("'UTC'")), needed("job", Text), json("arguments"),
    needed("enabled", Boolean, server_default=text("true")), Column("last_due", MOMENT))
schedule_run = Table(
    "schedule_run", metadata, to("schedule", key=True), Column("due", MOMENT, primary_key=True), known())

APPEND_ONLY = (
    profile_version, agreement_version, master_version, message_chunk, interchange, document, attempt, acknowledgement,
    dead_letter, dead_letter_end, answer, item_location, series, observation_chunk, plan_version, plan_line,
    plan_reason, proposal_release, scorecard, accuracy, value_added, commitment, metric_exception, run, run_step,
    exception, exception_baseline, exception_event, event, audit, audit_entry, schedule_run, sent_transaction,
    order_event, partner_stage, business_plan, plan_told, purged, purged_book, mention,
)
"""Rows of these are added and never changed: no role that serves may update or delete them."""

SANDBOXED = (
    interchange, control_range, control_number, purchase_order, order_line, order_event, item_location, block, series,
    observation_chunk, plan_version, plan_line, plan_reason, proposal_release, event,
)
"""What documents do to the hub. A transaction is in the sandbox or it is not, and of these tables it sees, and changes,
only the rows of where it is: row-level security keeps tests and live data apart, whoever writes the query."""
