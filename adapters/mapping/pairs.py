"""Runs of qualifier and value (LIN, PIA, PER) as a field that holds whatever no other row of the table names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from adapters.mapping.codecs import Codec
from adapters.mapping.place import Place
from adapters.mapping.walk import Instance
from hub.errors import Reject


@dataclass(frozen=True, slots=True)
class Pairs:
    """A field for all pairs that no other row names: `item_codes = "LIN{*} or PIA{*} | open item_code"`, many of a
    model with the fields `kind` (by the codec) and `code`. Written into the last of the places, where there is room."""

    name: str
    model: type[BaseModel]
    places: tuple[Place, ...]
    codec: Codec
    named: set[str]

    def read(self, instance: Instance) -> tuple[Any, ...]:
        """One model for each pair, in the order of the segments."""
        return tuple(
            self.model(kind=self.codec.load(qualifier), code=code)
            for place in self.places
            for found in place.find(instance)
            for qualifier, code in place.pairs_of(found.row)
            if code and qualifier and qualifier not in self.named
        )

    def write(self, values: tuple[Any, ...], instance: Instance) -> None:
        """Raises Reject where there is no room for another pair."""
        for value in values:
            qualifier = self.codec.dump(value.kind, "")
            if qualifier in self.named or not self._put(qualifier, value.code, instance):
                raise Reject(f"{self.name}: there is no room for {value.kind} {value.code}", reason="NOT_WRITABLE")

    def _put(self, qualifier: str, code: str, instance: Instance) -> bool:
        place = self.places[-1]
        if any(place.put_pair(found.row, qualifier, code) for found in place.find(instance)):
            return True
        if not place.steps:
            return False
        for down in place.steps[:-1]:
            instance = down.make(instance)
        return place.put_pair(place.steps[-1].make(instance, fresh=True).row, qualifier, code)
