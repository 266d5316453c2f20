"""The terminal. One file per group of commands; each registers its commands on `hub.cli.terminal.app`."""

from __future__ import annotations

import sys
from importlib import import_module

COMMANDS = {
    "explain": "explain", "convert": "explain", "guide": "guide", "loss": "loss",
    "serve": "serve", "work": "serve", "run": "serve", "send": "messages",
    "messages": "messages", "reprocess": "messages", "deliveries": "deliveries", "resend": "deliveries",
    "dead-letters": "letters",
    "alerts": "alerts", "partner": "partner", "agreement": "agreement", "plan": "plan", "migrate": "store",
    "backup": "keep", "restore": "keep", "purge": "keep",
    "demo": "demo.command", "account": "account", "audit": "audit", "sandbox": "sandbox",
    "forecast": "forecast", "consensus": "forecast",
}
"""Command -> the file that holds it."""


def main() -> None:
    """Entry point of the `hub` script. Loads the file of the command that is asked for, all of them for the help: what
    explains a file must not wait for a database driver. What no command has foreseen is told in a sentence."""
    asked = next((word for word in sys.argv[1:] if word in COMMANDS), None)
    for name in [COMMANDS[asked]] if asked else dict.fromkeys(COMMANDS.values()):
        import_module(f"hub.cli.{name}")
    from hub.cli.terminal import app, complain

    try:
        app()
    except Exception as error:
        from hub.cli.trouble import in_a_sentence

        said = in_a_sentence(error)
        if said is None:
            raise
        complain(said)
        sys.exit(1)
