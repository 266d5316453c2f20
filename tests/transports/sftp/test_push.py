"""Files to a partner's own SFTP server, and what its troubles mean."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from adapters.transports.sftp.keys import client_key
from adapters.transports.sftp.push import PIECE, SftpPush
from hub.errors import Reject, Retry, Stop
from hub.model.delivery import DeliveryTerms
from hub.model.profile import Profile
from hub.model.sftp import SftpTerms
from hub.ports import Outgoing
from tests.transports.outgoing import outgoing
from tests.transports.sftp.door import Door, sftp_door
from tests.transports.shelf import Shelf

ORDER = b"UNB+UNOC:3+...'" * 100
HOST = asyncssh.generate_private_key("ssh-ed25519")


class Chrooted(asyncssh.SFTPServer):
    """A plain server of files, as a partner would have it. `full`: writes fail, as on a full disk."""

    root = b""
    full = False

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel, chroot=self.root)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if self.full:
            raise asyncssh.SFTPFailure("no space left")
        return super().write(file_obj, offset, data)  # type: ignore[return-value]  # asyncssh's own is no coroutine


@dataclass
class Theirs:
    """A partner's server, with the folders in/, out/ and done/."""

    root: Path
    port: int
    kind: type[Chrooted]

    def terms(self, **more: object) -> SftpTerms:
        known = {"server": f"sftp://hub@127.0.0.1:{self.port}", "put": "/in", "get": "/out",
                 "host_keys": (HOST.export_public_key().decode(),)}
        return SftpTerms.model_validate({**known, **more})

    def profile(self, **more: object) -> Profile:
        return outgoing(b"").receiver.model_copy(update={"sftp": self.terms(**more)})

    def to_send(self, content: bytes = ORDER, **more: object) -> Outgoing:
        sent = outgoing(content)
        return Outgoing(sent.message, sent.message_id, self.profile(**more), sent.filename, sent.format, sent.sha256,
                        sent.length, sent.source)


@asynccontextmanager
async def partners_server(tmp_path: Path, ours: Path) -> AsyncIterator[Theirs]:
    root = tmp_path / "theirs"
    for name in ("in", "out", "done"):
        (root / name).mkdir(parents=True)
    kind = type("Kind", (Chrooted,), {"root": os.fsencode(root)})
    keys = tmp_path / "authorized_keys"
    keys.write_bytes(client_key(ours).export_public_key())
    listener = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[HOST], authorized_client_keys=str(keys), sftp_factory=kind, config=None)
    try:
        yield Theirs(root, listener.get_port(), kind)
    finally:
        listener.close()
        await listener.wait_closed()


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "sftp" / "client"


@pytest.fixture
async def theirs(tmp_path: Path, ours: Path) -> AsyncIterator[Theirs]:
    async with partners_server(tmp_path, ours) as server:
        yield server


@pytest.fixture
def push(ours: Path) -> SftpPush:
    def secrets(name: str) -> str:
        raise Stop(f"no secret {name}")

    return SftpPush(secrets, ours)


async def test_the_exact_bytes_lie_under_their_name_and_nothing_else_does(push: SftpPush, theirs: Theirs) -> None:
    assert await push.deliver(theirs.to_send()) == "It lies in /in/orders.edi."
    assert {p.name: p.read_bytes() for p in (theirs.root / "in").iterdir()} == {"orders.edi": ORDER}


async def test_the_same_file_again_is_known_and_another_one_of_that_name_refused(
    push: SftpPush, theirs: Theirs
) -> None:
    await push.deliver(theirs.to_send())
    assert await push.deliver(theirs.to_send()) == "It lay in /in/orders.edi already."
    with pytest.raises(Reject) as caught:
        await push.deliver(theirs.to_send(ORDER + b"more"))
    assert caught.value.reason == "NAME_TAKEN"
    assert (theirs.root / "in" / "orders.edi").read_bytes() == ORDER


@pytest.mark.parametrize("came", [0, 100, PIECE, PIECE + 5, 3 * PIECE - 1, 3 * PIECE, 3 * PIECE + 7])
async def test_what_broke_off_is_gone_on_with_under_the_same_message_id(
    push: SftpPush, theirs: Theirs, came: int
) -> None:
    content = os.urandom(3 * PIECE)
    half = (content + b"too much")[:came]
    (theirs.root / "in" / ".msg_1.part").write_bytes(half[: max(0, came - 100)] + b"\0" * min(100, came))
    await push.deliver(theirs.to_send(content))
    assert {p.name: p.read_bytes() for p in (theirs.root / "in").iterdir()} == {"orders.edi": content}


async def test_a_server_with_another_key_gets_nothing(push: SftpPush, theirs: Theirs) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with pytest.raises(Retry) as caught:
        await push.deliver(theirs.to_send(host_keys=(other,)))
    assert caught.value.reason == "PEER_UNKNOWN"
    assert list((theirs.root / "in").iterdir()) == []


async def test_a_server_that_does_not_let_us_in_is_tried_again(theirs: Theirs, tmp_path: Path) -> None:
    with pytest.raises(Retry) as caught:
        await SftpPush(str, tmp_path / "another").deliver(theirs.to_send())
    assert caught.value.reason == "PEER_LOCKED"


async def test_a_secret_of_the_profile_is_used_in_place_of_the_hubs_own_key(
    theirs: Theirs, tmp_path: Path, ours: Path
) -> None:
    key = client_key(ours).export_private_key().decode()
    push = SftpPush({"acme-key": key}.__getitem__, tmp_path / "another")
    await push.deliver(theirs.to_send(secret="acme-key"))
    assert not (tmp_path / "another").exists()
    with pytest.raises(Stop):
        await SftpPush({"acme-key": "nonsense"}.__getitem__, ours).deliver(theirs.to_send(secret="acme-key"))


async def test_nobody_at_home_and_a_full_disk_are_tried_again_a_missing_folder_is_not(
    push: SftpPush, theirs: Theirs
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Retry) as caught:
        await push.deliver(theirs.to_send(server=f"sftp://hub@127.0.0.1:{port}"))
    assert caught.value.reason == "PEER_DOWN"
    theirs.kind.full = True
    with pytest.raises(Retry, match="no space left"):
        await push.deliver(theirs.to_send())
    with pytest.raises(Reject) as refused:
        await push.deliver(theirs.to_send(put="/nowhere"))
    assert refused.value.reason == "PEER_REFUSED"
    theirs.kind.full = False
    await push.deliver(theirs.to_send())


async def test_from_hub_to_hub_a_file_is_a_message_and_a_draft_is_gone_on_with(
    tmp_path: Path, shelf: Shelf, ours: Path
) -> None:
    async with sftp_door(tmp_path, shelf) as door:
        keys = await door.door.house.partners()
        acme = keys["acme"].model_copy(update={"sftp": SftpTerms(
            keys=(client_key(ours).export_public_key().decode().strip(),),
            server=f"sftp://acme@127.0.0.1:{door.port}", put="/in", host_keys=(host_of(door),))})
        door.house.known = {"acme": acme}
        sent = outgoing(ORDER)
        out = Outgoing(sent.message, sent.message_id, acme, sent.filename, sent.format, sent.sha256, sent.length,
                       sent.source)
        for _ in range(2):
            await SftpPush(str, ours).deliver(out)
        large = outgoing(os.urandom(3 * PIECE), "large.edi")
        (door.box() / ".drafts" / ".msg_1.part").write_bytes(large.source.read(2 * PIECE))
        await SftpPush(str, ours).deliver(Outgoing(
            "msg_1", large.message_id, acme, large.filename, large.format, large.sha256, large.length, large.source))
    assert [(name, len(content)) for _, name, content in shelf.kept] == [
        ("orders.edi", len(ORDER)), ("large.edi", 3 * PIECE)]


def host_of(door: Door) -> str:
    return (door.door.keys / "ed25519.pub").read_text()


@pytest.mark.parametrize("wrong", [
    {"server": "https://acme.example", "host_keys": ("ssh-ed25519 AAAA",)},
    {"server": "sftp://hub:secret@acme.example", "host_keys": ("ssh-ed25519 AAAA",)},
    {"server": "sftp://acme.example", "host_keys": ("ssh-ed25519 AAAA",)},
    {"server": "sftp://hub@acme.example/in", "host_keys": ("ssh-ed25519 AAAA",)},
    {"server": "sftp://hub@acme.example"}, {"put": "/in"}, {"get": "/out"},
])
def test_a_server_is_named_with_its_user_and_its_keys_and_without_a_password(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must look like|ends with the host|known by its host_keys|need the server"):
        SftpTerms.model_validate(wrong)


def test_the_channel_sftp_needs_a_server() -> None:
    profile = outgoing(b"").receiver.model_dump()
    with pytest.raises(ValueError, match=r"table \[sftp\]"):
        Profile.model_validate({**profile, "delivery": DeliveryTerms(channel="sftp").model_dump()})
