"""What every transport must do, run against each of `WIRES`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.errors import Reject, Retry
from tests.transports.shelf import NOON, Shelf
from tests.transports.wires import WIRES, Wire

ORDER = b"ISA*00*          *00*          ~ST*850*0001~\r\n\x00\xff"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(params=sorted(WIRES))
async def wire(request: pytest.FixtureRequest, tmp_path: Path, shelf: Shelf) -> AsyncIterator[Wire]:
    async with WIRES[request.param](tmp_path, shelf) as wire:
        yield wire


async def test_the_exact_bytes_arrive_under_the_name_of_the_proven_sender(wire: Wire, shelf: Shelf) -> None:
    assert await wire.post("acme", "order 17.edi", ORDER) == "accepted"
    assert shelf.kept == [("acme", "order 17.edi", ORDER)]
    assert shelf.parcels[0].received_at == NOON


async def test_the_same_bytes_twice_are_accepted_twice_and_kept_once(wire: Wire, shelf: Shelf) -> None:
    assert await wire.post("acme", "a.edi", ORDER) == "accepted"
    assert await wire.post("acme", "b.edi", ORDER) == "accepted"
    assert len(shelf.kept) == 1


async def test_the_same_bytes_of_another_partner_are_another_message(wire: Wire, shelf: Shelf) -> None:
    await wire.post("acme", "a.edi", ORDER)
    await wire.post("bolt", "a.edi", ORDER)
    assert [sender for sender, _, _ in shelf.kept] == ["acme", "bolt"]


async def test_what_could_not_be_committed_is_not_acknowledged(wire: Wire, shelf: Shelf) -> None:
    shelf.fail_with = [Retry("no database"), Retry("no database"), Retry("no database")]
    assert await wire.post("acme", "a.edi", ORDER) == "again"
    shelf.fail_with.clear()
    assert await wire.post("acme", "a.edi", ORDER) == "accepted"
    assert len(shelf.kept) == 1


async def test_a_crash_after_the_commit_ends_in_one_message(wire: Wire, shelf: Shelf) -> None:
    shelf.fail_after_commit = [Retry("the process died here")]
    await wire.post("acme", "a.edi", ORDER)
    assert await wire.post("acme", "a.edi", ORDER) == "accepted"
    assert len(shelf.kept) == 1


async def test_a_sender_that_breaks_off_leaves_nothing(wire: Wire, shelf: Shelf) -> None:
    await wire.post_half("acme", "a.edi", os.urandom(3_000_000))
    assert shelf.kept == []


async def test_a_file_over_the_limit_is_refused_and_the_next_one_taken(wire: Wire, shelf: Shelf) -> None:
    shelf.limit = 1_000_000
    assert await wire.post("acme", "big.edi", os.urandom(1_000_001)) == "refused"
    assert await wire.post("acme", "small.edi", ORDER) == "accepted"
    assert len(shelf.kept) == 1


async def test_an_empty_file_is_refused(wire: Wire, shelf: Shelf) -> None:
    assert await wire.post("acme", "empty.edi", b"") == "refused"
    assert shelf.kept == []


async def test_a_refusal_by_the_hub_is_final(wire: Wire, shelf: Shelf) -> None:
    shelf.fail_with = [Reject("This partner may not send that.")]
    assert await wire.post("acme", "a.edi", ORDER) == "refused"
    assert shelf.fail_with == []


async def test_a_large_file_comes_in_pieces(wire: Wire, shelf: Shelf) -> None:
    content = os.urandom(3_500_000)
    assert await wire.post("acme", "large.edi", content) == "accepted"
    assert shelf.kept[0][2] == content
    assert shelf.largest_chunk <= 1_500_000
