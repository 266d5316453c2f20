"""Which components of a composite say something, of those that are watched: text by text, each examined once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from adapters.mapping.dialect import COMPONENT, REPEAT, Row, component
from adapters.mapping.segment import CACHED_TEXTS

Silent = Mapping[str, tuple[int, Collection[str]] | None]
"""Texts that say nothing: None, or only where another component says one of some texts."""
Watched = dict[int, dict[int, Silent]]
"""By element and component the texts that say nothing there."""
Found = tuple[tuple[int, int], ...]
"""Elements and components."""
Watch = Callable[[Row], Found]


class Filled(dict[str, Found]):
    """Texts of one element to the watched components of it that say something."""

    def __init__(self, element: int, parts: Mapping[int, Silent]) -> None:
        super().__init__()
        self.element, self.parts = element, parts

    def __missing__(self, text: str) -> Found:
        found = set()
        for one in text.split(REPEAT) if text else ():
            texts = one.split(COMPONENT)
            found |= {(self.element, at) for at in self.parts if at <= len(texts) and self._says(texts, at)}
        if len(self) >= CACHED_TEXTS:
            self.clear()
        self[text] = result = tuple(sorted(found))
        return result

    def _says(self, texts: list[str], at: int) -> bool:
        text = texts[at - 1]
        if not text or text not in self.parts[at]:
            return bool(text)
        beside = self.parts[at][text]
        return beside is not None and component(COMPONENT.join(texts), beside[0]) not in beside[1]


def watch(watched: Watched) -> Watch | None:
    """What finds in a segment the watched components that say something; None where there is nothing to watch."""
    if not watched:
        return None
    filled = [(at, Filled(at, parts)) for at, parts in watched.items()]
    (first, only), *others = filled

    def one(row: Row) -> Found:
        return only[row[first]] if first < len(row) else ()

    def several(row: Row) -> Found:
        width, found = len(row), list[tuple[int, int]]()
        for at, known in filled:
            if at < width:
                found += known[row[at]]
        return tuple(found)

    return several if others else one
