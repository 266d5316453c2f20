"""What all commands share: the app, the two consoles, and how a listing is printed for people and for scripts."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.logs import configure

app = typer.Typer(
    name="hub",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback()
def hub() -> None:
    """CPFR Hub: trading partners plan and trade together over X12, EDIFACT and CSV."""
    configure("warning")


out = Console(width=None if sys.stdout.isatty() else shutil.get_terminal_size(fallback=(140, 50)).columns)
err = Console(stderr=True)


def complain(why: str) -> None:
    """Why something cannot be, on standard error. What stands there in square brackets (`[delivery]`) is meant so."""
    err.print(f"[red]{escape(why)}[/]", soft_wrap=True)


SHORT = 30
"""Values up to this length are never folded."""
WHOLE = {"id", "day", "route", "state", "order", "code", "message"}
"""Columns that one copies from, or that say nothing when they are cut; but not a sentence under such a name."""
LONGEST = 48
"""Of what counts as no sentence."""


def listing(title: str, rows: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    """Print rows as a table, or as one JSON object per line."""
    rows = list(rows)
    if as_json:
        for row in rows:
            print(json.dumps(row, default=str, ensure_ascii=False))
        return
    if not rows:
        out.print(f"{title}: none")
        return
    out.print(title, style="italic", soft_wrap=True)
    table = Table(header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in rows[0]:
        values = [row[name] for row in rows]
        number = all(isinstance(value, int | float) for value in values if value is not None)
        longest = max(len(str(value)) for value in values)
        whole = longest if name in WHOLE and longest <= LONGEST else None
        table.add_column(name, justify="right" if number else "left", no_wrap=longest <= SHORT, min_width=whole)
    for row in rows:
        table.add_row(*("" if v is None else escape(str(v)) for v in row.values()))
    out.print(table)
