"""Pages that stand alone: no script, nothing loaded from anywhere, every text escaped where it is put in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from itertools import chain, repeat
from pathlib import Path

from hub.cli.explain_excerpt import visible

VOID = {"meta", "br", "hr"}


class Safe(str):
    """Markup that was made here. Whatever is not `Safe` is text, and is escaped."""

    __slots__ = ()


def el(name: str, /, *content: object, **attributes: str) -> Safe:
    """One element. `cls` is its class; None among the content says nothing; an iterable is taken piece by piece."""
    said = "".join(f' {_attribute(k)}="{escape(visible(v))}"' for k, v in attributes.items())
    return Safe(f"<{name}{said}>" if name in VOID else f"<{name}{said}>{joined(content)}</{name}>")


def joined(content: Iterable[object]) -> Safe:
    """Pieces of a page, those that are text escaped."""
    return Safe("".join(_piece(one) for one in content))


def _piece(one: object) -> str:
    if one is None:
        return ""
    if isinstance(one, Safe):
        return one
    if isinstance(one, str):
        return escape("\n".join(map(visible, one.split("\n"))))
    return joined(one) if isinstance(one, Iterable) else escape(visible(str(one)))


def _attribute(name: str) -> str:
    return {"cls": "class", "http_equiv": "http-equiv"}.get(name, name.replace("_", "-"))


@lru_cache(maxsize=1)
def style() -> Safe:
    """The style sheet of all our pages: light and dark, for the screen and for paper."""
    return Safe(Path(__file__).with_name("page.css").read_text(encoding="utf-8"))


def opening(title: str) -> Safe:
    """Everything before the content. The policy in it forbids scripts and requests, should one ever slip in."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", http_equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        Safe(f"<style>\n{style()}</style>"),
    )
    return Safe(f'<!doctype html>\n<html lang="en">\n{head}\n<body>\n<main>\n')


CLOSING = Safe("</main>\n</body>\n</html>\n")


def table(
    headings: Sequence[object],
    rows: Iterable[Iterable[object]],
    right: frozenset[int] = frozenset(),
    below: Iterable[Safe | None] = (),
) -> Safe:
    """A table that scrolls by itself where it is too wide; columns in `right` are numbers. What stands `below` a row
    takes the whole width."""

    def cells(name: str, row: Iterable[object]) -> Safe:
        return joined(el(name, cell, cls="number") if n in right else el(name, cell) for n, cell in enumerate(row))

    head = el("thead", el("tr", cells("th", headings)))
    wide = (el("tr", el("td", one, colspan=str(len(headings))), cls="below") if one else None for one in below)
    pairs = zip(rows, chain(wide, repeat(None)), strict=False)
    body = el("tbody", (joined((el("tr", cells("td", row)), more, Safe("\n"))) for row, more in pairs))
    return el("div", el("table", head, body), cls="scroll")


def facts(pairs: Iterable[tuple[str, object]]) -> Safe:
    """Names and values beside each other; those without a value are left out."""
    shown = [(name, value) for name, value in pairs if value not in (None, "")]
    return el("dl", (el("div", el("dt", name), el("dd", value)) for name, value in shown), cls="facts")
