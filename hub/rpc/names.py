"""Resource names (AIP-122): `messages/{message}`, and what stands for nobody and nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from hub.model.item import valid_gln, valid_gtin
from hub.rpc.errors import Invalid

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.~-]{0,199}")


def name(collection: str, id: str | None) -> str:
    """`messages/abc`; empty for None."""
    return f"{collection}/{id}" if id else ""


def id_of(collection: str, text: str, field: str = "name") -> str:
    """The id in `messages/{id}`. Raises Invalid for anything that cannot be such a name."""
    head, _, id = text.partition("/")
    if head != collection or not _ID.fullmatch(id):
        raise Invalid(field, f"must look like {collection}/{{{collection.rstrip('s')}}}.", reason="MALFORMED_NAME")
    return id


def wanted_id(collection: str, text: str, field: str) -> str | None:
    """Like `id_of`, for a filter that may be empty (None)."""
    return id_of(collection, text, field) if text else None


def wanted_gtin(text: str, field: str = "gtin") -> str | None:
    """The filter `gtin` as 14 digits, None when empty. Raises Invalid."""
    try:
        return valid_gtin(text) if text else None
    except ValueError as wrong:
        raise Invalid(field, f"{wrong}.", reason="MALFORMED_GTIN") from None


def wanted_gln(text: str, field: str = "gln") -> str | None:
    """The filter `gln`, None when empty. Raises Invalid."""
    try:
        return valid_gln(text) if text else None
    except ValueError as wrong:
        raise Invalid(field, f"{wrong}.", reason="MALFORMED_GLN") from None


def past(stamp: Timestamp, field: str) -> datetime:
    """A moment of a request. Raises Invalid for one that no calendar has."""
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise Invalid(field, "is no moment between the years 1 and 9999.", reason="MALFORMED_TIME") from None


def wanted_day(day: Date, field: str) -> date | None:
    """A whole day of a request, None when it is not set. Raises Invalid for one that no calendar has."""
    if not (day.year or day.month or day.day):
        return None
    try:
        return date(day.year, day.month, day.day)
    except ValueError:
        raise Invalid(field, "is no day of the calendar.", reason="MALFORMED_DATE") from None
