"""Partner layers of any kind over any table: refused with the reason, or read with. A partner may demand more than the
standard and never less: what passes its layer passes the standard, but for codes that were added."""

from __future__ import annotations

import io
from collections.abc import Sequence

from adapters.mapping.message import Message
from fuzz.promises import FORMATS, demand, findings_of
from fuzz.seeds import seeds
from hub.errors import BrokenTable, Severity
from hub.model.exchange import Event, Reading
from hub.ports import Guide

DEMANDS = ("M", "max 1", "max 3", "min 2", "min 99", "only AA ZZ", "only 1", "also Q7", "also Q7, M", "max 2, only X",
           "max", "only", "max -1", "perhaps", "", "M, M", "max 99999999999999999999", "min \u00b2")
ROW = 3
"""Bytes that say one row of a layer: which segment, which element, what is demanded of it."""
PARTNER = "acme"


def layers(data: bytes) -> None:
    """The first byte chooses a message of the tests, the others narrow its table."""
    every = seeds(longest=2_000)
    content = every[data[0] % len(every)] if data else every[0]
    name = next((name for name, format in FORMATS.items() if format.recognises(content[:4096])), None)
    if name is None:
        return
    standard = FORMATS[name]
    plain = list(standard.read(io.BytesIO(content), lambda _: Guide()))
    table = next((event.table for event in plain if isinstance(event, Reading) and event.table), None)
    if table is None:
        return
    layer = _layer(standard.tables.get(table), data[1:])
    try:
        own = type(standard)({PARTNER: {table: layer}})
        own.tables.get(table, PARTNER)
    except BrokenTable as refused:
        demand(table in str(refused), "the reason names the table", layer, refused)
        return
    narrow = list(own.read(io.BytesIO(content), lambda _: Guide(partner=PARTNER)))
    demand(len(narrow) == len(plain), "as many events", layer, content)
    if "also" not in layer:
        demand(_errors(narrow) or not _errors(plain), "a layer only narrows", layer, content)


def _layer(message: Message, data: bytes) -> str:
    segments = [message.plan.dictionary.segments[node.tag] for node in message.plan.nodes[1:]]
    rows = {}
    for at in range(0, min(len(data), 4 * ROW) - ROW + 1, ROW):
        segment = segments[data[at] % len(segments)]
        element = data[at + 1] % (len(segment.uses) + 2)
        part = f".{data[at + 2] % 4}" if data[at + 1] >= 1 << 7 else ""
        rows[f"{segment.tag}-{element:02d}{part}"] = DEMANDS[data[at + 2] % len(DEMANDS)]
    return "[narrow]\n" + "".join(f'"{place}" = "{demands}"\n' for place, demands in rows.items())


def _errors(events: Sequence[Event]) -> list[str]:
    return [f.code for event in events for f in findings_of(event) if f.severity is Severity.ERROR]
