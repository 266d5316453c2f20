"""A TOML file as a checked value, with the line of everything that is wrong in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from hub.errors import Finding, Severity, Where
from hub.model.value import Value

V = TypeVar("V", bound=Value)
Loc = Sequence[int | str]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]+\")\s*=")


def read_toml(kind: type[V], path: Path, shown: str) -> tuple[V | None, list[Finding]]:
    """The value in `path`, or what is wrong with it. `shown` is how findings name the file: "acme/profile.toml"."""
    try:
        text = path.read_text("utf-8")
        return kind.model_validate(tomllib.loads(text)), []
    except FileNotFoundError:
        return None, [_finding("E-PARTNER-NO-FILE", shown, None, f"{shown} is missing.",
                               "Copy it from partners/_template and fill it in.")]
    except UnicodeDecodeError:
        return None, [_finding("E-PARTNER-TOML", shown, None, f"{shown} is not UTF-8 text.", "Save it as UTF-8.")]
    except tomllib.TOMLDecodeError as wrong:
        line = re.search(r"line (\d+)", str(wrong))
        return None, [_finding("E-PARTNER-TOML", shown, int(line[1]) if line else None, f"{shown}: {wrong}.",
                               "Correct the TOML at this line.")]
    except ValidationError as wrong:
        return None, [_of(error, text, shown) for error in wrong.errors(include_url=False)]


def _of(error: Any, text: str, shown: str) -> Finding:
    field = ".".join(str(part) for part in error["loc"])
    remedy = {
        "missing": f"Add {field}.",
        "extra_forbidden": f"Remove {field}, or correct its spelling.",
    }.get(error["type"], f"Correct {field or 'the file'}.")
    said = error["msg"].removeprefix("Value error, ")
    value = error["input"] if isinstance(error["input"], str | int | float) else None
    return _finding("E-PARTNER-FIELD", f"{shown}#{field}" if field else shown, line_of(text, error["loc"], value),
                    f"{field or shown}: {said[:1].lower()}{said[1:]}.", remedy, None if value is None else str(value))


def _finding(code: str, path: str, line: int | None, message: str, hint: str, value: str | None = None) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=Where(line=line, path=path), message=message, hint=hint,
                   value=value)


def line_of(text: str, loc: Loc, value: object = None) -> int | None:
    """The line (from 1) on which `loc`, such as ("members", 0, "role"), is set; of a list over several lines the one
    that shows `value`. What is missing is reported where its nearest table begins; None when that is the whole file.
    """
    best, best_line, counts = 0, None, dict[str, int]()
    table: list[int | str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            name = header[2]
            counts[name] = counts.get(name, -1) + 1
            table = [*name.split("."), *([counts[name]] if header[1] == "[[" else [])]
            here = table
        elif key := _KEY.match(line):
            here = [*table, key[1].strip('"')]
        elif best and value is not None and str(value) in line and best < len(loc):
            return number
        else:
            continue
        same = _shared(here, loc)
        if same > best and same == len(here):
            best, best_line = same, number
    return best_line


def _shared(here: Loc, loc: Loc) -> int:
    for at, (a, b) in enumerate(zip(here, loc, strict=False)):
        if a != b:
            return at
    return min(len(here), len(loc))
