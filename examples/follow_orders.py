"""Follow your orders for ever, and go on where you were when you come again; asynchronous.

    HUB_TARGET=hub.example:8444 HUB_TOKEN=… python follow_orders.py place.txt

The resume token in `place.txt` is written after an order is handled: then nothing is missed, and nothing lost.
"""

import asyncio
import os
import sys
from pathlib import Path

from hub.client import AsyncClient, Order


def keep(token: str, place: Path) -> None:
    """Whole or not at all, whatever happens to this program."""
    part = place.with_suffix(".part")
    part.write_text(token)
    part.replace(place)


async def follow(token: str, place: Path) -> None:
    target, proof, plaintext = os.environ["HUB_TARGET"], os.environ["HUB_TOKEN"], "HUB_PLAINTEXT" in os.environ
    async with AsyncClient.with_token(target, proof, plaintext=plaintext) as hub:
        async for change in hub.watch_orders(token):
            print(change.order.number, Order.State.Name(change.order.state), flush=True)
            await asyncio.to_thread(keep, change.resume_token, place)


place = Path(sys.argv[1])
asyncio.run(follow(place.read_text() if place.exists() else "", place))
