"""A file handed in over gRPC is stored whole before the answer, once for the same bytes, for its sender alone."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import grpc
import pytest

from hub.client import CallError, Message
from hub.ports import Parcel, Receipt, Units
from hub.rpc.server import serve
from tests.rpc.conftest import World, receive

CONTENT = bytes(range(256)) * 5000


async def _stored(world: World, message: str) -> bytes:
    async with world.units.worker() as unit:
        return b"".join([chunk async for chunk in unit.inbox.content(message.removeprefix("messages/"))])


async def _jobs(world: World, message: str) -> int:
    async with world.units.worker() as unit:
        rows = await unit.transaction.rows(
            "SELECT 1 FROM procrastinate_jobs WHERE args ->> 'message' = %(id)s", id=message.removeprefix("messages/"))
        return len(rows)


@pytest.mark.parametrize("way", ["by_token", "by_certificate"])
async def test_the_exact_bytes_and_one_job_are_there_when_the_answer_is(world: World, way: str) -> None:
    async with getattr(world, way)("north") as hub:
        receipt = await hub.submit(CONTENT, filename="orders.edi")
        assert (receipt.sha256, receipt.size_bytes) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
        assert not receipt.duplicate
        assert await _stored(world, receipt.message) == CONTENT
        assert await _jobs(world, receipt.message) == 1
        message = await hub.message(receipt.message)
    assert (message.sender, message.filename, message.channel) == ("partners/north", "orders.edi", "grpc")
    assert message.state == Message.STATE_RECEIVED


async def test_the_same_bytes_again_are_the_first_message(world: World) -> None:
    async with world.by_token("north") as hub:
        first = await hub.submit(CONTENT)
        attempt = "0b0e9ba4-5f2c-4f0c-8a3f-2f8c3b2f5a11"
        again = await hub.submit(CONTENT, filename="another name.edi", request_id=attempt)
    assert (again.message, again.duplicate) == (first.message, True)
    assert await _jobs(world, first.message) == 1


async def test_the_same_bytes_of_two_partners_are_two_messages(world: World) -> None:
    async with world.by_token("north") as north, world.by_token("east") as east:
        ours, theirs = await north.submit(CONTENT), await east.submit(CONTENT)
        assert ours.message != theirs.message
        assert not theirs.duplicate
        with pytest.raises(CallError) as refused:
            await east.message(ours.message)
    assert refused.value.code is grpc.StatusCode.NOT_FOUND


async def test_a_file_over_the_limit_is_refused_with_its_reason_and_not_stored(world: World) -> None:
    settings = world.settings.model_copy(update={"grpc_max_message_bytes": 1000})
    server = serve(settings, world.units, receive)
    await server.start()
    try:
        tight = World(settings, world.units, server, world.authority, world.tokens, world.visible)
        async with tight.by_token("north") as hub:
            before = {one.name async for one in hub.messages()}
            with pytest.raises(CallError) as refused:
                await hub.submit(b"x" * 1001)
            assert (refused.value.code, refused.value.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_LARGE")
            assert {one.name async for one in hub.messages()} == before
            assert (await hub.submit(b"x" * 1000)).size_bytes == 1000
    finally:
        await server.stop(grace=0)


UNUSABLE = (
    ("../../etc/passwd", "", "filename"), ("a\\b", "", "filename"), ("a\0b", "", "filename"), ("a\nb", "", "filename"),
    ("x" * 256, "", "filename"), ("fine.edi", "not a uuid", "request_id"),
)


async def test_a_name_that_is_a_path_and_an_id_that_is_none_are_refused(world: World) -> None:
    async with world.by_token("north") as hub:
        for filename, request_id, field in UNUSABLE:
            with pytest.raises(CallError) as refused:
                await hub.submit(b"x", filename=filename, request_id=request_id)
            assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
            assert list(refused.value.violations) == [field]


async def test_the_receipt_waits_for_the_commit(world: World) -> None:
    seen: list[bool] = []

    async def watched(units: Units, parcel: Parcel, limit: int) -> Receipt:
        receipt = await receive(units, Parcel(_late(parcel.chunks, units, seen), *_rest(parcel)), limit)
        async with units.worker() as unit:
            seen.append((await unit.inbox.get(receipt.message)).sender == "north")
        return receipt

    server = serve(world.settings, world.units, watched)
    await server.start()
    try:
        here = World(world.settings, world.units, server, world.authority, world.tokens, world.visible)
        async with here.by_token("north") as hub:
            await hub.submit(b"once")
    finally:
        await server.stop(grace=0)
    assert seen == [False, True], "nothing was visible before the commit, all of it before the answer"


async def _late(chunks: AsyncIterator[bytes], units: Units, seen: list[bool]) -> AsyncIterator[bytes]:
    """Notes, when the last byte is read, whether anything can be seen from outside yet."""
    async for chunk in chunks:
        yield chunk
    digest = hashlib.sha256(b"once").hexdigest()
    async with units.worker() as unit:
        seen.append(any(row.sha256 == digest for row in await unit.inbox.list()))


def _rest(parcel: Parcel) -> tuple[object, ...]:
    return (parcel.channel, parcel.claimed_sender, parcel.received_at, parcel.filename)
