"""How fast a UBL Forecast is validated and mapped, beside plain lxml iterparse of the same file in the same run.

    python -m bench.xml [--megabytes 50] [--runs 3] [--json]

Figures are megabytes per processor second, the best of the runs, each work in a process of its own. The limit of the
first row is 0.45 of iterparse; that of memory 100 MiB. xmlschema reads a fiftieth of the file: all of it takes minutes.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the works run in processes of their own, whose memory is measured: they need nothing but themselves
    from bench.harness import Measurement
    from hub.ports import Format

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
LINE_TAG = f"{{{UBL}CommonAggregateComponents-2}}ForecastLine"
ALONE = "--alone"
"""`python -m bench.xml --alone ours FILE RUNS`: one work in this process; prints seconds and MiB."""
SHARE, MOST_MEMORY = 0.45, 100.0
HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<Forecast xmlns="{UBL}Forecast-2" xmlns:cac="{UBL}CommonAggregateComponents-2" xmlns:cbc="{UBL}CommonBasicComponents-2">
  <cbc:UBLVersionID>2.1</cbc:UBLVersionID>
  <cbc:ID>F1</cbc:ID>
  <cbc:IssueDate>2026-11-22</cbc:IssueDate>
  <cbc:ForecastPurposeCode>SALES_FORECAST</cbc:ForecastPurposeCode>
  <cac:ForecastPeriod><cbc:StartDate>2026-11-23</cbc:StartDate></cac:ForecastPeriod>
  <cac:SenderParty/>
  <cac:ReceiverParty/>
"""
LINE = """  <cac:ForecastLine>
    <cbc:ID>{n}</cbc:ID>
    <cbc:FrozenDocumentIndicator>false</cbc:FrozenDocumentIndicator>
    <cbc:ForecastTypeCode>TOTAL</cbc:ForecastTypeCode>
    <cac:ForecastPeriod>
      <cbc:StartDate>2026-{month:02d}-{day:02d}</cbc:StartDate>
      <cbc:EndDate>2026-{month:02d}-{day:02d}</cbc:EndDate>
    </cac:ForecastPeriod>
    <cac:SalesItem>
      <cbc:Quantity unitCode="CS">{quantity}.5</cbc:Quantity>
      <cac:ActivityProperty>
        <cbc:Name>location</cbc:Name>
        <cbc:Value>40123450{place:05d}</cbc:Value>
      </cac:ActivityProperty>
      <cac:Item>
        <cbc:Description>Article number {item} with a description</cbc:Description>
        <cac:BuyersItemIdentification>
          <cbc:ID>B-{item}</cbc:ID>
        </cac:BuyersItemIdentification>
        <cac:StandardItemIdentification>
          <cbc:ID schemeID="GTIN">0401234{item:07d}</cbc:ID>
        </cac:StandardItemIdentification>
      </cac:Item>
    </cac:SalesItem>
  </cac:ForecastLine>
"""


def sample(path: Path, megabytes: float) -> None:
    """A Forecast of this size: many items, places and days."""
    with path.open("w") as file:
        file.write(HEAD)
        n = 0
        while file.tell() < megabytes * 1e6:
            rows = (LINE.format(n=k, month=k % 12 + 1, day=k % 27 + 1, quantity=k % 977, place=k % 300, item=k % 5000)
                    for k in range(n + 1, n + 101))
            file.write("".join(rows))
            n += 100
        file.write("</Forecast>\n")


def iterparse(path: Path) -> None:
    """Plain lxml: every line as an element, let go at once; nothing is judged or mapped."""
    from lxml import etree

    for _, line in etree.iterparse(str(path), events=("end",), tag=LINE_TAG):
        line.clear()
        while line.getprevious() is not None:
            above = line.getparent()
            if above is not None:
                del above[0]


def ours(path: Path) -> None:
    """Judged, mapped, as frames."""
    from hub.ports import Guide

    with path.open("rb") as file:
        for _ in _format().read(file, lambda _: Guide()):
            pass


@cache
def _format() -> Format:
    """One for all runs, as a worker has one for all files."""
    from adapters.xml.format import Xml

    return Xml()


def whole_xmlschema(path: Path) -> None:
    """The whole document by xmlschema, with the same schema."""
    _xmlschema().validate(str(path))


@cache
def _xmlschema() -> Any:
    import tempfile

    import xmlschema

    from adapters.xml.xsd import texts
    from schemas.components import components

    parts = texts(components("ubl", "2.1"))
    with tempfile.TemporaryDirectory() as home:
        for name, text in parts.items():
            (Path(home) / name).write_text(text)
        return xmlschema.XMLSchema(str(Path(home) / "Forecast.xsd"), allow="local")


def peak() -> float:
    """The most memory that this process has held, MiB; a child does not inherit it, as it does ru_maxrss."""
    status = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


def timed(work: Callable[[Path], None], path: Path, runs: int) -> tuple[float, float]:
    """Processor seconds (the best of the runs, imports apart) and peak MiB."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)
    taken = []
    for _ in range(runs + 1):
        began = time.process_time()
        work(path)
        taken.append(time.process_time() - began)
    return min(taken[1:]), peak()


def alone(work: Callable[[Path], None], path: Path, runs: int) -> tuple[float, float]:
    """MB per processor second and peak MiB, in a fresh process."""
    done = subprocess.run([sys.executable, "-m", "bench.xml", ALONE, work.__name__, str(path), str(runs)],
                          check=True, stdout=subprocess.PIPE, text=True)
    seconds, memory = map(float, done.stdout.split())
    return path.stat().st_size / 1e6 / seconds, memory


def measure(megabytes: float, runs: int) -> list[Measurement]:
    """Every figure beside its limit."""
    import tempfile

    from bench.harness import Measurement

    with tempfile.TemporaryDirectory() as home:
        path, small = Path(home) / "forecast.xml", Path(home) / "small.xml"
        sample(path, megabytes)
        sample(small, megabytes / 50)
        raw, raw_memory = alone(iterparse, path, runs)
        speed, memory = alone(ours, path, runs)
        slow, slow_memory = alone(whole_xmlschema, small, 1)
    limit = SHARE * raw
    return [
        Measurement("ubl-forecast", speed, "MB/s", f"{SHARE} of iterparse", limit, speed / limit, memory),
        Measurement("ubl-forecast: memory", memory, "MiB", "most", MOST_MEMORY, memory / MOST_MEMORY, memory),
        Measurement("lxml iterparse alone", raw, "MB/s", "itself", raw, 1.0, raw_memory),
        Measurement("xmlschema, whole document", slow, "MB/s", "iterparse", raw, slow / raw, slow_memory),
    ]


def main() -> None:
    if sys.argv[1:2] == [ALONE]:
        work = {known.__name__: known for known in (iterparse, ours, whole_xmlschema)}[sys.argv[2]]
        print(*timed(work, Path(sys.argv[3]), int(sys.argv[4])))
        return
    import argparse

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=float, default=50)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    from bench.harness import report

    report(measure(options.megabytes, options.runs), title="UBL Forecast", as_json=options.json)


if __name__ == "__main__":
    main()
