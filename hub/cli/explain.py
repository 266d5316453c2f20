"""`hub explain` and `hub convert`: what a file is and what it says, without a database."""

from __future__ import annotations

import gc
import sys
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
from hub.cli.explained import Page
from hub.cli.terminal import app, err
from hub.errors import HubError, Stop
from hub.flow.convert import Conversion, json_pieces
from hub.flow.explain import JsonTeller, Outcome
from hub.flow.identify import identify
from hub.ports import Format, Guide

MISSING = 2
Files = Annotated[list[Path], typer.Argument(help="files to read; - is standard input", metavar="FILE…")]


def formats() -> dict[str, Format]:
    """All formats by name, with the standard tables alone."""
    found: tuple[Format, ...] = (X12(), Edifact(), Xml(), Csv())
    return {format.name: format for format in found}


@app.command()
def explain(
    files: Files,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per file, one per line")] = False,
    summary: Annotated[bool, typer.Option(help="counts and findings only")] = False,
    max_lines: Annotated[int | None, typer.Option(min=0, help="show at most so many lines of a document")] = None,
) -> None:
    """Say what a file is, who sends it to whom, what is wrong in it and how it would be answered.

    The file is known by its content, never by its name; nothing is stored and no database is needed.

    Exit code: 0 all accepted, 1 something rejected, 2 not readable as any known format; the highest of several files.

    Examples:

      [bold]hub explain order.edi[/]

      [bold]hub explain --summary inbox/*.x12[/]

      [bold]hub explain --json --max-lines 10 activity.x12 | jq .interchanges[0].transactions[0].status[/]
    """
    known, worst = formats(), Outcome.ACCEPTED
    _quiet_collector()
    for path in files:
        with _opened(path) as source:
            if source is None:
                worst = Outcome.UNREADABLE
                continue
            events = identify(source, list(known.values()), lambda _: Guide())
            if as_json:
                teller = JsonTeller(str(path), known, datetime.now(UTC), max_lines, summary)
                for piece in teller.tell(events):
                    sys.stdout.write(piece)
                outcome = teller.verdict.outcome
            else:
                outcome = Page(path, known, datetime.now(UTC), 20 if max_lines is None else max_lines, summary).show(
                    events
                )
        worst = max(worst, outcome)
    sys.stdout.flush()
    raise typer.Exit(int(worst))


@app.command()
def convert(
    file: Annotated[Path, typer.Argument(help="file to read; - is standard input")],
    to: Annotated[str, typer.Option("--to", help="x12/004010/850, edifact/D96A/ORDERS, csv/1/… or json")],
) -> None:
    """Write what a file says in another dialect, or as canonical JSON, to standard output.

    Exit code: 0 all converted, 1 something rejected or not expressible, 2 not readable as any known format.

    Examples:

      [bold]hub convert order.x12 --to edifact/D96A/ORDERS > order.edi[/]

      [bold]hub convert order.edi --to json[/]
    """
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
                for content in conversion.write(events):
                    sys.stdout.buffer.write(content)
        except HubError as refused:
            err.print(f"[red]{type(refused).__name__}:[/] {refused}", highlight=False, soft_wrap=True)
            raise typer.Exit(MISSING if isinstance(refused, Stop) else int(Outcome.REJECTED)) from None
    sys.stdout.flush()
    for said in conversion.complaints:
        err.print(said, highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(int(conversion.outcome))


def _quiet_collector() -> None:
    """Reading makes millions of short-lived values and no cycles: the collector would only cost a third of the time."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)


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
