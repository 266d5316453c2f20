"""The terminal. One file per group of commands; each registers its commands on `hub.cli.terminal.app`."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `hub` script: loads every command file, then runs."""
    from hub.cli import explain  # noqa: F401  (registers its commands)
    from hub.cli.terminal import app

    app()
