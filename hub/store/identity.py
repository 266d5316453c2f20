"""Public ids: random, untimed, and saying what they name: `msg_` and 22 letters or digits (131 bits)."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.digits + string.ascii_letters
LETTERS = 22


def new_id(kind: str) -> str:
    """`kind` is a short word: msg, doc, ord, plan, run, exc."""
    drawn, letters = secrets.randbelow(len(ALPHABET) ** LETTERS), []
    for _ in range(LETTERS):
        drawn, letter = divmod(drawn, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return f"{kind}_{''.join(letters)}"
