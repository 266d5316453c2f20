"""Partners who trade while the hub is killed under them, and who remember what they were told.

    larkmoor      posts 850s over HTTP until each gets a positive answer, and puts others over SFTP until the close of
                  each is answered; fetches its 997s from the mailbox, over HTTP and over SFTP
    quillfield    hosts a server that takes ORDERS and CONTRL; drops ORDERS of its own into its folder
    pebbleworth   finds 850s in its folder
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.transports.http_server import serve_http

HUB = "9501101530003"
ITEM = "9521001100106"
FIRST_OF_SFTP = 200_000
"""Control numbers above it are of what larkmoor puts over SFTP."""
FIRST_OF_HOST = 300_000
"""Control numbers above it are of what quillfield lets the hub fetch."""
KEY = asyncssh.generate_private_key("ssh-ed25519")


def x12_order(number: str, control: int) -> bytes:
    """An 850 of larkmoor for quillfield."""
    body = [
        "ST*850*0001", f"BEG*00*SA*{number}**20261116", "CUR*BY*EUR", "DTM*002*20261123",
        "N1*BY*Larkmoor Stores*UL*9521002000009", "N1*SU*Quillfield Foods*UL*9521001000000",
        "N1*ST*Larkmoor North DC*UL*9521002001013", f"PO1*1*105*CA*10.04**EN*{ITEM}*IN*LM40010", "CTT*1",
    ]
    head = f"ISA*00*          *00*          *ZZ*LARKMOOR       *ZZ*{HUB}  *261116*0630*U*00401*{control:09d}*0*T*>"
    return "~".join([
        head.replace("*0*T*>", "*0*P*>"), f"GS*PO*LARKMOOR*{HUB}*20261116*0630*{control}*X*004010", *body,
        f"SE*{len(body) + 1}*0001", f"GE*1*{control}", f"IEA*1*{control:09d}", "",
    ]).encode()


QUILLFIELD = ("9521001000000", "9521004000007", "9521001001007")
VANDERMOOR = ("9521003000008", "9521001000000", "9521003002019")
"""GLNs of an order: who buys, who sells, where it is to arrive."""


def edifact_order(number: str, control: int, parties: tuple[str, str, str] = QUILLFIELD) -> bytes:
    """An ORDERS between `parties`: of quillfield for pebbleworth, or of vandermoor for quillfield."""
    buyer, seller, place = parties
    body = [
        "UNH+1+ORDERS:D:96A:UN", f"BGM+220+{number}+9", "DTM+137:20261116:102", "DTM+2:20261123:102",
        f"NAD+BY+{buyer}::9", f"NAD+SU+{seller}::9", f"NAD+DP+{place}::9", f"LIN+1++{ITEM}:EN",
        "QTY+21:10:PCE", "UNS+S", "CNT+2:1",
    ]
    return "'".join([
        f"UNB+UNOC:3+{buyer}:14+{HUB}:14+261116:0630+{control}", *body, f"UNT+{len(body) + 1}+1",
        f"UNZ+1+{control}", "",
    ]).encode()


@dataclass
class Market:
    """All partners. `promised`: order numbers for which the hub gave a positive answer. `arrived`: what came out of the
    hub, by kind and order or control number, with the ids under which it came."""

    url: str
    sftp_port: int
    tokens: dict[str, str]
    home: Path
    promised: dict[str, list[str]] = field(default_factory=lambda: {"http": [], "folder": [], "sftp": []})
    arrived: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    copies: int = 0
    resting: asyncio.Event = field(default_factory=asyncio.Event)
    pause: float = 0.15
    inbox: Path | None = None
    """Where quillfield's own server keeps what the hub has brought; a file's name is its id."""
    looked_at: set[str] = field(default_factory=set)

    # -- larkmoor --------------------------------------------------------------------------------------------------

    async def post(self) -> None:
        """One order after the other, each until it is accepted: the same bytes under the same key."""
        control = 0
        async with httpx.AsyncClient(timeout=10, trust_env=False, headers=self._bearer("larkmoor")) as client:
            while not self.resting.is_set():
                control += 1
                number = f"LK{control:06d}"
                while True:
                    with suppress(httpx.HTTPError):
                        reply = await client.post(
                            f"{self.url}/v1/messages", content=x12_order(number, control),
                            headers={"Idempotency-Key": number})
                        if reply.status_code in (200, 201):
                            break
                        assert reply.status_code in (408, 429, 500, 503), reply.text
                    await asyncio.sleep(0.05)
                self.promised["http"].append(number)
                await asyncio.sleep(self.pause)

    async def fetch(self) -> None:
        """Take everything from the mailbox, again and again."""
        async with httpx.AsyncClient(base_url=self.url, timeout=10, trust_env=False,
                                     headers=self._bearer("larkmoor")) as client:
            while True:
                with suppress(httpx.HTTPError, KeyError):
                    for waiting in (await client.get("/v1/mailbox?wait=1")).json()["messages"]:
                        content = (await client.get(waiting["content"])).content
                        self._answered(content, waiting["filename"])
                        await client.post(waiting["acknowledge"])
                await asyncio.sleep(0.1)

    def _answered(self, content: bytes, filename: str) -> None:
        """A 997, known by the name of its file: over SFTP a partner sees no other id of it."""
        for control in map(int, re.findall(rb"AK1\*PO\*(\d+)", content)):
            self.arrived["997", f"{'LS' if control > FIRST_OF_SFTP else 'LK'}{control:06d}"].add(filename)

    async def upload(self) -> None:
        """One order after the other, each until its close, or the rename of its draft, is answered."""
        control = FIRST_OF_SFTP
        while not self.resting.is_set():
            control += 1
            number = f"LS{control:06d}"
            order, by_draft = x12_order(number, control), control % 2 == 0
            while not await self._handed_in(number, order, by_draft=by_draft):  # noqa: ASYNC110  (until the hub is back)
                await asyncio.sleep(0.05)
            self.promised["sftp"].append(number)
            await asyncio.sleep(self.pause)

    async def _handed_in(self, number: str, content: bytes, *, by_draft: bool) -> bool:
        try:
            async with asyncio.timeout(10), self._sftp() as sftp:
                name = f".{number}.tmp" if by_draft else f"{number}.x12"
                async with sftp.open(f"/in/{name}", "wb") as file:
                    await file.write(content)
                if by_draft:
                    await sftp.posix_rename(f"/in/{name}", f"/in/{number}.x12")
        except (OSError, asyncssh.Error, TimeoutError):
            return False
        return True

    async def fetch_by_sftp(self) -> None:
        """Read everything in /out, again and again."""
        while True:
            with suppress(OSError, asyncssh.Error, TimeoutError):
                async with asyncio.timeout(20), self._sftp() as sftp:
                    for name in await sftp.listdir("/out"):
                        if not name.startswith("."):
                            async with sftp.open(f"/out/{name}", "rb") as file:
                                self._answered(await file.read(), name)
            await asyncio.sleep(0.3)

    @asynccontextmanager
    async def _sftp(self) -> AsyncIterator[asyncssh.SFTPClient]:
        async with asyncssh.connect(
            "127.0.0.1", self.sftp_port, username="larkmoor", client_keys=[KEY], known_hosts=None, config=None,
            agent_path=None,
        ) as line, line.start_sftp_client() as sftp:
            yield sftp

    def _bearer(self, partner: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[partner]}"}

    # -- quillfield ------------------------------------------------------------------------------------------------

    async def take(self, request: Request) -> Response:
        """Quillfield's server."""
        self._delivered(await request.body(), request.headers["message-id"])
        return Response("taken", 202)

    def _delivered(self, content: bytes, id: str) -> None:
        found = [("ORDERS", n.decode()) for n in re.findall(rb"BGM\+220\+((?:L[KS]|VM)\d+)", content)]
        found += [("CONTRL", f"{'QS' if n > FIRST_OF_HOST else 'QP'}{n:06d}")
                  for n in map(int, re.findall(rb"UCI\+(\d+)", content))]
        assert found, content
        for what in found:
            self.copies += id in self.arrived[what]
            self.arrived[what].add(id)

    async def drop(self) -> None:
        """One order after the other into the folder; it is accepted when it has left for the archive."""
        box, control = self.home / "mailboxes" / "quillfield", 0
        (box / "in").mkdir(parents=True, exist_ok=True)
        while not self.resting.is_set():
            control += 1
            number = f"QP{control:06d}"
            (box / "in" / f".{number}.tmp").write_bytes(edifact_order(number, control))
            (box / "in" / f".{number}.tmp").rename(box / "in" / f"{number}.edi")
            while (box / "in" / f"{number}.edi").exists():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            assert not (box / "refused").exists() or not list((box / "refused").iterdir())
            self.promised["folder"].append(number)
            await asyncio.sleep(self.pause)

    # -- pebbleworth -----------------------------------------------------------------------------------------------

    def collect(self) -> None:
        """What lies in pebbleworth's folder, and on quillfield's server; a file's name is its id."""
        for path in (self.home / "mailboxes" / "pebbleworth" / "out").glob("*"):
            if not path.name.startswith("."):
                for number in re.findall(rb"BEG\*00\*\w+\*(Q[PS]\d+)", path.read_bytes()):
                    self.arrived["850", number.decode()].add(path.name)

        for path in self.inbox.iterdir() if self.inbox else ():
            if not path.name.startswith(".") and path.name not in self.looked_at:
                self.looked_at.add(path.name)
                self._delivered(path.read_bytes(), path.name)

    # -- the reckoning ---------------------------------------------------------------------------------------------

    def due(self) -> set[tuple[str, str]]:
        """What must have come out of the hub for all that was promised."""
        return {
            *((kind, number) for wire in ("http", "sftp") for number in self.promised[wire]
              for kind in ("ORDERS", "997")),
            *((kind, number) for wire in ("folder", "hosted") for number in self.promised.get(wire, ())
              for kind in ("850", "CONTRL")),
            *((kind, number) for number in self.promised.get("as2", ()) for kind in ("ORDERS", "CONTRL")),
        }

    def lost(self) -> list[tuple[str, str]]:
        return sorted(what for what in self.due() if not self.arrived.get(what))

    def doubled(self) -> list[tuple[str, str]]:
        """What arrived under more than one id. The same id again is a repeat that a receiver knows as one."""
        return sorted(what for what, ids in self.arrived.items() if len(ids) > 1)


@asynccontextmanager
async def receiver(market_of: list[Market]) -> AsyncIterator[str]:
    """Quillfield's server; it speaks for the market that is put into the list."""

    async def take(request: Request) -> Response:
        return await market_of[0].take(request)

    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    app = Starlette(routes=[Route("/in", take, methods=["POST"])])
    serving = asyncio.create_task(serve_http(app, "127.0.0.1", 0, stop, bound=port.set_result, grace=1))
    try:
        yield f"http://127.0.0.1:{await port}/in"
    finally:
        stop.set()
        await serving
