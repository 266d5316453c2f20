"""Over a whole journey — pushed, refused, read, answered, fetched, given up — no line of the log holds a payload or a
secret, and every line about a message names it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest

from hub.app import Hub, Ports, build
from hub.dialects import formats, read_partners
from hub.flow.context import gln_address
from hub.logs import configure
from hub.model.exchange import Envelope, Numbers
from hub.settings import Settings
from partners.book import apply, example_directories
from partners.world import World

ABOUT_A_MESSAGE = {
    "message received", "processed", "delivered", "not delivered", "attempt failed", "given up", "file taken",
    "attempt not written down", "request failed",
}
"""Of these each line names its message; "file received" and the like say so by the same key."""


async def rest(hub: Hub) -> None:
    """Until nothing is received and unread, or queued and unsent."""
    async with asyncio.timeout(120):
        while True:
            async with hub.units.worker() as unit:
                busy = [await unit.inbox.list(state=state, limit=1) for state in ("received", "queued")]
            if not any(len(page) for page in busy):
                return
            await asyncio.sleep(0.1)


async def journey(settings: Settings) -> tuple[list[str], list[str]]:
    """Secrets and words of payloads that were under way, and the ids of the messages that came in."""
    partners, _ = read_partners(example_directories())
    own = {p.name: p for p in partners}
    async with build(settings) as hub:
        async with hub.units.worker() as unit:
            await apply(unit, partners)
            token = await unit.partners.issue_token("larkmoor", "journey")
        order = next(p for p in World(3, partners).postings() if p.name == "850")
        envelope = Envelope(
            sender=own["larkmoor"].profile.address("x12") or gln_address("x12", "9521002000009"),
            receiver=gln_address("x12", own["quillfield"].profile.gln), numbers=Numbers(interchange=7, group=7),
            prepared_at=datetime(2026, 11, 22, tzinfo=UTC))
        good = formats({p.name: p.overlays for p in partners})["x12"].write(
            order.table, order.documents, envelope, "larkmoor")
        number: str = order.documents[0].number  # type: ignore[union-attr]  # an order has one
        broken = good.replace(b"000000007", b"000000008").replace(b"*CA*", b"*PRIVATEUNIT*")
        stop, opened = asyncio.Event(), asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(hub.serve(stop, opened.set_result))
            group.create_task(hub.work(stop))
            try:
                ports: Ports = await asyncio.wait_for(opened, 60)
                ids = await push(ports.http, token, [good, good, broken, b"PRIVATEGARBAGE" * 9, b"ISA*PRIVATECUT"])
                await rest(hub)
            finally:
                stop.set()
    return [token, "stolen-token", number, "PRIVATE", "Plum Jam", "Sea Salt"], ids


async def push(port: int, token: str, contents: list[bytes]) -> list[str]:
    ids = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
        for content in contents:
            reply = await client.post("/v1/messages", content=content, headers={"Authorization": f"Bearer {token}"})
            ids.append(reply.json()["message"])
        await client.post("/v1/messages", content=b"PRIVATE", headers={"Authorization": "Bearer stolen-token"})
        await client.get(f"/v1/messages/{ids[0]}/content", headers={"Authorization": f"Bearer {token}"})
        await client.get("/v1/messages/msg_PRIVATE", headers={"Authorization": "Bearer stolen-token"})
    return ids


async def test_no_line_of_a_journey_tells_a_secret_and_each_names_its_message(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    configure("debug")
    secrets, ids = await journey(settings)
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    told = [json.dumps(line) for line in lines if line.get("message") != "msg_PRIVATE"]
    assert [line for line in told if any(secret in line for secret in secrets)] == []
    assert [line for line in lines if line["event"] in ABOUT_A_MESSAGE
            and not str(line.get("message", "")).startswith("msg_")] == []
    for id_ in dict.fromkeys(ids):
        events = [line["event"] for line in lines if line.get("message") == id_]
        assert events[0] == "message received"
        assert "processed" in events
    assert "delivered" in {line["event"] for line in lines}
    assert all({"level", "timestamp", "event"} <= line.keys() for line in lines)
