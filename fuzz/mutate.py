"""Breaks EDI on purpose. A file is taken apart at its terminators, so that a fault lands where a reader decides."""

from __future__ import annotations

import random
from collections.abc import Callable

from fuzz.seeds import DICTIONARY
from fuzz.seeds import rows as segments

Change = Callable[[list[bytes], bytes, random.Random], None]
NUMBERS = (b"1E5", b"1E930301", b"-1E99", b"1_0", b"9" * 16, b"0", b"-0", b"00012", b"1.", b"12 ", b"1,5", b"\xb2")
ODD = (b"", b" ", b"0", b"-", b".", b"-.", b"1.2.3", b"99999999999999999999", b"\xff", b"\0", b"\xc3\xa4", b"x" * 300)


def mutated(content: bytes, seed: int, times: int = 3, spare: bytes = b"") -> bytes:
    """`content` with up to `times` faults, the same for the same seed. `spare` lends segments of another file."""
    rng = random.Random(seed)
    end = content[105:106] if content.startswith(b"ISA") and len(content) > 106 else b"'"
    rows = content.split(end)
    for _ in range(rng.randint(1, times)):
        rng.choice(CHANGES)(rows, spare, rng)
        rows = rows or [b""]
    broken = end.join(rows)
    return _bytes(broken, rng) if rng.random() < 0.4 else broken


def _at(rows: list[bytes], rng: random.Random) -> int:
    return rng.randrange(len(rows))


def _separator(row: bytes) -> bytes:
    """What stands after the name of a segment, most likely."""
    return next((row[at : at + 1] for at in (3, 2) if row[at : at + 1] and not row[at : at + 1].isalnum()), b"*")


def drop(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    del rows[_at(rows, rng)]


def double(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    rows.insert(_at(rows, rng), rows[_at(rows, rng)])


def swap(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    here, there = _at(rows, rng), _at(rows, rng)
    rows[here], rows[there] = rows[there], rows[here]


def cut_off(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    del rows[_at(rows, rng) :]


def borrow(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    """A segment of another file, or one of the words that readers look for."""
    lent = [row for row in spare.replace(b"'", b"~").split(b"~") if row] or [word.encode() for word in DICTIONARY]
    rows.insert(_at(rows, rng), rng.choice(lent))


def element(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    """An element emptied, exchanged, added or taken away."""
    at = _at(rows, rng)
    sign = _separator(rows[at])
    parts = rows[at].split(sign)
    here = rng.randrange(len(parts))
    what = rng.randrange(4)
    if what == 0:
        parts[here] = rng.choice((*ODD, *NUMBERS))
    elif what == 1:
        parts.insert(here, rng.choice(ODD))
    elif what == 2 and len(parts) > 1:
        del parts[here]
    else:
        parts[here] += rng.choice((*ODD, b":", b">", b"?", b"?'", b"^", b"+", b"*"))
    rows[at] = sign.join(parts)


def name(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    """A segment under another name."""
    at, other = _at(rows, rng), rows[_at(rows, rng)]
    rows[at] = other[:3].rstrip(b"*+|") + rows[at][3 if _separator(rows[at]) == rows[at][3:4] else 2 :]


def number(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    """All numbers of a segment, or of all segments of its name, become odd ones."""
    name, odd = rows[_at(rows, rng)][:3], rng.choice(NUMBERS)
    alike = [at for at, row in enumerate(rows) if row[:3] == name] if rng.random() < 0.5 else [_at(rows, rng)]
    for at in alike:
        sign = _separator(rows[at])
        head, *parts = rows[at].split(sign)
        rows[at] = sign.join([head, *(odd if part.isdigit() and rng.random() < 0.5 else part for part in parts)])


def exchange(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    """Two segments of one name lend each other an element."""
    here = _at(rows, rng)
    there = rng.choice([at for at, row in enumerate(rows) if row[:3] == rows[here][:3]])
    sign = _separator(rows[here])
    one, other = rows[here].split(sign), rows[there].split(sign)
    at = rng.randrange(min(len(one), len(other)))
    one[at], other[at] = other[at], one[at]
    rows[here], rows[there] = sign.join(one), sign.join(other)


def many(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    """Some segments that follow each other come again and again."""
    at = _at(rows, rng)
    rows[at:at] = rows[at : at + rng.randint(1, 6)] * rng.randint(2, 12)


def real(rows: list[bytes], spare: bytes, rng: random.Random) -> None:
    """A segment of another message, with the separators of this one."""
    at = _at(rows, rng)
    sign, lent = _separator(rows[at]), rng.choice(segments())
    rows.insert(at, lent.replace(_separator(lent), sign))


CHANGES: tuple[Change, ...] = (
    drop, double, swap, cut_off, borrow, element, element, element, name, number, number, exchange, many, real
)


def _bytes(content: bytes, rng: random.Random) -> bytes:
    """One byte lost, doubled or exchanged; or a piece of the file twice."""
    if not content:
        return content
    at = rng.randrange(len(content))
    what = rng.randrange(4)
    if what == 0:
        return content[:at] + content[at + 1 :]
    if what == 1:
        return content[:at] + bytes([rng.randrange(256)]) + content[at:]
    if what == 2:
        return content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
    until = min(len(content), at + rng.randrange(1, 200))
    return content[:until] + content[at:until] + content[until:]
