"""Everything about the store is tried on the newest PostgreSQL of the wheel and on the oldest that the hub supports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.store import StoredUnits
from tests.database import Server, serve
from tests.store import trade


@pytest.fixture(scope="session", params=[18, 16], ids=["postgres18", "postgres16"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    yield from serve(request.param)


@pytest.fixture
async def book(units: StoredUnits) -> StoredUnits:
    """The invented partners of `trade`, with two agreements that have nothing to do with each other."""
    await trade.found(units)
    return units
