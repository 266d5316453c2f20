"""How fast a file is split, validated and mapped, each against L: lazily splitting the same file into lists of str.

    python -m bench.edi FILE… [--runs 3] [--json]

Each figure is taken in a process of its own, so that its peak memory is its own. Without a file, two of 4 MB are made.
"""

from __future__ import annotations

import argparse
import gc
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from adapters.edifact.format import Edifact
from adapters.edifact.split import split as split_edifact
from adapters.x12.format import X12
from adapters.x12.split import Cut
from adapters.x12.split import split as split_x12
from bench.harness import Measurement, median_seconds, peak_rss_mb, report
from hub.ports import Guide

CHUNK = 1 << 20


def lazily(path: Path) -> None:
    """L: every segment of the file as a list of str, one at a time."""
    terminator, element = ("~", "*") if path.read_bytes()[:3] == b"ISA" else ("'", "+")
    rest = ""
    with path.open(encoding="latin-1", newline="") as file:
        while chunk := file.read(CHUNK):
            *segments, rest = (rest + chunk).split(terminator)
            for segment in segments:
                segment.split(element)


def split_only(path: Path) -> None:
    """Envelopes, transactions and rows, as the reader gets them."""
    x12 = path.read_bytes()[:3] == b"ISA"
    with path.open("rb") as file:
        for part in split_x12(file) if x12 else split_edifact(file):
            if isinstance(part, Cut) or hasattr(part, "rows"):
                for _ in part.rows():
                    pass


def _format(path: Path) -> X12 | Edifact:
    return X12() if path.read_bytes()[:3] == b"ISA" else Edifact()


def validate(path: Path) -> None:
    """Split and validate; no documents."""
    with path.open("rb") as file:
        for _ in _format(path).check(file, lambda _: Guide()):
            pass


def map_all(path: Path) -> None:
    """Split, validate and map; each document is let go when the next comes."""
    with path.open("rb") as file:
        for _ in _format(path).read(file, lambda _: Guide()):
            pass


WORKS: dict[str, Callable[[Path], None]] = {
    "L (plain split)": lazily,
    "split": split_only,
    "split + validate": validate,
    "split + validate + map": map_all,
}


NAMES = {
    ("850", "split + validate"): "x12-validate",
    ("850", "split + validate + map"): "x12-850-orders",
    ("852", "split + validate + map"): "x12-852-frame",
    ("ORDERS", "split + validate + map"): "edifact-orders",
    ("SLSRPT", "split + validate + map"): "edifact-bulk-frame",
    ("DELFOR", "split + validate + map"): "edifact-bulk-frame",
    ("INVRPT", "split + validate + map"): "edifact-bulk-frame",
}
"""By the first message of a file and what is done with it; without the acknowledgement."""


def _name(path: Path, work: str) -> str:
    """What a figure is called."""
    with path.open("rb") as file:
        head = file.read(2000).decode("latin-1")
    found = re.search(r"(?:~\s*ST\*(\d{3})|'\s*UNH\+[^+]*\+([A-Z]{6}))", head)
    return NAMES.get(((found[1] or found[2]) if found else "", work)) or f"{path.name}: {work}"


def timed(work: str, path: Path, runs: int) -> tuple[float, float]:
    """Seconds (median) and peak MiB of one work, in this process. The collector is quiet, as in a worker."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)
    return median_seconds(lambda: WORKS[work](path), runs), peak_rss_mb()


def measure(path: Path, runs: int) -> Iterator[Measurement]:
    """All works on one file, each beside L of the same run."""
    megabytes = path.stat().st_size / 1e6
    limit = 0.0
    for work in WORKS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            seconds, rss = alone.submit(timed, work, path, runs).result()
        speed = megabytes / seconds
        limit = limit or speed
        yield Measurement(_name(path, work), speed, "MB/s", "L", limit, speed / limit, rss)


def sample(home: Path, megabytes: float, seed: int = 7) -> list[Path]:
    """An 850 and an ORDERS interchange of this size."""
    rng = random.Random(seed)
    x12, edifact = home / "orders.x12", home / "orders.edi"
    head = (
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261122*1200*U*00401*000000001*0*P*>~"
        "GS*PO*SENDER*RECEIVER*20261122*1200*1*X*004010~"
    )
    with x12.open("w", newline="") as file:
        file.write(head)
        count = 0
        while file.tell() < megabytes * 1e6:
            count += 1
            lines = "".join(
                f"PO1*{n}*{rng.randrange(1, 999)}*EA*{rng.randrange(9999) / 100}**UP*{rng.randrange(10**12):012d}~"
                for n in range(1, 31)
            )
            file.write(f"ST*850*{count:09d}~BEG*00*SA*P{count}**20261122~{lines}CTT*30~SE*34*{count:09d}~")
        file.write(f"GE*{count}*1~IEA*1*000000001~")
    with edifact.open("w", newline="") as file:
        file.write("UNB+UNOC:3+SENDER+RECEIVER+261122:1200+1'")
        count = 0
        while file.tell() < megabytes * 1e6:
            count += 1
            lines = "".join(
                f"LIN+{n}++{rng.randrange(10**13):013d}:EN'QTY+21:{rng.randrange(1, 999)}:PCE'"
                f"PRI+AAA:{rng.randrange(9999) / 100}'"
                for n in range(1, 31)
            )
            file.write(
                f"UNH+{count}+ORDERS:D:96A:UN'BGM+220+P{count}+9'DTM+137:20261122:102'{lines}UNS+S'CNT+2:30'"
                f"UNT+96+{count}'"
            )
        file.write(f"UNZ+{count}+1'")
    return [x12, edifact]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        files = chosen.files or sample(Path(home), 4)
        rows = [row for path in files for row in measure(path, chosen.runs)]
    report(rows, title="EDI: from bytes to documents", as_json=chosen.json)


if __name__ == "__main__":
    main()
