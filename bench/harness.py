"""One harness for every bench: several runs, their median, the figure beside its limit, for people or as JSON lines.

    rows = [measurement("baseline forecast", 52_000, "series/core-s", against="goal", limit=40_000)]
    report(rows, title="Planning panel", as_json=options.json)
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure: `value` in `unit`; `limit` is what it is held `against` in the same unit, `ratio` is value / limit.
    `rss_mb` is the most memory this process has held so far. Where somebody has set a `goal` (of the ratio, or of the
    value where the unit is its own), `reached` says whether it is; `best` is what one could hope for."""

    work: str
    value: float
    unit: str
    against: str
    limit: float
    ratio: float
    rss_mb: float
    goal: float | None = None
    reached: bool | None = None
    best: float | None = None


def measurement(work: str, value: float, unit: str, *, against: str, limit: float) -> Measurement:
    """A figure with its ratio and the memory held so far."""
    return Measurement(work, value, unit, against, limit, value / limit if limit else float("nan"), peak_rss_mb())


def peak_rss_mb(whose: int = resource.RUSAGE_SELF) -> float:
    """The most memory this process (or of its children that have ended, the largest) has held, MiB (ru_maxrss counts
    KiB on Linux, bytes on macOS)."""
    most = resource.getrusage(whose).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def median_seconds(work: Callable[[], object], runs: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """The median time of `runs` runs; `clock=time.process_time` counts this process's processor seconds instead."""
    taken = []
    for _ in range(runs):
        began = clock()
        work()
        taken.append(clock() - began)
    return statistics.median(taken)


def best_seconds(work: Callable[[], object], runs: int) -> float:
    """The fewest processor seconds of so many runs, those of all threads together."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def machine() -> str:
    """Processor, cores, memory, Python: what a figure is worth without them nobody can say."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
             ] if cpuinfo.exists() else []
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = names[0] if names else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def report(rows: Sequence[Measurement], *, title: str, as_json: bool) -> None:
    """Print the figures: one JSON object per line, or a table with the machine named below it."""
    if as_json:
        for row in rows:
            print(json.dumps(asdict(row)))
        return
    from rich.console import Console  # only here: what is measured must not carry it
    from rich.table import Table

    goals = any(row.goal is not None for row in rows)
    names = ("work", "value", "unit", "against", "limit", "ratio", "RSS MiB", *(("goal", "reached") if goals else ()))
    table = Table(*names, title=title, caption=machine())
    for row in rows:
        goal = ("" if row.goal is None else f"{row.goal:,.2f}", {True: "yes", False: "no", None: ""}[row.reached])
        table.add_row(row.work, f"{row.value:,.1f}", row.unit, row.against, f"{row.limit:,.1f}", f"{row.ratio:.2f}",
                      f"{row.rss_mb:,.0f}", *(goal if goals else ()))
    Console(width=None if sys.stdout.isatty() else 140).print(table)
