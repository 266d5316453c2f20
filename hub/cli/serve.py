"""`hub serve`, `hub work`, `hub run`: the two processes of a hub, and the one that keeps both alive."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

import structlog
import typer

from adapters.executors.collector import quieten
from hub.app import Hub, Ports, build
from hub.cli.terminal import app, complain
from hub.errors import HubError
from hub.jobs.supervisor import supervise
from hub.logs import configure
from hub.settings import Settings

log = structlog.get_logger("hub")


@app.command()
def serve() -> None:
    """Open the doors: POST /v1/messages over HTTP and cpfr.hub.v1 over gRPC.

    Set HUB_HTTP_PORT, HUB_GRPC_PORT, HUB_GRPC_TOKEN_PORT, HUB_TLS_CERTIFICATE … to change where and how.

    Example: [bold]HUB_HTTP_PORT=8080 HUB_SFTP_PORT=2222 hub serve[/]
    """

    async def doors(hub: Hub, stop: asyncio.Event) -> None:
        await hub.serve(stop, _announce)

    _until_told(doors)


def _announce(ports: Ports) -> None:
    log.info("the doors are open", http=ports.http, grpc_token=ports.grpc_token, grpc_certificate=ports.grpc,
             sftp=ports.sftp)


@app.command()
def work() -> None:
    """Do the work: process received files, deliver, run schedules, fetch from the mailboxes.

    Example: [bold]hub work[/]
    """

    async def jobs(hub: Hub, stop: asyncio.Event) -> None:
        quieten()
        log.info("at work", mailboxes=str(hub.folder.mailboxes))
        await hub.work(stop)

    _until_told(jobs)


@app.command()
def run() -> None:
    """A hub that stays up: `hub serve` and `hub work` as two processes, started again when one of them falls.

    Stop it with Ctrl-C: both finish what they have in hand.

    Example: [bold]HUB_HOME=/srv/hub hub run[/]
    """
    hub = [sys.executable, "-c", "from hub.cli import main; main()"]
    configure(Settings().log_level)
    raise typer.Exit(supervise({"serve": [*hub, "serve"], "work": [*hub, "work"]}))


def _until_told(what: Callable[[Hub, asyncio.Event], Awaitable[None]]) -> None:
    """Build the hub and run `what` until SIGINT or SIGTERM, then let it end well. Exit 1 when the hub cannot stand."""

    async def main() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        settings = Settings()
        configure(settings.log_level)
        async with build(settings) as hub:
            await what(hub, stop)

    try:
        asyncio.run(main())
    except HubError as failure:
        complain(str(failure))
        raise typer.Exit(1) from None
