"""Whom to call."""

from __future__ import annotations

from typing import ClassVar

from hub.model.said import Said
from hub.model.value import Value


class OtherNumber(Value):
    """`code` is reached or meant by `kind`, a word of the code list of its field or the sender's own code. `code_list`
    and `agency` say out of whose list it is where that is said (EDIFACT 1131 and 3055)."""

    spare: ClassVar[frozenset[str]] = frozenset({"code_list", "agency"})

    kind: str
    code: str
    code_list: str | None = None
    agency: str | None = None


class Contact(Said):
    """A person or office. `function` is a word of `schemas/codes/contact.toml`, or the sender's code where there is no
    word. X12 PER and G61, EDIFACT CTA and COM."""

    spare: ClassVar[frozenset[str]] = frozenset({"function", "id", "channels"})

    function: str | None = None
    id: str | None = None
    name: str | None = None
    phone: str | None = None
    fax: str | None = None
    email: str | None = None
    channels: tuple[OtherNumber, ...] = ()
    """Further ways to reach them, by words of `schemas/codes/channel.toml`."""
