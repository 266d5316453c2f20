"""Interchanges to measure on, made anew for each run: `../shared/tools/edigen.py` where it is beside the checkout, else
the same shapes from here. Always the same bytes for the same size."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

GENERATOR = Path(__file__).parents[2] / "shared" / "tools" / "edigen.py"
SEED = 7
ISA = "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *261122*1200*U*00401*000000001*0*P*>~"
UNB = "UNA:+.? 'UNB+UNOC:3+4012345000009:14+5412345000013:14+261122:1200+REF00001'"
STORE_LINES = 50_000
"""A message takes no more than 200,000 lines of one store."""
FAULTS = (
    (rb"(~PO1\*\d+\*)\d+", rb"\1many"),
    (rb"(\*)20261122~", rb"\g<1>20261322~"),
    (rb"(~PO1\*\d+\*\d+\*)EA", rb"\1EACH"),
    (rb"(\*PO\d{8})\*", rb"*"),
)
"""A quantity in words, an impossible date, a unit too long, no order number: what orders are spoilt with in turn."""


def made(kind: str, megabytes: float, home: Path) -> Path:
    """The interchange of a kind ("x12_850", "edi_slsrpt") and size."""
    path = home / f"{kind}-{megabytes:g}.edi"
    if path.exists():
        return path
    if GENERATOR.exists():
        command = [sys.executable, str(GENERATOR), kind, str(path), "--mb", str(megabytes), "--seed", str(SEED)]
        subprocess.run(command, check=True, capture_output=True)
    else:
        with path.open("w", encoding="latin-1", newline="") as file:
            file.writelines(_interchange(kind, megabytes * 1e6))
    return path


def spoilt(source: Path, share: float) -> Path:
    """The same orders with a fault in every so many of them."""
    path = source.with_name(f"{source.stem}-bad-{share:g}.edi")
    step = round(1 / share)
    parts = source.read_bytes().split(b"~ST*")
    for number in range(1, len(parts), step):
        pattern, wrong = FAULTS[number // step % len(FAULTS)]
        parts[number] = re.sub(pattern, wrong, parts[number], count=1)
    path.write_bytes(b"~ST*".join(parts))
    return path


def single(kind: str, megabytes: float, home: Path, wrong: bool = False) -> Path:
    """An interchange with one message of this size; the first quantity behind its middle may be `wrong`."""
    if wrong:
        content = single(kind, megabytes, home).read_bytes()
        tag = {"x12_850": b"~PO1*", "x12_852": b"~ZA*QS*", "edi_orders": b"'QTY+21:", "edi_slsrpt": b"'QTY+153:"}[kind]
        at = content.index(tag, len(content) // 2) + len(tag)
        path = home / f"{kind}-one-{megabytes:g}-wrong.edi"
        path.write_bytes(content[:at] + b"x" + content[at:])
        return path
    path = home / f"{kind}-one-{megabytes:g}.edi"
    lines, end = _lines(kind, random.Random(SEED)), "~" if kind.startswith("x12_") else "'"
    count, size = 0, 0
    with path.open("w", encoding="latin-1", newline="") as file:
        head = [_message_head(kind, "0001"), *lines(0, 0)]
        file.write(_head(kind) + "".join(row + end for row in head))
        rows = len(head)
        while size < megabytes * 1e6:
            count += 1
            some = lines(count, 1)
            text = "".join(row + end for row in some)
            size, rows = size + len(text), rows + len(some)
            file.write(text)
        foot = _foot(kind, count)
        file.write("".join(row + end for row in (*foot, _message_tail(kind, "0001", rows + len(foot) + 1))))
        file.write(_tail(kind, 1))
    return path


def _head(kind: str) -> str:
    """Everything before the first message."""
    if not kind.startswith("x12_"):
        return UNB
    code = {"x12_850": "PO", "x12_852": "PD"}[kind]
    return f"{ISA}GS*{code}*SENDERID*RECEIVERID*20261122*1200*1*X*004010~"


def _tail(kind: str, messages: int) -> str:
    if kind.startswith("x12_"):
        return f"GE*{messages}*1~IEA*1*000000001~"
    return f"UNZ+{messages}+REF00001'"


def _message_head(kind: str, control: str) -> str:
    name = kind[4:].upper()
    return f"ST*{name}*{control}" if kind.startswith("x12_") else f"UNH+{control}+{name}:D:96A:UN"


def _message_tail(kind: str, control: str, segments: int) -> str:
    return f"SE*{segments}*{control}" if kind.startswith("x12_") else f"UNT+{segments}+{control}"


def _interchange(kind: str, size: float) -> Iterator[str]:
    """Segments with their terminators."""
    rng = random.Random(SEED)
    lines, end = _lines(kind, rng), "~" if kind.startswith("x12_") else "'"
    yield _head(kind)
    done, number = 0, 0
    while done < size:
        number += 1
        count, control = rng.randint(10, 50), f"{number:04d}"
        body = [row for at in range(count + 1) for row in lines(at, int(at > 0))] + _foot(kind, count)
        rows = [_message_head(kind, control), *body, _message_tail(kind, control, len(body) + 2)]
        text = "".join(row + end for row in rows)
        done += len(text)
        yield text
    yield _tail(kind, number)


def _foot(kind: str, count: int) -> list[str]:
    return {"edi_orders": ["UNS+S", f"CNT+2:{count}"], "edi_slsrpt": []}.get(kind, [f"CTT*{count}"])


def _lines(kind: str, rng: random.Random) -> Callable[[int, int], list[str]]:
    """What gives the head of a message (0, 0) and its lines (number, 1)."""
    shapes = {"x12_850": _order, "x12_852": _activity, "edi_orders": _orders, "edi_slsrpt": _sales}
    return lambda at, line: shapes[kind](rng, at, bool(line))


def _order(rng: random.Random, at: int, line: bool) -> list[str]:
    price, item = f"{rng.randrange(100)}.{rng.randrange(100):02d}", f"{rng.randrange(10**12):012d}"
    if line:
        return [f"PO1*{at}*{rng.randrange(1, 999)}*EA*{price}**UP*{item}*VN*{rng.randrange(10**6)}",
                f"PID*F****SHIRT BLUE {rng.randrange(999)}"]
    return [f"BEG*00*SA*PO{rng.randrange(10**8):08d}**20261122", f"REF*DP*{rng.randrange(999):03d}", "DTM*002*20261201",
            f"N1*ST*DISTRIBUTION CENTER {rng.randrange(99)}*92*{rng.randrange(9999):04d}", "N3*77 MAIN ST",
            "N4*DALLAS*TX*75201*US"]


def _activity(rng: random.Random, at: int, line: bool) -> list[str]:
    if line:
        item, price = f"{rng.randrange(10**12):012d}", f"{rng.randrange(100)}.{rng.randrange(100):02d}"
        return [f"LIN*{at}*UP*{item}*VN*{rng.randrange(10**6)}*IN*{rng.randrange(10**6)}", f"CTP**RES*{price}",
                *(f"ZA*{code}*{rng.randrange(500)}*EA" for code in ("QS", "QA", "QP", "QR"))]
    return ["XQ*H*20261115*20261121", f"N9*DP*{rng.randrange(999):03d}",
            f"N1*ST*STORE {rng.randrange(9999):04d}*92*{rng.randrange(9999):04d}"]


def _orders(rng: random.Random, at: int, line: bool) -> list[str]:
    if line:
        size = "?+?'S SIZE" if rng.random() < 0.05 else ""
        return [f"LIN+{at}++{rng.randrange(10**13):013d}:EN", f"PIA+1+{rng.randrange(10**6)}:SA",
                f"IMD+F++:::SOAP {rng.randrange(99)}{size}", f"QTY+21:{rng.randrange(1, 999)}:PCE",
                f"PRI+AAA:{rng.randrange(100)}.{rng.randrange(100):02d}"]
    return [f"BGM+220+PO{rng.randrange(10**8):08d}+9", "DTM+137:20261122:102", "DTM+2:20261201:102",
            "NAD+BY+5412345000013::9", "NAD+SU+4012345000009::9", "CUX+2:EUR:9"]


def _sales(rng: random.Random, at: int, line: bool) -> list[str]:
    store = [f"LOC+162+{rng.randrange(9999)}::92", "DTM+356:20261115-20261121:718"] if at % STORE_LINES == 0 else []
    if line:
        money, price = rng.randrange(999), f"{rng.randrange(100)}.{rng.randrange(100):02d}"
        return [*store, f"LIN+{at}++{rng.randrange(10**13):013d}:EN", f"MOA+5:{money}.50", f"PRI+AAA:{price}",
                f"QTY+153:{rng.randrange(1, 999)}"]
    return [f"BGM+73E::9+SR{rng.randrange(10**8):08d}+9", "DTM+137:20261122:102", "DTM+90:20261115:102",
            "DTM+91:20261121:102", "NAD+SE+5412345000013::9", "NAD+SU+4012345000009::9", *store]


def limit(path: Path) -> Callable[[], object]:
    """L of a file: all of it cut into segments and elements, in memory, by `str.split`."""
    text = path.read_bytes().decode("latin-1")
    end, element = ("~", "*") if text.startswith("ISA") else ("'", "+")

    def plainly() -> None:
        for segment in text.split(end):
            segment.split(element)

    return plainly
