"""Public ids: random, untimed, and saying what they name: `msg_` and 22 letters or digits (131 bits)."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.digits + string.ascii_letters


def new_id(kind: str) -> str:
    """`kind` is a short word: msg, doc, ord, plan, run, exc."""
    return f"{kind}_{''.join(secrets.choice(ALPHABET) for _ in range(22))}"
