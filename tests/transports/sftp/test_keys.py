"""The hub's own keys: made once, kept, and readable by nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest

from adapters.transports.sftp.keys import client_key, fingerprint, host_keys
from hub.errors import Stop


def test_a_host_key_is_made_once_and_kept(tmp_path: Path) -> None:
    first, again = host_keys(tmp_path / "host"), host_keys(tmp_path / "host")
    assert [k.public_data for k in first] == [k.public_data for k in again]
    assert (tmp_path / "host" / "ed25519").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "host").stat().st_mode & 0o777 == 0o700
    public = (tmp_path / "host" / "ed25519.pub").read_text()
    assert fingerprint(public) == first[0].get_fingerprint()


def test_the_keys_that_are_there_are_taken(tmp_path: Path) -> None:
    asyncssh.generate_private_key("ecdsa-sha2-nistp256").write_private_key(tmp_path / "ours")
    assert [key.get_algorithm() for key in host_keys(tmp_path)] == ["ecdsa-sha2-nistp256"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ours"]


async def test_of_many_that_start_at_once_all_have_the_same_key(tmp_path: Path) -> None:
    keys = await asyncio.gather(*(asyncio.to_thread(host_keys, tmp_path / "host") for _ in range(8)))
    assert len({key.public_data for found in keys for key in found}) == 1


def test_a_file_that_is_no_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "ed25519").write_text("nonsense")
    with pytest.raises(Stop, match="ed25519"):
        host_keys(tmp_path)
    with pytest.raises(Stop, match="ed25519"):
        client_key(tmp_path / "ed25519")
