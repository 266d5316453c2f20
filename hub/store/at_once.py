"""A small file in one trip to PostgreSQL: what is to be done with it needs no answer in between."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from hub.errors import Forbidden, Reject, Stop
from hub.ports import Parcel, Receipt
from hub.store import storable
from hub.store.identity import new_id

TAKE_IN: LiteralString = """
    SELECT * FROM hub_take_in(%(partner)s, %(new_id)s, %(channel)s, %(sha256)s, %(length)s, %(at)s, %(filename)s,
      %(reference)s, %(test)s, %(content)b, %(job)s, %(lane)s)"""


async def take_in(connection: psycopg.AsyncConnection[Any], parcel: Parcel, job: str, lane: str) -> Receipt:
    """Over a connection on which each statement is a transaction. Raises Forbidden for a sender that is no partner,
    Reject (REFERENCE_REUSED) for other bytes under a reference that is known."""
    held = parcel.held
    assert held is not None  # noqa: S101  (asked for such parcels only)
    cursor = await connection.cursor(row_factory=dict_row).execute(TAKE_IN, {
        "partner": parcel.claimed_sender, "new_id": new_id("msg"), "channel": parcel.channel, "sha256": held.sha256,
        "length": held.length, "at": parcel.received_at, "filename": storable.text(parcel.filename),
        "reference": storable.text(parcel.reference), "test": parcel.test, "content": held.file.read(),
        "job": job, "lane": lane})
    row = await cursor.fetchone()
    if row is None:
        raise Stop("no row from hub_take_in")
    if row["known"] == "stranger":
        raise Forbidden(f"no partner {parcel.claimed_sender!r}")
    if row["known"] == "reused":
        raise reused(row["public_id"])
    return receipt_of(row, held.sha256)


def reused(message: str) -> Reject:
    return Reject(f"{message} came under this id with other bytes.", reason="REFERENCE_REUSED")


def receipt_of(row: dict[str, Any], sha256: str) -> Receipt:
    """Of what `hub_receive` has answered."""
    return Receipt(
        row["public_id"], sha256, row["length_known"], row["known"] is not None, row["known"] == "reference")
