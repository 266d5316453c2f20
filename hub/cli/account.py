"""`hub account`: who comes in for a partner, and what they may do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Annotated, Any, cast, get_args

import typer

from hub.app import build
from hub.cli.terminal import app, complain, listing
from hub.errors import NotFound, Reject
from hub.model.account import Account, Role
from hub.settings import Settings

account_app = typer.Typer(no_args_is_help=True, help="People and systems of a partner, and their roles.")
app.add_typer(account_app, name="account")
Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
Partner = Annotated[str, typer.Argument(help="short name")]
Name = Annotated[str, typer.Argument(help="the account; its tokens carry it as their label")]


@account_app.command("list")
def list_accounts(partner: Partner, as_json: Json = False) -> None:
    """Who comes in for a partner.

    Example: [bold]hub account list larkmoor[/]
    """
    _show(partner, asyncio.run(_list(partner)), as_json)


@account_app.command("set")
def set_account(
    partner: Partner, name: Name,
    role: Annotated[str, typer.Option(help="viewer, planner, operator or admin")] = "viewer",
    user: Annotated[bool, typer.Option("--user", help="a person, not a system")] = False,
    as_json: Json = False,
) -> None:
    """Open an account, or give it another role; from the next call on.

    Example: [bold]hub account set larkmoor ana --user --role planner[/]
    """
    if role not in get_args(Role):
        complain(f"A role is one of {', '.join(get_args(Role))}.")
        raise typer.Exit(2)
    _try(partner, _set(partner, name, "user" if user else "service", cast("Role", role)), as_json)


@account_app.command()
def close(partner: Partner, name: Name, as_json: Json = False) -> None:
    """Nobody gets in by this account any more, whatever token or certificate; from the next call on.

    Example: [bold]hub account close larkmoor ana[/]
    """
    _try(partner, _change(partner, name, disabled=True), as_json)


@account_app.command()
def reopen(partner: Partner, name: Name, as_json: Json = False) -> None:
    """Let a closed account in again; its tokens that were not revoked hold.

    Example: [bold]hub account reopen larkmoor ana[/]
    """
    _try(partner, _change(partner, name, disabled=False), as_json)


def _try(partner: str, deed: Coroutine[Any, Any, Account], as_json: bool) -> None:
    try:
        _show(partner, [asyncio.run(deed)], as_json)
    except NotFound as nobody:
        complain(str(nobody))
        raise typer.Exit(2) from None
    except Reject as refusal:
        complain(str(refusal))
        raise typer.Exit(1) from None


def _show(partner: str, accounts: Sequence[Account], as_json: bool) -> None:
    listing(f"Accounts of {partner}", [
        {"account": one.name, "kind": one.kind, "role": one.role, "open": one.disabled_at is None}
        for one in accounts], as_json)


async def _list(partner: str) -> list[Account]:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        return await unit.partners.accounts(partner)


async def _set(partner: str, name: str, kind: str, role: Role) -> Account:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        known = {one.name for one in await unit.partners.accounts(partner)}
        found = (await unit.partners.change_account(partner, name, role=role) if name in known
                 else await unit.partners.open_account(partner, name, kind, role))
        await unit.audit.record("operator", "account.set", f"{partner}/{name}", {"role": role, "kind": found.kind})
        return found


async def _change(partner: str, name: str, *, disabled: bool) -> Account:
    async with build(Settings()) as hub, hub.units.worker() as unit:
        found = await unit.partners.change_account(partner, name, disabled=disabled)
        await unit.audit.record("operator", "account.close" if disabled else "account.reopen", f"{partner}/{name}", {})
        return found
