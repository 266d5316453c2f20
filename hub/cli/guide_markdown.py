"""A mapping guide as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapters.mapping.guide import FieldRow, Guidebook, SegmentGuide, usage


def markdown(book: Guidebook, brief: bool = False) -> str:
    """The whole guide. `brief` leaves out the segments from which nothing is read."""
    return "\n".join(_parts(book, brief)) + "\n"


def _parts(book: Guidebook, brief: bool) -> Iterator[str]:
    yield f"# {book.title}"
    yield ""
    yield f"Table `{book.table}` ↔ canonical document **{book.canonical}**: {book.meaning}"
    if book.partner:
        yield ""
        yield f"## What {book.partner} does otherwise"
        yield ""
        yield from (f"- {_text(change)}" for change in book.changes or ("Nothing: the standard table holds.",))
    yield from ("", "## Structure", "", "M is mandatory, O optional; indented segments belong to the loop above.", "")
    yield from ("```text", *structure(book), "```")
    yield from ("", "## The document", "", "Where each field is read from; the first place that is filled counts.", "")
    yield from _table(("Field", "Place", "Read as", "Must"), (_field(row) for row in book.fields))
    worded = [row for row in book.fields if row.words]
    if worded:
        yield from ("", "## Codes", "")
        yield from _table(("Field", "Code = word"), ((f"`{row.path}`", _words(row)) for row in worded))
    yield from ("", "## Segments")
    for segment in book.segments:
        if segment.mapped or not brief:
            yield from _segment(segment)
    if book.example:
        yield from ("", "## Example", "", "```text", book.example.rstrip("\n"), "```")


def structure(book: Guidebook) -> Iterator[str]:
    """The structure as aligned text, each line with the fields that it fills."""
    for line in book.lines:
        limit = "*" if line.limit is None else str(line.limit)
        name = f"{'  ' * line.depth}{line.tag}"
        lands = f"  -> {', '.join(line.lands[:6])}{' …' if len(line.lands) > 6 else ''}" if line.lands else ""
        yield f"{name:<16}{'M' if line.must else 'O'} {limit:>6}  {line.name}{lands}"


def _field(row: FieldRow) -> tuple[str, ...]:
    places = " or ".join(f"`{place}`" for place in row.places.split(" or ")) if row.places else ""
    return (f"`{row.path}`", places, row.reads, "yes" if row.required else "")


def _words(row: FieldRow) -> str:
    return ", ".join(f"`{code}` = {word}" for code, word in row.words)


def _segment(segment: SegmentGuide) -> Iterator[str]:
    yield from ("", f"### {segment.tag} — {segment.name}", "")
    if not segment.mapped:
        yield from ("The hub checks this segment and reads nothing from it.", "")
    rows = (
        (row.at, row.number, row.name, row.holds, "M" if row.must else "O", row.codes, "; ".join(row.lands))
        for row in segment.elements
    )
    yield from _table(("#", "Element", "Name", "Holds", "Use", "Codes", "Lands in"), rows)
    if segment.notes:
        yield ""
        yield from (f"- {_text(note)}" for note in segment.notes)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'|'.join(' --- ' for _ in names)}|"
    yield from (f"| {' | '.join(map(_text, row))} |" for row in rows)


def _text(text: str) -> str:
    """Text in a cell: no sign of it ends the cell or begins markup."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


__all__ = ["markdown", "structure", "usage"]
