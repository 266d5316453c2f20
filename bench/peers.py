"""Other readers beside ours, in one run: `python -m bench.peers [--mb 4] [--slow-mb 0.5] [--json]`.

Each row says what is done, because it is not the same: some only split, some check envelopes, few validate. The figure
is held against L on the same kind of file: what splitting alone costs in plain Python. Slow readers get a smaller file,
which flatters pyx12 (its time grows with the square of the number of transaction sets). Processor seconds, best of
three, the collector on, each row in a process of its own whose start does not count. What is not installed is left out
by name.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import logging
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from bench.edi_inputs import limit, made
from bench.harness import Measurement, best_seconds, peak_rss_mb, report
from hub.model.exchange import Closing, Numbers
from hub.ports import Guide

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUNS = 3
ISA = "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *261122*1200*U*00401*000000001*0*P*>~"


@dataclass(frozen=True, slots=True)
class Rival:
    """One row: who does what to which kind of file. `needs` is the module that must be installed; `slow` ones get the
    small file."""

    who: str
    does: str
    kind: str
    needs: str
    slow: bool
    work: Callable[[Path], Callable[[], object]]


# -- ours ----------------------------------------------------------------------------------------------------------


def _ours(path: Path, mapped: bool) -> Callable[[], object]:
    format: X12 | Edifact = X12() if path.read_bytes()[:3] == b"ISA" else Edifact()

    def work() -> None:
        with path.open("rb") as file:
            for event in (format.read if mapped else format.check)(file, lambda _: Guide()):
                if isinstance(event, Closing):
                    format.acknowledge(event, Numbers(interchange=1), NOW)

    return work


def ours_read(path: Path) -> Callable[[], object]:
    return _ours(path, True)


def ours_check(path: Path) -> Callable[[], object]:
    return _ours(path, False)


# -- theirs --------------------------------------------------------------------------------------------------------


def pyx12_segments(path: Path) -> Callable[[], object]:
    import pyx12.rawx12file

    def work() -> None:
        with path.open() as file:
            for _ in pyx12.rawx12file.RawX12File(file):
                pass

    return work


def pyx12_envelopes(path: Path) -> Callable[[], object]:
    import pyx12.x12file

    def work() -> None:
        with pyx12.x12file.X12Reader(str(path)) as reader:
            for _ in reader:
                pass

    return work


def pyx12_validate(path: Path) -> Callable[[], object]:
    import pyx12.params
    import pyx12.x12n_document

    from tests.edi.pyx12_verdict import maps

    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    home = str(maps(Path(tempfile.mkdtemp())))

    def work() -> None:
        with path.open() as file:
            pyx12.x12n_document.x12n_document(pyx12.params.params(), file, io.StringIO(), None, map_path=home)

    return work


def pydifact_segments(path: Path) -> Callable[[], object]:
    from pydifact.parser import Parser

    text = path.read_text("latin-1")
    warnings.simplefilter("ignore")  # it misses its own directories and says so for every name
    return lambda: sum(1 for _ in Parser().parse(text))


def pydifact_interchange(path: Path) -> Callable[[], object]:
    from pydifact.segmentcollection import Interchange

    text = path.read_text("latin-1")

    warnings.simplefilter("ignore")

    def work() -> None:
        for message in Interchange.from_str(text).get_messages():
            len(message.segments)

    return work


RIVALS = (
    Rival("this hub", "850: everything, to Orders and 997", "x12_850", "", False, ours_read),
    Rival("this hub", "850: everything, validated, 997", "x12_850", "", False, ours_check),
    Rival("pyx12", "850: segments only", "x12_850", "pyx12", False, pyx12_segments),
    Rival("pyx12", "850: segments, envelopes checked", "x12_850", "pyx12", True, pyx12_envelopes),
    Rival("this hub", "997: everything, to documents", "x12_997", "", True, ours_read),
    Rival("pyx12", "997: validated, answered", "x12_997", "pyx12", True, pyx12_validate),
    Rival("this hub", "ORDERS: everything, to Orders and CONTRL", "edi_orders", "", False, ours_read),
    Rival("this hub", "ORDERS: everything, validated, CONTRL", "edi_orders", "", False, ours_check),
    Rival("pydifact", "ORDERS: segments only", "edi_orders", "pydifact", True, pydifact_segments),
    Rival("pydifact", "ORDERS: messages, not validated", "edi_orders", "pydifact", True, pydifact_interchange),
)
ABSENT = {"bots": "bots' lexer: the package does not build under this Python, so it is not measured"}


def file_of(kind: str, megabytes: float, home: Path) -> Path:
    """The interchange to read; answers are made here, for the generator has none."""
    if kind != "x12_997":
        return made(kind, megabytes, home)
    path = home / f"{kind}-{megabytes:g}.edi"
    rows = "AK1*PO*1~AK2*850*0001~AK3*PO1*8**8~AK4*2*330*6*8x1~AK5*R*5~AK2*850*0002~AK5*A~AK9*P*2*2*1~"
    count = max(1, int(megabytes * 1e6) // (len(rows) + 30))
    sets = "".join(f"ST*997*{n:09d}~{rows}SE*10*{n:09d}~" for n in range(1, count + 1))
    path.write_text(f"{ISA}GS*FA*S*R*20261122*1200*1*X*004010~{sets}GE*{count}*1~IEA*1*000000001~")
    return path


def timed(rival: Rival, megabytes: float, home: Path) -> Measurement:
    """One row."""
    path = file_of(rival.kind, megabytes, home)
    size = path.stat().st_size / 1e6
    plain, speed = (size / best_seconds(work, RUNS) for work in (limit(path), rival.work(path)))
    name, against = f"{rival.who}: {rival.does}", f"L, {size:.1f} MB"
    return Measurement(name, speed, "MB/s", against, plain, speed / plain, peak_rss_mb())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, default=4.0)
    parser.add_argument("--slow-mb", type=float, default=0.5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows, absent = [], [words for name, words in ABSENT.items() if importlib.util.find_spec(name) is None]
    with tempfile.TemporaryDirectory() as room:
        for rival in RIVALS:
            if rival.needs and importlib.util.find_spec(rival.needs) is None:
                absent.append(f"{rival.who}: not installed")
                continue
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                size = asked.slow_mb if rival.slow else asked.mb
                rows.append(process.submit(timed, rival, size, Path(room)).result())
    report(rows, title="Readers of EDI beside each other", as_json=asked.json)
    if not asked.json:
        print(*dict.fromkeys(absent), sep="\n")


if __name__ == "__main__":
    main()
