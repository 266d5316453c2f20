"""Finds the table for a message: the standard's or the partner's, of its release or of the nearest one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from adapters.mapping.dialect import Dialect
from adapters.mapping.guide import Guidebook, differences, guidebook
from adapters.mapping.merge import merged
from adapters.mapping.message import Message, compile_message
from adapters.mapping.overlaid import Overlaid, Overlays
from adapters.mapping.overlay import check_overlay
from hub.errors import BrokenTable, NotFound
from schemas import facts

LOOSE = "loose"
"""The facts that a message of a directory without tables is checked by."""


@dataclass(frozen=True, slots=True)
class Found:
    """The table that reads a message; `exact` is False when it is another release's."""

    message: Message
    exact: bool


class Tables(Overlaid):
    """The message tables of one dialect: the hub's own and its partners'. Compiled when first asked for, then kept."""

    def __init__(
        self,
        dialect: Dialect,
        overlays: Overlays | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(dialect.name, overlays, texts)
        self.dialect = dialect
        self._compiled: dict[tuple[str, str, str | None], Message] = {}
        self._found: dict[tuple[str, str, str, str | None], Found | None] = {}

    def names(self, partner: str | None = None) -> list[str]:
        """All tables that this partner's messages may be read by."""
        ours = (name for name in facts.message_tables() if name.startswith(self.dialect.name + "/"))
        return sorted({*ours, *self.texts, *self.overlays.get(partner or "", ())})

    def guide(self, name: str, partner: str | None = None, example: str = "") -> Guidebook:
        """The mapping guide of a table, a partner's with what it does otherwise. Raises NotFound or BrokenTable."""
        standard = name in self.texts or facts.message_table(name) is not None
        text = self.texts.get(name) or facts.message_table(name) or ""
        title = text.partition("\n")[0].lstrip("# ").partition("<->")[0].strip() or name
        book = guidebook(self.get(name, partner), title, example, partner)
        if partner is None or name not in self.overlays.get(partner, {}) or not standard:
            return book
        return replace(book, changes=differences(guidebook(self.get(name), title), book))

    def get(self, name: str, partner: str | None = None, release: str | None = None) -> Message:
        """The table of that name under the partner's overlay. Raises NotFound or BrokenTable.

        `release`: check elements by the facts of this release instead of the table's own.
        """
        partner = partner if partner and name in self.overlays.get(partner, {}) else None
        format, version, _ = _parts(name)
        if format != self.dialect.name:
            raise NotFound(f"{name} is not a table of {self.dialect.name}", reason="NO_SUCH_TABLE")
        if not partner and not self.texts:
            return _standard(self.dialect, name, release or version)
        key = (name, release or version, partner)
        if key not in self._compiled:
            self._compiled[key] = self.compile(name, partner, release or version)
        return self._compiled[key]

    def compile(self, name: str, partner: str | None, release: str) -> Message:
        """The table of that name made anew. Raises NotFound or BrokenTable."""
        raw = self._raw(name, partner, ())
        return compile_message(name, raw, self.dialect, facts.dictionary(self.dialect.name, release))

    def find(self, format: str, version: str, message: str, partner: str | None = None) -> Found | None:
        """The table for a message as sent, tolerating suffixes ("004010VICS") and neighbouring releases."""
        key = (format, version, message, partner)
        if key not in self._found:
            if len(self._found) > 10_000:
                self._found.clear()
            self._found[key] = self._search(format, version, message, partner)
        return self._found[key]

    def _search(self, format: str, version: str, message: str, partner: str | None) -> Found | None:
        releases = [v for f, v, m in map(_parts, self.names(partner)) if (f, m) == (format, message)]
        if not releases:
            return None
        since = {release: self._since(f"{format}/{release}/{message}", partner) for release in releases}
        nearest = min(releases, key=lambda release: _distance(format, version, release, since[release]))
        exact = _same(version, nearest)
        sent = version[:6] if format == "x12" and version[:6].isascii() and version[:6].isdigit() else None
        release = None if exact else sent if format == "x12" else LOOSE
        name = f"{format}/{nearest}/{message}"
        try:
            return Found(self.get(name, partner, release), exact)
        except BrokenTable:
            if release is None:
                raise
        return Found(self.get(name, partner), exact)  # it names elements that the release sent has not yet

    def _since(self, name: str, partner: str | None) -> str | None:
        """`since = "D96B"`: the first release whose messages this table reads better than an older one does."""
        overlaid = partner if name in self.overlays.get(partner or "", {}) else None
        return self._raw(name, overlaid, ()).get("since")

    def _raw(self, name: str, partner: str | None, on_the_way: tuple[str, ...]) -> dict[str, Any]:
        if name in on_the_way:
            raise BrokenTable(f"{name}: base leads back to itself ({' -> '.join(on_the_way)})")
        own = self._parsed(name, self.texts.get(name) or facts.message_table(name), "")
        if partner:
            text = self.overlays[partner][name]
            overlay = self._parsed(name, text, f" of {partner}")
            base = overlay.pop("base", None) if overlay else None
            if base and base != name:
                own = self._raw(base, None, (*on_the_way, name))
            standard = self._based(own or {}, name, on_the_way)
            check_overlay(f"{name} of {partner}", standard, overlay or {}, self.dialect.head)
            return merged(standard, overlay or {})
        if own is None:
            raise NotFound(f"there is no table {name!r}", reason="NO_SUCH_TABLE")
        return self._based(own, name, on_the_way)

    def _based(self, raw: dict[str, Any], name: str, on_the_way: tuple[str, ...]) -> dict[str, Any]:
        base = raw.pop("base", None)
        return merged(self._raw(base, None, (*on_the_way, name)), raw) if base else raw

    def _parsed(self, name: str, text: str | None, whose: str) -> dict[str, Any] | None:
        if text is None:
            return None
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as broken:
            raise BrokenTable(f"{name}{whose} is not TOML: {broken}") from None


@lru_cache(maxsize=1024)
def _standard(dialect: Dialect, name: str, release: str) -> Message:
    """A table as it comes with the hub: compiled once, whoever's overlays stand beside it."""
    return Tables(dialect).compile(name, None, release)


def _parts(name: str) -> tuple[str, str, str]:
    parts = name.split("/")
    if len(parts) != 3:
        raise NotFound(f"{name!r} is not format/version/message", reason="NO_SUCH_TABLE")
    return parts[0], parts[1], parts[2]


def _distance(format: str, sent: str, release: str, since: str | None) -> tuple[bool, bool, int, bool]:
    """How far a table's release is from the one sent: equal first, then near, then the older of two. What is said to be
    alike `since` a release is no distance away from then on, and out of the question before."""
    ours, theirs = _rank(format, release), _rank(format, sent)
    first = _rank(format, since) if since else ours
    gap = 0 if first <= theirs <= ours else abs(ours - theirs)
    return not _same(sent, release), bool(since) and theirs < first, gap, ours > theirs


def _same(sent: str, release: str) -> bool:
    """ "004010VICS" and "00401" are 004010."""
    sent = sent.upper()
    return sent.startswith(release.upper()) or (len(sent) == 5 and release.startswith(sent))


def _rank(format: str, release: str) -> int:
    """Releases as numbers in order: 004010 -> 4010; D96A -> 199601."""
    digits = "".join(c for c in release if c in "0123456789")[:6]
    if format != "edifact" or len(digits) < 2:
        return int(digits or 0)
    year = int(digits[-2:])
    return (year + (2000 if year < 50 else 1900)) * 100 + ord(release[-1:].upper() or "A") % 64
