"""`hub explain` and `hub convert`: what a file is and what it says, without a database."""

from __future__ import annotations

import gc
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer

from adapters.csv.format import Csv
from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from adapters.xml.format import Xml
from hub.cli.explain_html import OUTCOMES, HtmlPage
from hub.cli.explain_summary import Summary
from hub.cli.explained import Page
from hub.cli.terminal import app, err, out
from hub.errors import HubError, Reject, Stop
from hub.flow.convert import Conversion, json_pieces
from hub.flow.explain import JsonTeller, Outcome
from hub.flow.identify import identify
from hub.ports import Format, Guide

MISSING = 2
EXTENSIONS = {"x12": ".x12", "edifact": ".edi", "csv": ".csv"}
"""Of files that are written one by one; all others are XML."""
Files = Annotated[list[Path], typer.Argument(help="files to read; - is standard input", metavar="FILE…")]


def formats() -> dict[str, Format]:
    """All formats by name, with the standard tables alone."""
    xml = Xml()
    found: tuple[Format, ...] = (X12(), Edifact(), xml, Csv())
    return {format.name: format for format in found} | dict.fromkeys(xml.names, xml)


@app.command()
def explain(
    files: Files,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per file, one per line")] = False,
    html: Annotated[Path | None, typer.Option(help="write a page that stands alone, to send to a partner")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="counts and findings only; any size, flat memory")] = False,
    max_lines: Annotated[int | None, typer.Option(min=0, help="show at most so many lines of a document")] = None,
) -> None:
    """Say what a file is, who sends it to whom, what is wrong in it and how it would be answered.

    The file is known by its content, never by its name; nothing is stored and no database is needed. Each finding shows
    its segment with the bad element underlined, the rule in words, and the remedy.

    Exit code: 0 all accepted (warnings may be told), 1 something rejected, 2 not readable as any known format, or no
    such file; the highest of several files.

    Examples:

      [bold]hub explain order.edi[/]

      [bold]hub explain order.edi --html order.html[/]

      [bold]hub explain --summary inbox/*.x12[/]

      [bold]hub explain --json --max-lines 10 activity.x12 | jq .interchanges[0].transactions[0].status[/]

      [bold]gunzip -c big.x12.gz | hub explain --summary - || echo "something was rejected"[/]
    """
    if html and (as_json or summary or len(files) > 1):
        raise typer.BadParameter("writes one page for one file, without --json and --summary", param_hint="--html")
    known, worst = formats(), Outcome.ACCEPTED
    _quiet_collector()
    for path in files:
        with _opened(path) as source:
            if source is None:
                worst = Outcome.UNREADABLE
                continue
            if as_json or summary:
                outcome = _told(path, source, known, as_json, summary, max_lines)
            else:
                outcome = _shown(path, source, known, html, max_lines)
        worst = max(worst, outcome)
    sys.stdout.flush()
    raise typer.Exit(int(worst))


def _told(
    path: Path, source: BinaryIO, known: dict[str, Format], as_json: bool, summary: bool, max_lines: int | None
) -> Outcome:
    """While it is read, without looking back."""
    events = identify(source, list(known.values()), lambda _: Guide())
    if not as_json:
        return Summary(str(path)).show(events)
    teller = JsonTeller(str(path), known, datetime.now(UTC), max_lines, summary)
    for piece in teller.tell(events):
        sys.stdout.write(piece)
    return teller.verdict.outcome


def _shown(path: Path, source: BinaryIO, known: dict[str, Format], html: Path | None, max_lines: int | None) -> Outcome:
    """As a page, for which segments are looked up in the file again."""
    now, lines = datetime.now(UTC), 20 if max_lines is None else max_lines
    with _twice(path, source) as (first, again):
        events = identify(first, list(known.values()), lambda _: Guide())
        if html is None:
            return Page(str(path), again, known, now, lines).show(events)
        try:
            with html.open("w", encoding="utf-8") as target:
                outcome = HtmlPage(path.name, again, known, now, lines).write(events, target)
        except OSError as wrong:
            raise typer.BadParameter(f"{html}: {wrong.strerror}", param_hint="--html") from None
    out.print(f"{html}: {path.name}, {OUTCOMES[outcome][1].lower()}", highlight=False, markup=False, soft_wrap=True)
    return outcome


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help="file to read; - is standard input")],
    to: Annotated[str, typer.Option("--to", help="x12/004010/850, edifact/D96A/ORDERS, ubl/2.1/Order … or json")],
    into: Annotated[Path | None, typer.Option("--into", help="directory: one file for each, instead of output")] = None,
) -> None:
    """Write what a file says in another dialect, or as canonical JSON, to standard output.

    An XML file holds one UBL document or one GS1 message: what has several goes into a directory, as
    <name>-1.xml, <name>-2.xml …

    Exit code: 0 all converted, 1 something rejected or not expressible, 2 not readable as any known format.

    Examples:

      [bold]hub convert order.x12 --to edifact/D96A/ORDERS > order.edi[/]

      [bold]hub convert order.edi --to json[/]

      [bold]hub convert orders.x12 --to ubl/2.1/Order --into orders/[/]
    """
    if into and to == "json":
        raise typer.BadParameter("JSON is one array on standard output", param_hint="--into")
    known = formats()
    _quiet_collector()
    with _opened(file) as source:
        if source is None:
            raise typer.Exit(MISSING)
        events = identify(source, list(known.values()), lambda _: Guide())
        try:
            conversion = Conversion(known, to, datetime.now(UTC))
            if to == "json":
                for piece in json_pieces(events, conversion):
                    sys.stdout.write(piece)
            else:
                _write(conversion.write(events), known, to, file, into)
        except HubError as refused:
            err.print(f"[red]{type(refused).__name__}:[/] {refused}", highlight=False, soft_wrap=True)
            raise typer.Exit(MISSING if isinstance(refused, Stop) else int(Outcome.REJECTED)) from None
    sys.stdout.flush()
    for said in (*conversion.complaints, *dict.fromkeys(conversion.losses)):
        err.print(said, highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(int(conversion.outcome))


def _write(contents: Iterator[bytes], known: dict[str, Format], to: str, file: Path, into: Path | None) -> None:
    """The files of a conversion: each by itself, or one after the other where the dialect allows that."""
    if into is not None:
        extension = EXTENSIONS.get(to.partition("/")[0], ".xml")
        _write_each(contents, file.stem if str(file) != "-" else "document", extension, into)
        return
    alone = isinstance(known.get(to.partition("/")[0]), Xml)
    held = next(contents, b"") if alone else b""
    for content in contents:
        if alone:
            raise Reject(f"one XML file cannot hold all of it: say where each goes, --to {to} --into DIRECTORY",
                         reason="SEVERAL_FILES")
        sys.stdout.buffer.write(content)
    sys.stdout.buffer.write(held)


def _write_each(contents: Iterator[bytes], stem: str, extension: str, into: Path) -> None:
    for number, content in enumerate(contents, 1):
        path = into / f"{stem}-{number}{extension}"
        try:
            into.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as wrong:
            raise typer.BadParameter(f"{path}: {wrong.strerror}", param_hint="--into") from None
        out.print(str(path), highlight=False, markup=False, soft_wrap=True)


def _quiet_collector() -> None:
    """Reading makes millions of short-lived values and no cycles: the collector would only cost a third of the time."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)


@contextmanager
def _twice(path: Path, source: BinaryIO) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file to read, and once more to look things up in; what cannot be read twice is kept on disk meanwhile."""
    if path.is_file():
        with path.open("rb") as again:
            yield source, again
        return
    with tempfile.NamedTemporaryFile() as kept:
        shutil.copyfileobj(source, kept)
        kept.seek(0)
        with open(kept.name, "rb") as again:
            yield cast(BinaryIO, kept), again


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | None]:
    """The file, or None after one sentence on standard error."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        source = path.open("rb")
    except OSError as wrong:
        err.print(
            f"{path}: {(wrong.strerror or 'cannot be read').lower()}", highlight=False, markup=False, soft_wrap=True
        )
        yield None
        return
    with source:
        yield cast(BinaryIO, source)
