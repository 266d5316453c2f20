"""Everything around a hub that is being killed: PostgreSQL, the process that forks hubs, and partners who trade on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from hub.app import build
from hub.dialects import read_partners
from hub.model.delivery import DeliveryTerms
from hub.model.sftp import SftpTerms
from hub.settings import Settings
from hub.store import Urls, roles
from hub.store.embedded import EmbeddedPostgres
from partners.book import apply, example_directories
from tests.torture.trade import KEY

ROOT = Path(__file__).parents[2]
SAFE = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
"""A killed process loses nothing that it gave to the kernel; only a power cut would need fsync."""


@dataclass
class Nodes:
    """Hubs, one process each."""

    forker: Process
    settings: dict[str, Any]
    log: Path
    ended: dict[int, int] = field(default_factory=dict)
    _started: asyncio.Queue[int] = field(default_factory=asyncio.Queue)

    async def listen(self) -> None:
        assert self.forker.stdout is not None
        async for line in self.forker.stdout:
            event = json.loads(line)
            if "started" in event:
                self._started.put_nowait(event["started"])
            else:
                self.ended[event["ended"]] = event["code"]

    async def start(self, point: str = "", *, hasty: bool = True, **settings: Any) -> int:
        """A new hub; its pid."""
        assert self.forker.stdin is not None
        order = {"settings": {**self.settings, **settings}, "point": point, "hasty": hasty,
                 "log": str(self.log)}
        self.forker.stdin.write(json.dumps(order).encode() + b"\n")
        return await asyncio.wait_for(self._started.get(), 60)

    async def end_of(self, pid: int, seconds: float) -> int | None:
        """Its exit code (negative: the signal), None when it still lives after so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while pid not in self.ended:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        return self.ended.get(pid)

    async def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        await self.end_of(pid, 10)

    async def answers(self, seconds: float = 30.0, port: int | None = None) -> None:
        """Until a hub says that it is ready."""
        async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.HTTPError):
                    url = f"http://127.0.0.1:{port or self.settings['http_port']}/readyz"
                    if (await client.get(url)).status_code == 200:
                        return
                await asyncio.sleep(0.05)


@dataclass
class Rig:
    """What a test holds: `nodes` to start and kill, PostgreSQL likewise, and where partners find the hub."""

    postgres: EmbeddedPostgres
    urls: Urls
    home: Path
    nodes: Nodes
    tokens: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.nodes.settings['http_port']}"

    async def kill_postgres(self) -> None:
        """SIGKILL for the server and all its children, then start it again; it recovers by itself."""
        await asyncio.to_thread(self._kill_postgres)

    def _kill_postgres(self) -> None:
        pid = int((self.postgres.data / "postmaster.pid").read_text().split("\n", 1)[0])
        server = psutil.Process(pid)
        victims = [server, *server.children(recursive=True)]
        for process in victims:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(victims, timeout=10)
        self.postgres._ensure_running()

    def count(self, query: str, *values: object) -> int:
        with psycopg.connect(self.urls.owner) as connection:
            row = connection.execute(query.encode(), values).fetchone()
        return int(row[0]) if row else 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@asynccontextmanager
async def rig(receiver_url: str) -> AsyncIterator[Rig]:
    """PostgreSQL and the example partners: the maker hosts a server, the retailer fetches from a mailbox; no hub."""
    with tempfile.TemporaryDirectory(prefix="hub-torture-") as place:
        os.chmod(place, 0o755)  # noqa: S103  (PostgreSQL runs as another user when we are root)
        postgres = EmbeddedPostgres(Path(place) / "postgres", settings=SAFE)
        await asyncio.to_thread(postgres.start)
        urls = Urls(*(postgres.url(name) for name in roles.NAMES))
        settings: dict[str, Any] = {
            "home": place, "database_url": urls.owner, "worker_url": urls.worker, "door_url": urls.door,
            "http_port": free_port(), "sftp_port": free_port(), "grpc_port": 0, "grpc_token_port": 0,
            "job_attempts": 1000, "as2_name": "hub", "as2_processes": 1,
        }
        settings["as2_url"] = f"http://127.0.0.1:{settings['http_port']}/as2"
        forker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.torture.node", stdin=PIPE, stdout=PIPE, cwd=ROOT)
        nodes = Nodes(forker, settings, Path(place) / "node.log")
        listening = asyncio.create_task(nodes.listen())
        try:
            tokens = await settle_partners(Settings(**settings), receiver_url)
            yield Rig(postgres, urls, Path(place), nodes, tokens)
        finally:
            assert forker.stdin is not None
            forker.stdin.close()
            await forker.wait()
            await listening
            await asyncio.to_thread(postgres.stop)


async def settle_partners(settings: Settings, receiver_url: str) -> dict[str, str]:
    terms = {
        "quillfield": DeliveryTerms(channel="http", url=receiver_url), "larkmoor": DeliveryTerms(channel="mailbox"),
    }
    partners, findings = read_partners(example_directories())
    assert findings == []
    async with build(settings) as hub, hub.units.worker() as unit:
        await apply(unit, partners)
        for partner in partners:
            if partner.name in terms:
                profile = partner.profile.model_copy(update={
                    "delivery": terms[partner.name],
                    "sftp": SftpTerms(keys=(KEY.export_public_key().decode().strip(),))})
                await unit.partners.put(profile, partner.agreements, partner.overlays)
        return {p.name: await unit.partners.issue_token(p.name, "torture") for p in partners}
