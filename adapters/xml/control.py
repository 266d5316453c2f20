"""Control numbers where a document has a UUID instead."""

from __future__ import annotations

from uuid import NAMESPACE_URL, UUID, uuid5

from hub.model.exchange import Address

OURS = 8
"""The version of our UUIDs (RFC 9562: its maker says what it means)."""
DIGITS = 12


def uuid_of(number: int, sender: Address, receiver: Address) -> str:
    """A UUID of version 8: the last twelve digits are our control number, the rest tells this pair of partners from
    others. So an answer that names the UUID names the number."""
    base = uuid5(NAMESPACE_URL, f"cpfr-hub:{sender.id}:{receiver.id}").hex
    return str(UUID(hex=f"{base[:12]}{OURS}{base[13:16]}8{base[17:20]}{number % 10**DIGITS:0{DIGITS}d}"))


def control_of(text: str) -> str:
    """The control number that our UUID carries, else the text as it is."""
    try:
        known = UUID(text)
    except ValueError:
        return text
    tail = known.hex[-DIGITS:]
    return str(int(tail)) if known.version == OURS and tail.isdigit() else text
