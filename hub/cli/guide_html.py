"""A mapping guide as a page that stands alone: to read, to print, to send to a partner."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.mapping.guide import FieldRow, Guidebook, SegmentGuide
from hub.cli.guide_markdown import structure
from hub.cli.html import CLOSING, Safe, el, joined, opening, table


def page(book: Guidebook, brief: bool = False) -> str:
    """The whole page. `brief` leaves out the segments from which nothing is read."""
    return joined((opening(book.title), *_sections(book, brief), CLOSING))


def _sections(book: Guidebook, brief: bool) -> Iterator[Safe]:
    shown = [segment for segment in book.segments if segment.mapped or not brief]
    yield el(
        "header",
        el("p", "Mapping guide", cls="kicker"),
        el("h1", book.title),
        el("p", el("code", book.table), " ↔ ", el("strong", book.canonical), f": {book.meaning}", cls="soft"),
        el("p", el("span", f"as {book.partner} sends it", cls="badge warning")) if book.partner else None,
        cls="top",
    )
    if book.partner:
        changes = book.changes or ("Nothing: the standard table holds.",)
        yield _card(f"What {book.partner} does otherwise", el("ul", (el("li", change) for change in changes)))
    yield _card(
        "Structure",
        el("p", "M is mandatory, O optional; indented segments belong to the loop above.", cls="soft"),
        el("div", "\n".join(structure(book)), cls="structure"),
    )
    yield _card(
        "The document",
        el("p", "Where each field is read from; the first place that is filled counts.", cls="soft"),
        table(("Field", "Place", "Read as", "Must"), (_field(row) for row in book.fields)),
    )
    worded = [row for row in book.fields if row.words]
    if worded:
        rows = ((el("code", row.path), _words(row)) for row in worded)
        yield _card("Codes", table(("Field", "Code = word"), rows))
    yield from (_segment(segment) for segment in shown)
    if book.example:
        yield _card("Example", el("pre", book.example.rstrip("\n"), cls="raw"))
    yield el("footer", "Made from the table that reads this message: what stands here is what the hub does.")


def _card(title: str, *content: object) -> Safe:
    return el("section", el("h2", title), *content, cls="card")


def _field(row: FieldRow) -> tuple[object, ...]:
    places = [el("code", place) for place in row.places.split(" or ")] if row.places else []
    shown = [piece for place in places for piece in (" or ", place)][1:]
    return (el("code", row.path), joined(shown), row.reads, "yes" if row.required else "")


def _words(row: FieldRow) -> Safe:
    pieces = [piece for code, word in row.words for piece in (", ", el("code", code), f" {word}")]
    return joined(pieces[1:])


def _segment(segment: SegmentGuide) -> Safe:
    rows = (
        (row.at, row.number, row.name, row.holds, "M" if row.must else "O", row.codes, _lands(row.lands))
        for row in segment.elements
    )
    return _card(
        f"{segment.tag} — {segment.name}",
        None if segment.mapped else el("p", "The hub checks this segment and reads nothing from it.", cls="soft"),
        table(("#", "Element", "Name", "Holds", "Use", "Codes", "Lands in"), rows),
        el("ul", (el("li", note) for note in segment.notes)) if segment.notes else None,
    )


def _lands(names: tuple[str, ...]) -> Safe:
    return joined(el("div", el("code", name)) for name in names)
