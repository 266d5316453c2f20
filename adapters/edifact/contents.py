"""What is in an interchange that we wrote: the number of each message and of its group, by which answers name them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.model.exchange import Sent

_HEAD = re.compile(rb"(?:^|(?<!\?)(?:\?\?)*')(?:UNG\+[^']*?\+[^']*?\+[^']*?\+[^+']*\+(?P<group>[^+']+)|"
                   rb"UNH\+(?P<control>[^+']+)\+(?P<kind>[A-Z]+))")
"""A header behind a terminator that is not released."""


def sent(content: bytes) -> Iterator[Sent]:
    """Every message in order."""
    group: str | None = None
    for found in _HEAD.finditer(content):
        if found["group"]:
            group = found["group"].decode()
        else:
            yield Sent(kind=found["kind"].decode(), control=found["control"].decode(), group=group)
