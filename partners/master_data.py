"""Master data rows, read by whoever speaks CSV, as checked values: a wrong line is a finding, the others stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from hub.errors import Finding, Severity, Where
from hub.model.item import Item, ItemCode, Location, UnitConversion
from hub.model.value import Value

V = TypeVar("V", bound=Value)

MasterReader = Callable[[str, bytes], tuple[list[tuple[int, dict[str, str]]], list[Finding]]]
"""Reads `items`, `item_codes`, `conversions` or `locations` into (line, texts by field name) rows and findings whose
`where` carries line and column. Injected, because partners do not know the dialects."""


@dataclass(frozen=True, slots=True)
class MasterData:
    """What one partner brings, in file order."""

    items: tuple[Item, ...] = ()
    codes: tuple[ItemCode, ...] = ()
    conversions: tuple[UnitConversion, ...] = ()
    locations: tuple[Location, ...] = ()
    code_lines: tuple[int, ...] = ()
    conversion_lines: tuple[int, ...] = ()


def load_master_data(directory: Path, read: MasterReader) -> tuple[MasterData, list[Finding]]:
    """The four CSV files of `directory`; a file that is not there is an empty one."""
    found: list[Finding] = []

    def take(kind: type[V], name: str, key: Callable[[V], object]) -> tuple[list[int], list[V]]:
        path = directory / f"{name}.csv"
        if not path.is_file():
            return [], []
        rows, wrong = read(name, path.read_bytes())
        shown = f"{directory.name}/{name}.csv"
        found.extend(_in_file(f, shown) for f in wrong)
        return _checked(kind, rows, shown, key, found)

    _, items = take(Item, "items", lambda i: i.gtin)
    code_lines, codes = take(ItemCode, "item_codes", lambda c: (c.scheme, c.code))
    conversion_lines, conversions = take(UnitConversion, "conversions", lambda c: (c.gtin, c.unit))
    _, locations = take(Location, "locations", lambda x: x.gln)
    return MasterData(tuple(items), tuple(codes), tuple(conversions), tuple(locations), tuple(code_lines),
                      tuple(conversion_lines)), found


def _checked(
    kind: type[V], rows: Iterable[tuple[int, dict[str, str]]], shown: str, key: Callable[[V], object],
    found: list[Finding],
) -> tuple[list[int], list[V]]:
    """Rows as values, each key once; everything else goes to `found`."""
    lines: list[int] = []
    values: list[V] = []
    first: dict[object, int] = {}
    for line, texts in rows:
        try:
            value = kind.model_validate(texts)
        except ValidationError as wrong:
            found.extend(_of(error, shown, line) for error in wrong.errors(include_url=False))
            continue
        earlier = first.setdefault(key(value), line)
        if earlier != line:
            taken = key(value)
            said = " ".join(str(part) for part in taken) if isinstance(taken, tuple) else str(taken)
            found.append(problem("E-PARTNER-DUPLICATE", shown, line, f"{said} stands on line {earlier} already.",
                                 "Keep one of the two lines.", said))
            continue
        lines.append(line)
        values.append(value)
    return lines, values


def _of(error: Any, shown: str, line: int) -> Finding:
    field = str(error["loc"][0]) if error["loc"] else ""
    said = error["msg"].removeprefix("Value error, ")
    digit = re.search(r"check digit should be (\d)", said)
    hint = f"If the other digits are right, end it with {digit[1]}." if digit else f"Correct {field} on this line."
    return problem("E-PARTNER-CHECK-DIGIT" if digit else "E-PARTNER-FIELD", f"{shown}#{field}", line,
                   f"{field}: {said}.", hint, str(error["input"]))


def _in_file(found: Finding, shown: str) -> Finding:
    path = f"{shown}#{found.where.path}" if found.where.path else shown
    return found.model_copy(update={"where": found.where.model_copy(update={"path": path})})


def problem(code: str, path: str, line: int | None, message: str, hint: str, value: str | None = None) -> Finding:
    """An error finding at a line of a partner's file; `path` is "acme/items.csv#gtin"."""
    return Finding(code=code, severity=Severity.ERROR, where=Where(line=line, path=path), message=message, hint=hint,
                   value=value)
