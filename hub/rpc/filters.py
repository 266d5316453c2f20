"""The fields `filter` and `order_by` of listings (AIP-160 and AIP-132), read into conditions on known fields.

    state = STATE_SENT AND (buyer = "partners/north" OR number = "47*") AND NOT delivery_date < "2026-12-01"

OR binds closer than AND, as AIP-160 has it. `field:*` asks whether there is a value; `-` is NOT. Not taken: functions,
values without a field, and fields inside of fields. A filter has at most `LONGEST` characters, `MOST` comparisons and
`DEEPEST` nested parentheses or NOTs, so that reading it costs nothing worth mentioning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.model.query import Compare, Condition, Every, Not, Present, Some, Sort
from hub.rpc.errors import Invalid
from hub.rpc.values import Kind

LONGEST, MOST, DEEPEST = 2000, 50, 10
SIGNS = re.compile(r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign><=|>=|!=|[<>=:()])"""
                   r"""|(?P<word>[^\s<>=!:()"',]+))""", re.DOTALL)
ORDER = re.compile(r"(?P<field>[a-z_]+)(?:\s+(?P<way>asc|desc))?")


@dataclass(frozen=True, slots=True)
class Fields:
    """What a listing can be narrowed by, by name, and what it can be sorted by."""

    kinds: Mapping[str, Kind]
    sortable: frozenset[str] = frozenset()

    def condition(self, text: str) -> Condition | None:
        """None for an empty filter. Raises Invalid with what is wrong, and where."""
        if not text.strip():
            return None
        if len(text) > LONGEST:
            raise _wrong(f"must not be longer than {LONGEST} characters", "FILTER_TOO_LONG")
        return _Reader(self.kinds, _tokens(text)).whole()

    def sorts(self, text: str) -> tuple[Sort, ...]:
        """Raises Invalid for a field that cannot be sorted by, or one that comes twice."""
        found = [self._sort(part.strip()) for part in text.split(",")] if text.strip() else []
        if len({sort.field for sort in found}) != len(found):
            raise Invalid("order_by", "names a field twice.", reason="MALFORMED_ORDER_BY")
        return tuple(found)

    def _sort(self, text: str) -> Sort:
        named = ORDER.fullmatch(text)
        if named is None or named["field"] not in self.sortable:
            known = ", ".join(sorted(self.sortable))
            raise Invalid("order_by", f"takes {known}, each with asc or desc behind it.", reason="MALFORMED_ORDER_BY")
        return Sort(named["field"], named["way"] == "desc")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    quoted: bool
    at: int


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while text[at:].strip():
        match = SIGNS.match(text, at)
        if match is None:
            raise _wrong(f"cannot be read at character {at + 1}", "MALFORMED_FILTER")
        quoted, begin = match["quoted"] is not None, match.start(match.lastgroup or 0)
        plain = re.sub(r"\\(.)", r"\1", match["quoted"][1:-1], flags=re.DOTALL) if quoted else match.group().strip()
        found.append(_Token(plain, quoted, begin + 1))
        at = match.end()
    return found


@dataclass(slots=True)
class _Reader:
    """Reads by descent: expression > sequence of factors > OR of terms > comparison."""

    kinds: Mapping[str, Kind]
    tokens: list[_Token]
    at: int = 0
    depth: int = 0
    compared: int = field(default=0)

    def whole(self) -> Condition:
        found = self._all()
        if self.at < len(self.tokens):
            raise _wrong(f"does not go on with {self.tokens[self.at].text!r} at character {self.tokens[self.at].at}",
                         "MALFORMED_FILTER")
        return found

    def _all(self) -> Condition:
        parts = [self._any()]
        while self.at < len(self.tokens) and not self._is(")"):
            self._skip("AND")
            parts.append(self._any())
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _any(self) -> Condition:
        parts = [self._term()]
        while self._skip("OR"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _term(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _wrong(f"must not be nested deeper than {DEEPEST}", "FILTER_TOO_DEEP")
        try:
            if self._skip("NOT") or self._minus():
                return Not(self._term())
            if not self._skip("("):
                return self._comparison()
            inner = self._all()
            if not self._skip(")"):
                raise _wrong("lacks a closing parenthesis", "MALFORMED_FILTER")
            return inner
        finally:
            self.depth -= 1

    def _comparison(self) -> Condition:
        self.compared += 1
        if self.compared > MOST:
            raise _wrong(f"must not compare more than {MOST} times", "FILTER_TOO_LONG")
        named, comparator = self._next("a field"), self._next("a comparator")
        kind = self.kinds.get(named.text)
        if named.quoted or kind is None:
            raise _wrong(f"knows no field {named.text!r}; there are {', '.join(sorted(self.kinds))}", "UNKNOWN_FIELD")
        value = self._next("a value")
        if comparator.text == ":" and value.text == "*" and not value.quoted:
            return Present(named.text)
        return self._compare(named, comparator, kind, value)

    def _compare(self, named: _Token, comparator: _Token, kind: Kind, value: _Token) -> Compare:
        sign = "=" if comparator.text == ":" else comparator.text
        if comparator.quoted or sign not in kind.comparators:
            raise _wrong(f"compares {named.text} by {' '.join(kind.comparators)}", "MALFORMED_FILTER")
        if value.text in ("(", ")", "=", "<", ">", ":") and not value.quoted:
            raise _wrong(f"lacks a value for {named.text}", "MALFORMED_FILTER")
        try:
            if kind.wild and "*" in value.text and sign == "=":
                return Compare(named.text, "like", value.text)
            return Compare(named.text, sign, kind.read(value.text))
        except ValueError as wrong:
            raise _wrong(f"at character {value.at}: {named.text} {wrong}", "MALFORMED_FILTER") from None

    def _is(self, text: str) -> bool:
        return self.at < len(self.tokens) and not self.tokens[self.at].quoted and self.tokens[self.at].text == text

    def _skip(self, text: str) -> bool:
        here = self._is(text)
        self.at += here
        return here

    def _minus(self) -> bool:
        """A minus before a term; it is part of the next word."""
        if self.at < len(self.tokens) and not self.tokens[self.at].quoted:
            token = self.tokens[self.at]
            if token.text == "-":
                self.at += 1
                return True
            if token.text.startswith("-"):
                self.tokens[self.at] = _Token(token.text[1:], False, token.at + 1)
                return True
        return False

    def _next(self, wanted: str) -> _Token:
        if self.at >= len(self.tokens):
            raise _wrong(f"ends where {wanted} should be", "MALFORMED_FILTER")
        self.at += 1
        return self.tokens[self.at - 1]


def _wrong(what: str, reason: str) -> Invalid:
    return Invalid("filter", f"{what}.", reason=reason)
