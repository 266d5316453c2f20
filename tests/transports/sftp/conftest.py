"""A door for each test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.transports.sftp.door import Door, sftp_door
from tests.transports.shelf import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(limit=64 * 1024 * 1024)


@pytest.fixture
async def door(tmp_path: Path, shelf: Shelf) -> AsyncIterator[Door]:
    async with sftp_door(tmp_path, shelf) as door:
        yield door
