"""What of a document's asides a message carries: written, read back, and held against what was meant.

A dialect has a place for some statements and not for others, and a place may be one that another row reads. Nobody can
say beforehand for all of them, so it is tried. Two rules hold for whatever is written:

    what stands aside changes nothing of what does not;
    what does not come back as it was is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from adapters.mapping.beside import ASIDE
from adapters.mapping.dialect import Row
from hub.errors import Reject
from hub.model.aside import Aside
from hub.model.bulk import Bulk
from hub.model.despatch import Despatch
from hub.model.late import polars as pl
from hub.model.line_aside import LineAside

if TYPE_CHECKING:
    from adapters.mapping.message import Message

LINES_ASIDE = "asides"
Keep = Callable[[str], bool]
"""Whether the statements at a path like "lines.aside.references" are to be written."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The rows of the messages that say it, and the fields of which something is not said, once for each time."""

    rows: list[list[Row]]
    lost: tuple[str, ...] = ()


def carried(message: Message, document: Any) -> Carried:
    """The document with as many of its asides as can be. Raises Reject where it cannot be written without any."""
    paths = list(dict.fromkeys(_paths(_top(document))))
    if not paths:
        return Carried(message.written(document))
    bare = only(document, lambda path: False)
    plain = message.written(bare)
    wanted = only(_again(message, plain), lambda path: False)
    kept: set[str] = set(paths)
    rows = _tried(message, only(document, kept.__contains__), wanted)
    if rows is None:
        kept = set()
        for path in paths:
            if _tried(message, only(document, {*kept, path}.__contains__), wanted) is not None:
                kept.add(path)
        rows = _tried(message, only(document, kept.__contains__), wanted) if kept else plain
    rows = plain if rows is None else rows
    return Carried(rows, tuple(_lost(_again(message, rows), document)))


def _tried(message: Message, document: Any, wanted: Any) -> list[list[Row]] | None:
    """The rows, where they can be written and mean, but for asides, what is wanted."""
    try:
        rows = message.written(document)
    except (Reject, ValueError, OverflowError):
        return None
    return rows if _same(only(_again(message, rows), lambda path: False), wanted) else None


def _again(message: Message, rows: list[list[Row]]) -> Any:
    """The document as a receiver reads it; of several messages one with all lines. None where it means nothing."""
    found: list[Any] = [message.read_back(one) for one in rows]
    if None in found or not found:
        return None
    if not isinstance(found[0], Bulk):
        return _in_order(found[0])
    asides, height = [], 0
    for part in found:
        asides += [_moved(one, height) for one in part.header.asides]
        height += part.height
    header = found[0].header.model_copy(update={LINES_ASIDE: tuple(asides)})
    return type(found[0])(header, pl.concat([part.lines for part in found]))


def _moved(said: Any, height: int) -> Any:
    """What is said of lines that stand behind so many others."""
    return said if said.first is None else said.model_copy(update={"first": said.first + height})


def _same(read: Any, wanted: Any) -> bool:
    if isinstance(read, Bulk) and isinstance(wanted, Bulk):
        return bool(read.header == wanted.header) and read.lines.equals(wanted.lines)
    return bool(read == wanted)


def _in_order(document: Any) -> Any:
    """A ship notice names its orders in whatever sequence its boxes hold them."""
    if not isinstance(document, Despatch):
        return document
    return document.model_copy(update={"orders": tuple(sorted(document.orders, key=lambda order: order.number))})


# -- what stands aside ---------------------------------------------------------------------------------------------


def _top(document: Any) -> Any:
    return document.header if isinstance(document, Bulk) else document


def _paths(value: Any, path: str = "") -> Iterator[str]:
    """Where something stands aside: "lines.aside.references", once for each field of each aside."""
    aside = getattr(value, ASIDE, None)
    if aside is not None:
        yield from (f"{path}{ASIDE}.{name}" for name in type(aside).model_fields if _is_filled(aside, name))
    for name, below in _below(value):
        yield from _paths(below, f"{path}{name}.")


def _below(value: BaseModel) -> Iterator[tuple[str, BaseModel]]:
    """The models in the fields of a model, but for its aside."""
    for name, content in value.__dict__.items():
        if name == ASIDE:
            continue
        for one in content if isinstance(content, tuple) else (content,):
            if isinstance(one, BaseModel):
                yield name, one


def _is_filled(aside: Any, name: str) -> bool:
    return getattr(aside, name) not in (None, ())


def only(document: Any, keep: Keep) -> Any:
    """The document with those of its asides that are to be kept."""
    if isinstance(document, Bulk):
        header = _only(document.header, keep, "")
        asides = tuple(one for one in header.asides if one.aside is not None)
        return type(document)(header.model_copy(update={LINES_ASIDE: asides}), document.lines)
    return None if document is None else _only(document, keep, "")


def _only(value: Any, keep: Keep, path: str) -> Any:
    changed: dict[str, Any] = {}
    kept: Any
    for name, content in value.__dict__.items():
        if name == ASIDE:
            kept = _kept(content, keep, f"{path}{ASIDE}.") if content is not None else None
        elif isinstance(content, BaseModel):
            kept = _only(content, keep, f"{path}{name}.")
        elif isinstance(content, tuple) and content and isinstance(content[0], BaseModel):
            kept = tuple(_only(one, keep, f"{path}{name}.") for one in content)
            kept = content if all(one is other for one, other in zip(kept, content, strict=True)) else kept
        else:
            continue
        if kept is not content:
            changed[name] = kept
    return value.model_copy(update=changed) if changed else value


def _kept(aside: Aside, keep: Keep, path: str) -> Aside | None:
    told = {name: getattr(aside, name) for name in type(aside).model_fields if _is_filled(aside, name)}
    kept = {name: content for name, content in told.items() if keep(path + name)}
    return aside if kept == told else Aside(**kept) if kept else None


# -- what did not come back ----------------------------------------------------------------------------------------


Statements = dict[tuple[str, tuple[int, ...]], tuple[Any, ...]]
"""What stands aside, by field and by where: the numbers of the items on the way to it."""


def _lost(read: Any, document: Any) -> Iterator[str]:
    """The fields of asides that a receiver does not read as they were meant."""
    said, back = _statements(_top(_in_order(document))), _statements(_top(read))
    for key, wanted in said.items():
        found = back.get(key, ())
        left = list((Counter(wanted) - Counter(found)).elements())
        new = list((Counter(found) - Counter(wanted)).elements())
        if len(left) == len(new):
            yield from (one for pair in zip(left, new, strict=True) for one in _differences(*pair, key[0]))
        else:
            yield from (key[0] for _ in left)


def _statements(value: Any, path: str = "", at: tuple[int, ...] = ()) -> Statements:
    found: Statements = {}
    aside = getattr(value, ASIDE, None)
    for name in type(aside).model_fields if aside is not None else ():
        if _is_filled(aside, name):
            content = getattr(aside, name)
            found[f"{path}{ASIDE}.{name}", at] = content if isinstance(content, tuple) else (content,)
    counts: Counter[str] = Counter()
    for name, below in _below(value) if value is not None else ():
        counts[name] += 1
        number = (below.first or 0, below.depth) if isinstance(below, LineAside) else (counts[name],)
        found |= _statements(below, f"{path}{name}.", (*at, *number))
    return found


def _differences(said: Any, read: Any, path: str) -> Iterator[str]:
    """Which fields of one statement differ: "lines.aside.references.description"."""
    if isinstance(said, BaseModel) and type(said) is type(read):
        for name in type(said).model_fields:
            yield from _differences(getattr(said, name), getattr(read, name), f"{path}.{name}")
    elif isinstance(said, tuple) and isinstance(read, tuple) and len(said) == len(read):
        for one, other in zip(said, read, strict=True):
            yield from _differences(one, other, path)
    elif said != read:
        yield path
