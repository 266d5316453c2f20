"""What is told to be safe lies on the disk: all of it, also what was written after the sync that ran ahead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.transports.sftp.arriving import LAST, Upload


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long the file was at each sync."""
    lengths: list[int] = []
    sync = os.fsync

    def noted(handle: int) -> None:
        lengths.append(os.fstat(handle).st_size)
        sync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    return lengths


def upload(folder: Path) -> Upload:
    return Upload.open(folder / "a", "a", 1 << 20, anew=True, append=False)


async def sealed(one: Upload) -> bytes:
    await one.settle()
    with one.seal() as file:
        return file.read()


async def test_a_small_file_is_synced_once_before_it_is_closed(tmp_path: Path, synced: list[int]) -> None:
    one = upload(tmp_path)
    await one.write(0, b"ISA*00")
    await one.settle()
    assert synced == [6]
    assert await sealed(one) == b"ISA*00"
    assert synced == [6]


async def test_what_comes_after_the_early_sync_is_synced_with_the_close(tmp_path: Path, synced: list[int]) -> None:
    one = upload(tmp_path)
    await one.write(0, b"ISA")
    await one.settle()
    await one.write(3, b"*00")
    await one.write(6, b"*")
    assert await sealed(one) == b"ISA*00*"
    assert synced == [3, 7]


async def test_full_pieces_are_synced_with_the_close_alone(tmp_path: Path, synced: list[int]) -> None:
    one = upload(tmp_path)
    await one.write(0, bytes(LAST))
    await one.write(LAST, bytes(LAST))
    assert synced == []
    await sealed(one)
    assert synced == [2 * LAST]


async def test_a_sync_that_failed_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time a disk says that all is well, though the bytes are gone."""
    one = upload(tmp_path)

    def refuse(handle: int) -> None:
        monkeypatch.undo()
        raise OSError(5, "the disk is broken")

    monkeypatch.setattr(os, "fsync", refuse)
    await one.write(0, b"ISA")
    await one.settle()
    with pytest.raises(OSError, match="broken"):
        one.seal()
