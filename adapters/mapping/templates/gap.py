"""What fills one gap of a template: the text of a value as it is sent, where it is plainly right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from adapters.mapping.message import Message
from adapters.mapping.part import Slot
from adapters.mapping.segment import CACHED_TEXTS, Odd, element_faults
from adapters.mapping.structure import Node
from adapters.mapping.templates.shape import taker
from hub.errors import Reject

Clean = Callable[[str], str]


class Ready(dict[Any, str]):
    """Value -> text for one gap, as it is sent. Raises ValueError, Odd or Reject for what is not plainly right.

    `dump` makes the text, `wrong` says what our own check finds in it. Where a row has several places, `chosen` says
    whether this one takes the value; of the first it is enough to ask what it `holds`, where our check asks less.
    Texts of these `lengths` are right if all their signs are; `dump_all` makes those of many values, where it can.
    """

    def __init__(
        self,
        dump: Callable[[Any], str],
        wrong: Callable[[str], object],
        chosen: Callable[[Any], bool] | None,
        clean: Clean,
        holds: Callable[[str], bool] | None = None,
        lengths: range | None = None,
        dump_all: Callable[[Sequence[Any]], Sequence[str] | None] | None = None,
    ) -> None:
        super().__init__()
        self.holds, self.lengths, self.dump_all = holds, lengths, dump_all
        self.dump, self.wrong, self.chosen, self.clean_text = dump, wrong, chosen, clean

    def __missing__(self, value: Any) -> str:
        text = self.dump(value) if value is not None else ""
        if not text or self.wrong(text) or (self.holds and not self.holds(text)):
            raise Odd(text)
        if self.chosen and not self.chosen(value):
            raise Odd(text)
        clean = self.clean_text(text)
        if len(self) >= CACHED_TEXTS:
            self.clear()
        if value != 0:  # 0 and -0 are equal, but not written alike
            self[value] = clean
        return clean

    def of_all(self, column: Sequence[Any]) -> Iterable[str]:
        """The text of each value; plain ones are looked at all at once, and not kept."""
        texts = self.dump_all(column) if self.lengths and self.dump_all and all(column) else None
        if texts and self.lengths and all(map(self.lengths.__contains__, map(len, texts))):
            joined = "".join(texts)
            if joined.isprintable() and self._is_clean(joined):
                return texts
        return map(self.__getitem__, column)

    def _is_clean(self, text: str) -> bool:
        """Whether all signs are sent as they stand."""
        try:
            return self.clean_text(text) == text
        except Reject:
            return False


def ready(
    message: Message, slot: Slot | None, at: int, old: str, node: Node, number: int, part: int, clean: Clean
) -> Ready:
    """For an element of a segment (`part` 0) or a component of it, filled by the place number `at` of a row. Raises Odd
    where nothing is known of that."""
    if slot is None:
        return Ready(str, _wrong(message, node, number, part), None, clean)
    choice = slot.choices[at]
    dump, several = choice.codec.dump, len(slot.choices) > 1
    wrong = _wrong(message, node, number, part)
    if at or not several:
        chosen = (lambda value: taker(slot, value) == at) if several else None
        return Ready(lambda value: dump(value, old), wrong, chosen, clean)
    holds = choice.place.holds if choice.place.more or (choice.place.fact and choice.place.fact.type == "n") else None
    holds = None if choice.codec.whole else holds
    lengths = None if holds else _lengths(message, node, number, part)
    return Ready(lambda value: dump(value, old), wrong, None, clean, holds, lengths, choice.codec.dump_all)


def _lengths(message: Message, node: Node, number: int, part: int) -> range | None:
    """How long a text may be of which our own check asks no more than that, and printable signs."""
    use = message.plan.dictionary.segments[node.tag].uses[number - 1]
    element = (use.parts[part - 1] if part else use).element
    if element is None or element.codes is not None or element.type.lower() != "an":
        return None
    return range(max(element.min, 1), element.max + 1)


def _wrong(message: Message, node: Node, number: int, part: int) -> Callable[[str], object]:
    """What our own check finds in a text at its place, nothing where it is right."""
    plan = message.plan
    use = plan.dictionary.segments[node.tag].uses[number - 1]
    inner = use.parts[part - 1] if part else use
    if inner.element is not None:
        return partial(plan.dialect.fault, inner.element)
    if part:
        raise Odd("a component that is not described")
    return lambda text: next(element_faults(use, number, text, plan.dialect.fault), None)
