"""AS2's own header fields (RFC 4130, 6 and 7.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
FEATURES = "AS2-Reliability"
VERSION = "1.2"


def quoted(name: str) -> str:
    """An AS2 name as a header says it: in quotes when it holds more than letters, digits and plain marks."""
    if re.fullmatch(r"[!#-\[\]-~]+", name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(value: str) -> str:
    """The name that a header says; capitals count."""
    value = value.strip()
    match = QUOTED.fullmatch(value)
    return re.sub(r'\\(["\\])', r"\1", match[1]) if match else value


@dataclass(frozen=True, slots=True)
class Asked:
    """The receipt that a sender wants: at all, signed, with which digests (its favourite first), sent where (None: in
    the answer)."""

    wanted: bool = False
    signed: bool = False
    micalgs: tuple[str, ...] = ()
    to: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Asked:
        """`headers` by lower-case name."""
        if "disposition-notification-to" not in headers:
            return cls()
        options = headers.get("disposition-notification-options", "")
        found = {name.strip().lower(): [v.strip() for v in values.split(",")]
                 for name, _, values in (option.partition("=") for option in options.split(";"))}
        names = _valued(found.get("signed-receipt-micalg", []))
        protocol = _valued(found.get("signed-receipt-protocol", []))
        signed = bool(protocol or names)
        return cls(True, signed, tuple(names), headers.get("receipt-delivery-option", "").strip() or None)


def _valued(values: Sequence[str]) -> list[str]:
    """What follows the importance, "optional" or "required"."""
    return [v.strip('"') for v in values if v and v.lower() not in ("optional", "required")]


def asking(micalg: str, to: str | None, signed: bool, address: str) -> dict[str, str]:
    """The header fields by which we ask for a receipt."""
    headers = {"Disposition-Notification-To": address}
    if signed:
        headers["Disposition-Notification-Options"] = (
            f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {micalg}")
    if to is not None:
        headers["Receipt-Delivery-Option"] = to
    return headers
