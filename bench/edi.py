"""How fast a file is read, answered and written, each against L of the same run and against its goal.

    python -m bench.edi [--mb 20] [--big 200] [--only x12-850-orders,linear] [--json]

L is what splitting alone costs: `for s in text.split(terminator): s.split(element)` on decoded text in memory, the
collector on. Work is whole: split, envelope, full validation, documents where its name says so, and the 997 or CONTRL.
One core, processor seconds, best of three; each figure in a process of its own, whose start does not count. `rss-200mb`
is the peak of a process that reads a file of `--big` MB and keeps nothing but, for frames, the rows.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from adapters.edifact.format import Edifact
from adapters.executors.collector import quieten
from adapters.x12.format import X12
from bench.edi_inputs import limit, made, single, spoilt
from bench.harness import Measurement, best_seconds, peak_rss_mb, report
from hub.model.bulk import Bulk
from hub.model.exchange import Address, Closing, Envelope, Numbers, Reading
from hub.ports import Guide

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUNS = 3
ROW_BYTES = 90
PLAIN_RSS = 100.0
FOUR_TIMES = 4.4
WRITTEN = 2_000
RATIOS: dict[str, tuple[str, str, float, float]] = {
    "x12-850-orders": ("x12_850", "read", 0.17, 0.26),
    "x12-852-frame": ("x12_852", "read", 0.45, 0.70),
    "x12-validate": ("x12_850", "check", 0.5, 0.8),
    "x12-validate-852": ("x12_852", "check", 0.5, 0.8),
    "edifact-orders": ("edi_orders", "read", 0.15, 0.22),
    "edifact-bulk-frame": ("edi_slsrpt", "read", 0.2, 0.4),
    "write-850": ("x12_850", "write", 0.10, 0.2),
    "write-orders": ("edi_orders", "write", 0.10, 0.2),
}
"""By work: the input, what is done with it, and how many L it should reach at least, and at best."""
SPEEDS = {"bad-1pct": (0.01, 12.0, 18.0), "bad-all": (1.0, 3.0, 6.0)}
"""By work: the share of orders with a fault, and MB/s to be reached."""
KEPT = {"objects": ("x12_850", "read"), "check": ("x12_850", "check"), "frame": ("x12_852", "read")}
LONG = {
    "x12-852-one-transaction": ("x12_852", "x12-852-frame", False),
    "edifact-slsrpt-one-message": ("edi_slsrpt", "edifact-bulk-frame", False),
    "x12-852-one-element-wrong": ("x12_852", "x12-852-frame", True),
    "edifact-slsrpt-one-element-wrong": ("edi_slsrpt", "edifact-bulk-frame", True),
}
"""By work: the input that is all of one message, the work on many whose goal is its own, and whether one quantity in
the middle is no number."""
WORKS = (*RATIOS, *SPEEDS, *LONG, "rss-200mb", "linear")
TABLES = {"x12_850": "x12/004010/850", "edi_orders": "edifact/D96A/ORDERS"}
Format = X12 | Edifact


def format_of(path: Path) -> Format:
    with path.open("rb") as file:
        return X12() if file.read(3) == b"ISA" else Edifact()


def read(path: Path, format: Format, mapped: bool = True, keep: list[Any] | None = None) -> None:
    """Everything there is to do with a file that arrived, and its answer. Frames are made and cut for each document; a
    document that has one goes to `keep`, nothing else stays."""
    with path.open("rb") as file:
        for event in (format.read if mapped else format.check)(file, lambda _: Guide()):
            if isinstance(event, Closing):
                format.acknowledge(event, Numbers(interchange=1), NOW)
            elif isinstance(event, Reading) and isinstance(event.document, Bulk):
                rows = event.document.lines.height
                if keep is not None and rows:
                    keep.append(event.document)


def timed(path: Path, how: str) -> tuple[float, float, float, float]:
    """MB/s of L and of the work, MB of the work, and the peak of memory. The collector is first as Python has it, then
    as in a worker."""
    size, format = path.stat().st_size / 1e6, format_of(path)
    plain = size / best_seconds(limit(path), RUNS)
    quieten()
    work: Callable[[], object] = lambda: read(path, format, how != "check")  # noqa: E731
    if how == "write":
        table, documents = TABLES[path.stem.rpartition("-")[0]], list(islice(_documents(path, format), WRITTEN))
        envelope = Envelope(
            sender=Address(id="US"), receiver=Address(id="THEM"), numbers=Numbers(interchange=1), prepared_at=NOW
        )
        size = len(format.write(table, documents, envelope, None)) / 1e6
        work = lambda: format.write(table, documents, envelope, None)  # noqa: E731
    return plain, size / best_seconds(work, RUNS), size, peak_rss_mb()


def _documents(path: Path, format: Format) -> Any:
    with path.open("rb") as file:
        for event in format.read(file, lambda _: Guide()):
            if isinstance(event, Reading) and event.document is not None:
                yield event.document


def kept(path: Path, how: str) -> tuple[float, int]:
    """The peak of memory of one reading, and the rows that were kept."""
    quieten()
    documents: list[Any] = []
    read(path, format_of(path), how != "check", documents)
    return peak_rss_mb(), sum(document.height for document in documents)


def seconds(path: Path) -> float:
    """Processor seconds for a file of orders."""
    quieten()
    format = format_of(path)
    return best_seconds(lambda: read(path, format), RUNS)


def alone(work: Callable[..., Any], *given: object) -> Any:
    """What the work gives in a process of its own, on one core."""
    os.environ |= {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *given).result()


def measure(work: str, megabytes: float, big: float, home: Path) -> list[Measurement]:
    """The figures of one work."""
    if work == "rss-200mb":
        return [_memory(work, what, big, home) for what in KEPT]
    if work == "linear":
        return [_linear(work, megabytes, home, bad) for bad in (False, True)]
    if work in SPEEDS:
        share, least, best = SPEEDS[work]
        plain, speed, _, rss = alone(timed, spoilt(made("x12_850", megabytes, home), share), "read")
        return [Measurement(work, speed, "MB/s", "L", plain, speed / plain, rss, least, speed >= least, best)]
    if work in LONG:
        kind, like, wrong = LONG[work]
        _, how, least, best = RATIOS[like]
        path = alone(single, kind, megabytes * 1.5, home, wrong)  # a child counts what its parent holds as its own
    else:
        kind, how, least, best = RATIOS[work]
        path = made(kind, megabytes, home)
    plain, speed, _, rss = alone(timed, path, how)
    return [Measurement(work, speed, "MB/s", "L", plain, speed / plain, rss, least, speed / plain >= least, best)]


def _linear(work: str, megabytes: float, home: Path, bad: bool) -> Measurement:
    """How many times as long four times as many orders take, right ones or such as have a fault each."""
    files = [made("x12_850", size, home) for size in (megabytes / 4, megabytes)]
    short, long = (alone(seconds, spoilt(file, 1.0) if bad else file) for file in files)
    times, what = long / short, "4 x the file" + ", all bad" * bad
    return Measurement(work, times, "times", what, FOUR_TIMES, times / FOUR_TIMES, 0.0, FOUR_TIMES, times <= FOUR_TIMES)


def _memory(work: str, what: str, big: float, home: Path) -> Measurement:
    kind, how = KEPT[what]
    rss, rows = alone(kept, made(kind, big, home), how)
    most = PLAIN_RSS + rows * ROW_BYTES / 2**20
    return Measurement(work, rss, "MiB", f"{what}, {rows} rows kept", most, rss / most, rss, most, rss <= most)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--mb", type=float, default=20.0, help="size of the inputs")
    options.add_argument("--big", type=float, default=200.0, help="size of the input that memory is measured with")
    options.add_argument("--only", default=",".join(WORKS), help="works, separated by commas")
    options.add_argument("--home", type=Path, help="where inputs are made and kept")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        home = chosen.home or Path(passing)
        works = [work for work in chosen.only.split(",") if work in WORKS]
        rows = [row for work in works for row in measure(work, chosen.mb, chosen.big, home)]
    report(rows, title="EDI: from bytes to documents and back", as_json=chosen.json)


if __name__ == "__main__":
    main()
