"""One file, two ways to read it: by columns and segment by segment. Both must say the same, to the last finding."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from adapters.edifact import batch as edifact_batch
from adapters.edifact import gather as edifact_gather
from adapters.edifact import split as edifact_split
from adapters.mapping.columns import pieces
from adapters.x12 import batch as x12_batch
from adapters.x12 import gather as x12_gather
from fuzz.promises import FORMATS, demand
from hub.model.exchange import Event
from hub.ports import Guide

Switches = tuple[tuple[object, str, object], ...]
QUICK: Switches = (
    (x12_batch, "COLUMNS", True), (x12_batch, "WORTHWHILE", 1), (x12_gather, "SHORTEST", 1),
    (edifact_batch, "COLUMNS", True), (edifact_batch, "WORTHWHILE", 1), (edifact_gather, "SHORTEST", 1),
)
SLOW: Switches = ((x12_batch, "COLUMNS", False), (edifact_batch, "COLUMNS", False))
LONG: Switches = ((x12_gather, "MOST", 0), (edifact_gather, "MOST", 0), (edifact_split, "LONG", 0))
SIZES = (1, 60, 200, 700)
"""Bytes of a piece."""


def columns(data: bytes) -> None:
    """Several messages by columns, and one by one."""
    _same(data, QUICK)


def long(data: bytes) -> None:
    """Every message is long: in pieces, and whole. The first byte that the file can spare says how long a piece is."""
    size = SIZES[len(data) % len(SIZES)]
    _same(data, (*QUICK, *LONG, (pieces, "SIZE", size), (pieces, "FINE", max(1, size // 3))))


def _same(data: bytes, switches: Switches) -> None:
    for name in _formats(data):
        for mapped in (True, False):
            quick, slow = _events(name, data, switches, mapped), _events(name, data, SLOW, mapped)
            differ = next(((a, b) for a, b in zip(quick, slow, strict=False) if a != b), ())
            demand(quick == slow, "both ways agree", differ)


def _formats(data: bytes) -> list[str]:
    return [name for name, format in FORMATS.items() if format.recognises(data[:4096])]


def _events(name: str, data: bytes, switches: Switches, mapped: bool) -> list[Event]:
    with _switched(switches):
        read = FORMATS[name].read if mapped else FORMATS[name].check
        return list(read(io.BytesIO(data), lambda _: Guide()))


@contextmanager
def _switched(switches: Switches) -> Iterator[None]:
    with ExitStack() as back:
        for module, name, value in switches:
            back.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)
        yield
