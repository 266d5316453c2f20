"""What can be wrong with an AS2 message, as its sender is told in the receipt, and in plain words for its clerk."""

from __future__ import annotations

from typing import Literal

Trouble = Literal[
    "authentication-failed", "integrity-check-failed", "decryption-failed", "decompression-failed",
    "insufficient-message-security", "invalid-message-id", "unknown-trading-relationship",
    "unexpected-processing-error", "unsupported format", "unsupported MIC-algorithms", "sender-equals-receiver",
]
"""The modifiers of RFC 4130, 7.5, and of its revision, 8.5."""

FAILURES = {"unsupported format", "unsupported MIC-algorithms", "sender-equals-receiver"}
"""Those that are said as `failed/Failure`; all others are `processed/Error`."""

HINTS: dict[Trouble, str] = {
    "authentication-failed": "Sign with the certificate that you have given to the hub's operator, or give the new one "
                             "before you use it.",
    "integrity-check-failed": "Something on the way has changed the message; send it again. If this lasts, look for a "
                              "gateway that rewrites line ends.",
    "decryption-failed": "Encrypt to the hub's current certificate, with a cipher that was agreed, and send it again.",
    "decompression-failed": "Compress with zlib as RFC 3274 says, and split very large files.",
    "insufficient-message-security": "Sign and encrypt as agreed, and send it again.",
    "invalid-message-id": "Give every message one Message-ID of at most 255 plain characters.",
    "unknown-trading-relationship": "Check AS2-From and AS2-To, capitals too; they must be as agreed.",
    "unexpected-processing-error": "Ask the hub's operator, who finds the reason under your Message-ID.",
    "unsupported format": "Send one file for each message, as RFC 4130 describes.",
    "unsupported MIC-algorithms": "Ask for a receipt with sha-256, sha-384 or sha-512.",
    "sender-equals-receiver": "AS2-From is you and AS2-To is the hub.",
}


class Fault(Exception):
    """A message that is not taken: `trouble` as the standard calls it, and words that may be told to anybody."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(trouble, message)
        self.trouble: Trouble = trouble
        self.message = message

    @property
    def disposition(self) -> str:
        return f"failed/Failure: {self.trouble}" if self.trouble in FAILURES else f"processed/Error: {self.trouble}"

    @property
    def hint(self) -> str:
        return HINTS[self.trouble]


class Malformed(Exception):
    """The bytes are not what their heading says. What that is called depends on where they came from."""


UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, NotImplementedError)
"""What reading hostile ASN.1 may raise: it is parsed lazily, so anywhere."""


def undecipherable() -> Fault:
    """The one answer to everything that may come of a wrong key, wrong padding or changed ciphertext: whoever could
    tell these apart could read what was encrypted for somebody else (RFC 3218)."""
    return Fault("decryption-failed", "The message could not be decrypted.")
