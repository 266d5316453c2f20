"""`hub plan show`: the joint forecast of one item at one place, in the terminal, as a page, or for a sheet."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.plan import first
from hub.cli.plan.group import AsOf, Json, ask, aware, plan
from hub.cli.plan.joint import Joint, gather, limits, reasons
from hub.cli.plan.page import page
from hub.cli.terminal import listing, out

SAID = ("buyer", "seller", "baseline", "consensus", "order", "stock")


@plan.command("show")
def show_(
    agreement: Annotated[str, typer.Argument(help="agreement")],
    item: Annotated[str | None, typer.Option(help="GTIN; the item most in dispute when left out")] = None,
    place: Annotated[str | None, typer.Option(help="GLN; likewise")] = None,
    html: Annotated[Path | None, typer.Option(help="draw it: write a page to this file")] = None,
    sheet: Annotated[Path | None, typer.Option("--csv", help="write the weeks to this file, for a sheet")] = None,
    as_of: AsOf = None,
    partner: Annotated[str | None, typer.Option("--as", help="only what this partner may see")] = None,
    as_json: Json = False,
) -> None:
    """The joint forecast of one item at one place: both sides, baseline, consensus, orders, projected stock; and why:
    which models, which rule, which weights. Above it, where no item is named and something of it is in dispute, what
    the agreement's scenario is about: coming events, orders, shelves or the range.

    With --as-of and --as it answers what a partner knew at a moment.

    Example: [bold]hub plan show retail --item 09521001100106 --place 9521002001013[/]
    Example: [bold]hub plan show retail --html joint.html[/]
    Example: [bold]hub plan show retail --as-of 2026-11-16T09:30:00 --as quillfield[/]
    """
    joint: Joint = ask(gather, agreement, item, place, aware(as_of), partner)
    if as_json and html is None and sheet is None:
        listing("Joint forecast", [*lines(joint), *({"number": name, "made_by": words} for name, words in
                                                    reasons(joint))], True)
        return
    if html is not None:
        html.write_text(page(joint), encoding="utf-8")
        out.print(f"Wrote {html}: {title(joint)}", highlight=False)
    if sheet is not None:
        write_sheet(joint, sheet)
        out.print(f"Wrote {sheet}: {len(joint.weeks)} weeks of {title(joint)}", highlight=False)
    if html is None and sheet is None:
        if joint.pressing and not as_json and item is None and place is None:
            listing(first.title(joint.agreement), first.in_words(joint.first[: first.SHOWN], joint.catalogue), False)
        listing(f"{title(joint)} ({joint.agreement.name}, base units)", lines(joint), as_json)
        if not as_json:
            listing("Why", [{"number": name, "made by": words} for name, words in reasons(joint)], False)


def write_sheet(joint: Joint, target: Path) -> None:
    """A row per week, for a sheet."""
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["gtin", "gln", "week", *SAID, "low", "high"])
        writer.writeheader()
        writer.writerows({"gtin": joint.item.gtin, "gln": joint.place.gln, **row} for row in lines(joint))


def title(joint: Joint) -> str:
    """Item and place by name."""
    return f"{joint.item.name} at {joint.place.name}"


def lines(joint: Joint) -> list[dict[str, Any]]:
    """A line per week; what nobody said is None. `low` and `high` hold 80 % of what history alone expects."""
    band = limits(joint, 80)
    return [
        {"week": str(week)} | {
            said: round(value) if (value := joint.views.get(said, {}).get(week)) is not None else None for said in SAID
        } | {name: round(band[week][side]) if week in band else None for side, name in enumerate(("low", "high"))}
        for week in joint.weeks
    ]
