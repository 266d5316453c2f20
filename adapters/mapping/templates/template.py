"""A text with gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from adapters.mapping.templates.gap import Ready
from adapters.mapping.templates.shape import Path


@dataclass(frozen=True, slots=True)
class Template:
    """A text with gaps, and what fills them."""

    text: str
    paths: tuple[Path, ...]
    values: Callable[[Any], Sequence[Any]]
    ready: tuple[Ready, ...]
    segments: int

    def fill(self, document: Any) -> str:
        return self.text % tuple([ready[value] for ready, value in zip(self.ready, self.values(document), strict=True)])


class Alike:
    """A template for many lines at once, where all of them say the same but for what goes into its gaps. `rest` are the
    other fields."""

    def __init__(self, template: Template, line: Any, names: Sequence[str]) -> None:
        own = [str(path[0]) for path in template.paths]
        rest = [name for name in names if name not in own]
        self.template = template
        self.possible = len(own) > 1 and len(rest) > 1 and all(len(path) == 1 for path in template.paths)
        self.others: Callable[[Any], Any] = attrgetter(*rest or names)
        self.rest = self.others(line)

    def fill(self, lines: Sequence[Any]) -> str | None:
        """All lines, None where one is different. Raises ValueError, Odd or Reject like `Template.fill`."""
        if not self.possible or list(map(self.others, lines)).count(self.rest) < len(lines):
            return None
        columns = zip(*map(self.template.values, lines), strict=True)
        texts = [ready.of_all(column) for ready, column in zip(self.template.ready, columns, strict=True)]
        return "".join(map(self.template.text.__mod__, zip(*texts, strict=True)))


def values_at(paths: list[Path]) -> Callable[[Any], Sequence[Any]]:
    """What gives the values at these paths."""
    if len(paths) > 1 and all(isinstance(step, str) for path in paths for step in path):
        found: Callable[[Any], Sequence[Any]] = attrgetter(*(".".join(map(str, path)) for path in paths))
        return found
    return lambda document: [_at(document, path) for path in paths]


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step] if isinstance(step, int) else getattr(document, step)
    return document
