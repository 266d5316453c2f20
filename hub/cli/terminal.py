"""What all commands share: the app, the two consoles, and how a listing is printed for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import typer
from rich.console import Console
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


out = Console()
err = Console(stderr=True)


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
    table = Table(title=title, title_justify="left", header_style="bold")
    for name, value in rows[0].items():
        table.add_column(name, justify="right" if isinstance(value, int | float) else "left")
    for row in rows:
        table.add_row(*("" if v is None else str(v) for v in row.values()))
    out.print(table)
