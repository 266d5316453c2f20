"""Finds the table for a document: the standard's or the partner's, of its version or of the nearest one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from adapters.mapping.merge import merged
from adapters.mapping.overlaid import Overlaid, Overlays
from adapters.xml.table import Table, compile_table
from hub.errors import BrokenTable, NotFound
from schemas import facts


@cache
def shipped(standard: str) -> tuple[str, ...]:
    """Names of the tables that come with the hub, like "ubl/2.1/Order"."""
    home = facts.HOME / standard
    return tuple(sorted(path.relative_to(facts.HOME).with_suffix("").as_posix() for path in home.glob("*/*.toml")))


class Tables(Overlaid):
    """The tables of one standard and its partners' overlays. Compiled when first asked for, then kept."""

    def __init__(self, standard: str, overlays: Overlays | None = None, texts: Mapping[str, str] | None = None) -> None:
        super().__init__(standard, overlays, texts)
        self.standard = standard
        self._compiled: dict[tuple[str, str | None], Table] = {}

    def names(self, partner: str | None = None) -> list[str]:
        """All tables that this partner's documents may be read by."""
        return sorted({*shipped(self.standard), *self.texts, *self.overlays.get(partner or "", ())})

    def namespaces(self, document: str) -> dict[str, str]:
        """Prefix to namespace; "" is the document's own."""
        rows = facts.read_toml(facts.HOME / self.standard / "namespaces.toml")
        return {prefix: str(uri).format(document=document) for prefix, uri in rows.items()}

    @property
    def prefixes(self) -> dict[str, str]:
        """Namespace to prefix, for those that all documents share."""
        return {uri: prefix for prefix, uri in self.namespaces("").items() if prefix}

    def get(self, name: str, partner: str | None = None) -> Table:
        """The table of that name under the partner's overlay. Raises NotFound or BrokenTable."""
        partner = partner if partner and name in self.overlays.get(partner, {}) else None
        if not partner and not self.texts:
            return _standard(self.standard, name)
        if (name, partner) not in self._compiled:
            self._compiled[name, partner] = self.compile(name, partner)
        return self._compiled[name, partner]

    def compile(self, name: str, partner: str | None) -> Table:
        """The table of that name made anew. Raises NotFound or BrokenTable."""
        raw = self._raw(name, partner, ())
        raw["part"] = merged(facts.read_toml(facts.HOME / self.standard / "parts.toml"), raw.get("part", {}))
        return compile_table(name, raw, self.namespaces(raw.get("root") or name.rsplit("/", 1)[1]))

    def find(self, version: str | None, message: str, partner: str | None = None) -> Table | None:
        """The table for a document as sent: of its version, else the newest before it, else the oldest."""
        there = [name for name in self.names(partner) if name.rsplit("/", 1)[1] == message]
        if not there:
            return None
        before = [name for name in there if version is None or name.split("/")[1] <= version]
        return self.get(before[-1] if before else there[0], partner)

    def variants(self, message: str, partner: str | None = None) -> list[Table]:
        """The tables for some of the documents of a name, which go before the one of that name."""
        others = [self.get(name, partner) for name in self.names(partner) if name.rsplit("/", 1)[1] != message]
        return [table for table in others if table.root == message and table.when]

    def _raw(self, name: str, partner: str | None, on_the_way: tuple[str, ...]) -> dict[str, Any]:
        if name in on_the_way:
            raise BrokenTable(f"{name}: base leads back to itself ({' -> '.join(on_the_way)})")
        own = self._parsed(name, self._text(name), "")
        if partner:
            overlay = self._parsed(name, self.overlays[partner][name], f" of {partner}") or {}
            base = overlay.pop("base", None)
            if base and base != name:
                own = self._raw(base, None, (*on_the_way, name))
            return merged(self._based(own or {}, name, on_the_way), overlay)
        if own is None:
            raise NotFound(f"there is no table {name!r}", reason="NO_SUCH_TABLE")
        return self._based(own, name, on_the_way)

    def _based(self, raw: dict[str, Any], name: str, on_the_way: tuple[str, ...]) -> dict[str, Any]:
        base = raw.pop("base", None)
        return merged(self._raw(base, None, (*on_the_way, name)), raw) if base else raw

    def _text(self, name: str) -> str | None:
        if name in self.texts:
            return self.texts[name]
        path = facts.HOME / f"{name}.toml"
        return path.read_text(encoding="utf-8") if name in shipped(self.standard) else None

    def _parsed(self, name: str, text: str | None, whose: str) -> dict[str, Any] | None:
        if text is None:
            return None
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as broken:
            raise BrokenTable(f"{name}{whose} is not TOML: {broken}") from None


@lru_cache(maxsize=512)
def _standard(standard: str, name: str) -> Table:
    """A table as it comes with the hub: compiled once, whoever's overlays stand beside it."""
    return Tables(standard).compile(name, None)
