"""`hub guide`: the mapping guide of one message, for those who must send or read it, straight from the tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Protocol, runtime_checkable

import typer

from adapters.edifact.format import Edifact
from adapters.mapping.guide import Guidebook
from adapters.x12.format import X12
from hub.cli.guide_html import page
from hub.cli.guide_markdown import markdown
from hub.cli.terminal import app, err, out
from hub.errors import HubError, NotFound
from partners.book import EXAMPLES, load_overlays

PARTNERS = Path(__file__).parents[2] / "partners"
"""The directories of the partners that come with the hub."""
EXAMPLES_OF_MESSAGES = PARTNERS.parent / "tests" / "messages"


@runtime_checkable
class Guided(Protocol):
    """A family of formats that can tell its tables as guides. Whoever has `guide` is asked."""

    name: str

    def guide(self, table: str, partner: str | None = None, example: str = "") -> Guidebook: ...


def families(partner: Path | None) -> dict[str, Guided]:
    """All that have guides, by the first word of their tables' names; with one partner's rows."""
    overlays = {partner.name: load_overlays(partner)} if partner else {}
    found: tuple[Guided, ...] = (X12(overlays), Edifact(overlays))
    return {family.name: family for family in found}


@app.command()
def guide(
    table: Annotated[str, typer.Argument(help="x12/004010/850, edifact/D96A/ORDERS")],
    partner: Annotated[str | None, typer.Option(help="a partner's directory, or an example partner's name")] = None,
    html: Annotated[Path | None, typer.Option(help="write a page that stands alone, to send to a partner")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="only the segments that the hub reads something from")] = False,
) -> None:
    """Print the mapping guide of a message: structure, segments, elements, rules, and where each lands in the document.

    What it says is what the reader does, because both are made of the same table; nothing is stored and no database is
    needed. Without --html it is Markdown on standard output.

    Exit code: 0 printed, 2 no such table or partner, or a broken table.

    Examples:

      [bold]hub guide x12/004010/850 > 850.md[/]

      [bold]hub guide x12/004010/850 --partner larkmoor --html 850-larkmoor.html[/]

      [bold]hub guide edifact/D96A/ORDERS --brief | less[/]
    """
    try:
        directory = _directory(partner) if partner else None
        family = families(directory).get(table.partition("/")[0])
        if family is None:
            raise NotFound(f"{table} is not x12/release/message or edifact/directory/message", reason="NO_SUCH_TABLE")
        book = family.guide(table, directory.name if directory else None, example(table))
    except HubError as refused:
        err.print(f"[red]{type(refused).__name__}:[/] {refused}", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    if html is None:
        sys.stdout.write(markdown(book, brief))
        return
    html.write_text(page(book, brief), encoding="utf-8")
    out.print(f"{html}: {book.title}", highlight=False, markup=False, soft_wrap=True)


def _directory(partner: str) -> Path:
    """Raises NotFound when there is none of that name."""
    known: list[Path] = [PARTNERS / partner] if partner in EXAMPLES else []
    for path in (Path(partner), *known):
        if (path / "profile.toml").is_file():
            return path.resolve()
    raise NotFound(f"{partner} is neither a partner's directory nor one of {', '.join(EXAMPLES)}", reason="NO_PARTNER")


def example(table: str) -> str:
    """The shortest right message of this kind among the hand-written ones of the checkout; "" where there is none."""
    found = (EXAMPLES_OF_MESSAGES / table.replace("/", "-") / "pass").glob("*.edi")
    texts = sorted((path.read_text(encoding="utf-8", errors="replace") for path in found), key=lambda t: (len(t), t))
    return texts[0] if texts else ""
