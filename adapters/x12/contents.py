"""What is in an interchange that we wrote: the number of each set and of its group, by which answers name them."""

from __future__ import annotations

from collections.abc import Iterator

from hub.model.exchange import Sent

ISA_LENGTH = 106


def sent(content: bytes) -> Iterator[Sent]:
    """Every set in order. Our ISA has its fixed widths, so its separators are where the standard has them."""
    element, end = content[3:4], content[ISA_LENGTH - 1 : ISA_LENGTH]
    group: str | None = None
    for segment in content.split(end):
        if segment.startswith(b"GS" + element):
            group = segment.split(element)[6].decode()
        elif segment.startswith(b"ST" + element):
            _, kind, control = segment.decode().split(element.decode())[:3]
            yield Sent(kind=kind, control=control, group=group)
