"""Runs of qualifier and value (LIN, PIA, PER) as a field that holds whatever no other row of the table names."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from adapters.mapping.codec import CACHED_VALUES
from adapters.mapping.codecs import MUTUAL, Codec
from adapters.mapping.dialect import COMPONENT, component, element, place_value
from adapters.mapping.filled import Filled, Watched
from adapters.mapping.place import Place
from adapters.mapping.walk import Instance
from hub.errors import Reject


@dataclass(frozen=True)
class Pairs:
    """A field for all pairs that no other row names: `item_codes = "LIN{*} or PIA{*} | open item_code"`, many of a
    model whose fields are what the qualifier means (by the codec) and the value. Written into the last of the places,
    where there is room."""

    name: str
    model: type[BaseModel]
    places: tuple[Place, ...]
    codec: Codec
    named: set[str]
    watched: Watched = field(default_factory=dict)
    """The components behind a value and its qualifier, which fill the further fields of the model."""
    rows: dict[str, list[tuple[Place, ...]]] = field(default_factory=dict)
    """By qualifier the places of each row that names it: what is left over when those have read belongs here, too."""
    nothing: set[tuple[str, ...]] = field(default_factory=set)
    """Qualifiers of one segment of which nothing is left over, where none of all places lies in another segment."""

    @property
    def names(self) -> tuple[str, str]:
        """The fields for the qualifier and for its value."""
        first, second = list(self.model.model_fields)[:2]
        return first, second

    @cached_property
    def further(self) -> dict[str, int]:
        """The other fields, by the component that says each of them."""
        return {name: part for part, name in enumerate([*self.model.model_fields][2:], 3)}

    @cached_property
    def filled(self) -> dict[int, Filled]:
        return {at: Filled(at, parts) for at, parts in self.watched.items()}

    @cached_property
    def untyped(self) -> str:
        """The qualifier that a value without any is read with: EDIFACT may leave it out where both know it."""
        known = self.places[0].value_first and MUTUAL in (self.codec.words or ())
        return self.codec.dump(MUTUAL, "") if known else ""

    def name_rows(self, rows: list[tuple[Place, ...]]) -> None:
        """Tell the run the places of all other rows of its part."""
        for row in rows:
            for pair in {place.pair for place in row if place.pair}:
                self.rows.setdefault(pair, []).append(row)

    def read(self, instance: Instance) -> tuple[Any, ...]:
        """One model for each pair, in the order of the segments."""
        pairs = [
            (id(found), qualifier or self.untyped, code)
            for place in self.places
            for found in place.find(instance)
            for qualifier, code in place.pairs_of(found.row)
            if code and (qualifier or self.untyped)
        ]
        look = tuple(qualifier for _, qualifier, _ in pairs)
        more = self._more(instance)
        if look in self.nothing and not more:
            return ()
        taken = self._taken(instance, {qualifier for _, qualifier, _ in pairs if qualifier in self.rows})
        left = []
        for found, qualifier, code in pairs:
            said = more.get((found, qualifier, code), {})
            if (found, qualifier) in taken:
                taken.remove((found, qualifier))
                if not said:
                    continue
            if said or qualifier not in self.named or qualifier in self.rows:
                left.append((qualifier, code, said))
        if not left and self._is_alone(look) and len(self.nothing) < CACHED_VALUES:
            self.nothing.add(look)
        kind, value = self.names
        return tuple(self.model(**{kind: self.codec.load(q), value: code, **said}) for q, code, said in left)

    def _more(self, instance: Instance) -> dict[tuple[int, str, str], dict[str, str]]:
        """What further components say of pairs, which are known by segment, qualifier and value."""
        more: dict[tuple[int, str, str], dict[str, str]] = {}
        for place in self.places if self.filled else ():
            for found in place.find(instance):
                for at, known in self.filled.items():
                    text = element(found.row, at)
                    if text and (parts := known[text]):
                        key = (id(found), component(text, 2) or self.untyped, component(text, 1))
                        here = {part for _, part in parts}
                        more[key] = {n: component(text, part) for n, part in self.further.items() if part in here}
        return more

    def _is_alone(self, look: tuple[str, ...]) -> bool:
        """Whether neither this run nor a row that names one of its qualifiers looks at anything but its pairs."""
        rows = (row for qualifier in look for row in self.rows.get(qualifier, ()))
        return not any(place.steps or place.own for places in (self.places, *rows) for place in places)

    def _taken(self, instance: Instance, qualifiers: set[str]) -> set[tuple[int, str]]:
        """Of these qualifiers the pairs that other rows read: of each row the first that is filled."""
        taken: set[tuple[int, str]] = set()
        for row in {id(row): row for qualifier in qualifiers for row in self.rows[qualifier]}.values():
            for place in row:
                text, found = place.get(instance)
                if text:
                    taken.add((id(found), place.pair or ""))
                    break
        return taken

    def write(self, values: tuple[Any, ...], instance: Instance) -> None:
        """Raises Reject where there is no room for another pair, or where another row would read it."""
        for value in values:
            kind, code = (getattr(value, name) for name in self.names)
            qualifier = self.codec.dump(kind, "")
            if self._says_more(value) and self._add(qualifier, code, value, instance):
                continue
            if not self._put(qualifier, code, instance):
                raise Reject(f"{self.name}: there is no room for {kind} {code}", reason="NOT_WRITABLE")
            if self._says_more(value) and (qualifier in self.rows or not self._add(qualifier, code, value, instance)):
                raise Reject(f"{self.name}: {kind} {code} says another field", reason="NOT_WRITABLE")
            if qualifier in self.named and len(self.read(instance)) < len(values[: values.index(value) + 1]):
                raise Reject(f"{self.name}: {kind} {code} says another field", reason="NOT_WRITABLE")

    def left_out(self, value: Any) -> list[str]:
        """The further fields that these places have no room for."""
        return [name for name in self.further if getattr(value, name) is not None] if not self.filled else []

    def _says_more(self, value: Any) -> bool:
        return bool(self.filled) and any(getattr(value, name) is not None for name in self.further)

    def _add(self, qualifier: str, code: str, value: Any, instance: Instance) -> bool:
        """Say the further fields of a pair that stands there already; whether one does."""
        for place in self.places:
            for found in place.find(instance):
                for at in self.filled:
                    text = element(found.row, at)
                    if text.split(COMPONENT)[:3] == [code, qualifier]:
                        for name, part in self.further.items():
                            place_value(found.row, at, part, getattr(value, name) or "")
                        return True
        return False

    def _put(self, qualifier: str, code: str, instance: Instance) -> bool:
        place = self.places[-1]
        if any(place.put_pair(found.row, qualifier, code) for found in place.find(instance)):
            return True
        if not place.steps:
            return False
        for down in place.steps[:-1]:
            instance = down.make(instance)
        return place.put_pair(place.steps[-1].make(instance, fresh=True).row, qualifier, code)
