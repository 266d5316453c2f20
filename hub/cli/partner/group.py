"""The group of commands, and how a name that nobody has is answered."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from hub.cli.terminal import app, complain

partner_app = typer.Typer(
    no_args_is_help=True, help="Trading partners: new, apply, list, show, test, stage, certificates, token, revoke.")
app.add_typer(partner_app, name="partner")

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
Name = Annotated[str, typer.Argument(help="short name")]


def nobody(name: str) -> NoReturn:
    complain(f"No partner is called {name!r}; see `hub partner list`.")
    raise typer.Exit(2)
