"""Settle what is cheap by itself: sign the other side's offers, and offer the middle where nobody has offered yet.

    HUB_TARGET=hub.example:8444 HUB_TOKEN=… python settle_exceptions.py 100

Only exceptions with at most so much value at stake are touched; dearer ones are for people. Each is changed only as it
was read: if somebody else was faster, it is left to the next run.
"""

import os
import sys

import grpc

from hub.client import CallError, Client, ForecastException

most = float(sys.argv[1])
open_states = "state = STATE_OPEN OR state = STATE_ASSIGNED OR state = STATE_PROPOSED OR state = STATE_COUNTERED"
target, token, plaintext = os.environ["HUB_TARGET"], os.environ["HUB_TOKEN"], "HUB_PLAINTEXT" in os.environ
with Client.with_token(target, token, plaintext=plaintext) as hub:
    for one in hub.exceptions(filter=f"({open_states}) AND value_at_stake <= {most}", order_by="value_at_stake desc"):
        where = f"{one.gtin} at {one.gln}, week of {one.week.year}-{one.week.month:02}-{one.week.day:02}"
        try:
            if one.HasField("offered_quantity"):
                done = hub.agree(one.name, etag=one.etag)
            else:
                middle = (one.buyer_quantity + one.seller_quantity) / 2
                done = hub.propose(one.name, middle, etag=one.etag, comment="the middle of both views")
            print(f"{where}: {ForecastException.State.Name(done.state)}")
        except CallError as refused:
            if refused.code not in (grpc.StatusCode.ABORTED, grpc.StatusCode.FAILED_PRECONDITION):
                raise
            print(f"{where}: left alone, {refused.reason}")
