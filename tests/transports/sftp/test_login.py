"""Who may come in, what for, how many, and how long they may be silent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest

from adapters.transports.sftp.limits import SftpLimits
from hub.model.sftp import SftpTerms
from tests.transports.sftp.door import KEYS, Door, put, sftp_door, until
from tests.transports.shelf import Shelf

ORDER = b"ISA*00*          *00*          ~ST*850*0001~"


@pytest.mark.parametrize(("partner", "key"), [
    ("acme", "bolt"), ("bolt", "acme"), ("acme", "nobody"), ("keyless", "acme"), ("stranger", "acme"), ("", "acme"),
    ("../acme", "acme"),
])
async def test_only_the_partners_own_key_opens_its_door(door: Door, partner: str, key: str) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with door.line(partner, key=key):
            pass


async def test_a_password_opens_nothing(door: Door) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            "127.0.0.1", door.port, username="acme", password="acme", client_keys=None, known_hosts=None, config=None,
            agent_path=None)


async def test_there_is_no_shell_no_command_no_tunnel(door: Door) -> None:
    async with door.line("acme") as line:
        for request in (line.create_process("id"), line.create_process(), line.create_process("scp -t /in"),
                        line.create_process(subsystem="netconf")):
            with pytest.raises(asyncssh.ChannelOpenError):
                await request
        with pytest.raises(asyncssh.ChannelOpenError):
            await line.open_connection("127.0.0.1", 22)
        with pytest.raises(asyncssh.ChannelListenError):
            await line.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 22)
        async with line.start_sftp_client() as sftp:
            assert await sftp.listdir("/") == [".", "..", "in", "out", "archive"]


async def test_one_partner_cannot_take_all_connections(tmp_path: Path, shelf: Shelf) -> None:
    async with sftp_door(tmp_path, shelf, SftpLimits(1000, per_partner=2)) as door:
        async with door.client("acme"), door.client("acme"):
            with pytest.raises((asyncssh.DisconnectError, asyncssh.ChannelOpenError, OSError)):
                async with door.client("acme"):
                    pass
            async with door.client("bolt") as other:
                await put(other, "/in/a.edi", ORDER)
        await until(lambda: not door.door.per_partner["acme"])
        async with door.client("acme") as again:
            await put(again, "/in/a.edi", ORDER)
    assert len(shelf.kept) == 2


async def test_above_all_connections_nobody_comes_in(tmp_path: Path, shelf: Shelf) -> None:
    async with sftp_door(tmp_path, shelf, SftpLimits(1000, connections=1)) as door, door.client("acme"):
        with pytest.raises((asyncssh.Error, OSError)):
            async with door.client("bolt"):
                pass


async def test_who_is_silent_is_sent_home(tmp_path: Path, shelf: Shelf) -> None:
    async with (
        sftp_door(tmp_path, shelf, SftpLimits(1000, idle_seconds=0.2)) as door, door.line("acme") as line,
        asyncio.timeout(10),
    ):
        await line.wait_closed()


async def test_a_line_on_which_the_hub_is_at_work_is_not_silent(tmp_path: Path, shelf: Shelf) -> None:
    async with sftp_door(tmp_path, shelf, SftpLimits(1000, idle_seconds=0.2)) as door:
        door.house.holding = asyncio.Event()
        async with door.client("acme") as sftp:
            putting = asyncio.create_task(put(sftp, "/in/a.edi", ORDER))
            await asyncio.sleep(0.8)
            door.house.holding.set()
            await asyncio.wait_for(putting, 10)
    assert len(shelf.kept) == 1


async def test_a_hub_that_stops_answers_what_it_has_begun(tmp_path: Path, shelf: Shelf) -> None:
    async with sftp_door(tmp_path, shelf) as door:
        door.house.holding = asyncio.Event()
        async with door.client("acme") as sftp:
            putting = asyncio.create_task(put(sftp, "/in/a.edi", ORDER))
            await until(lambda: any(line.busy for line in door.door.lines))
            leaving = asyncio.create_task(door.door._send_home(10.0))
            await asyncio.sleep(0.1)
            assert not putting.done()
            door.house.holding.set()
            await asyncio.wait_for(putting, 10)
            await asyncio.wait_for(leaving, 10)
    assert len(shelf.kept) == 1


def test_a_key_that_is_none_is_refused_in_the_profile() -> None:
    good = KEYS["acme"].export_public_key().decode().strip()
    assert SftpTerms(keys=(good,)).keys == (good,)
    for wrong in ("", "ssh-dss AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----", f'command="sh" {good}'):
        with pytest.raises(ValueError, match="public key"):
            SftpTerms(keys=(wrong,))
