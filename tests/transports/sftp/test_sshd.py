"""Our client against OpenSSH's own server, where that is on the machine."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.transports.sftp.keys import client_key
from adapters.transports.sftp.push import PIECE, SftpPush
from hub.errors import Retry
from hub.model.sftp import SftpTerms
from hub.ports import Outgoing
from tests.transports.outgoing import outgoing
from tests.transports.sftp.test_push import HOST

SSHD = shutil.which("sshd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
pytestmark = pytest.mark.skipif(SSHD is None, reason="OpenSSH's sshd is not on this machine")
USER = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
async def terms(tmp_path: Path) -> AsyncIterator[SftpTerms]:
    """A server on a free port, whose user is ourselves; started by root it is nobody's, for want of a user of its own.
    """
    with tempfile.TemporaryDirectory(prefix="hub-sshd-") as place, socket.create_server(("127.0.0.1", 0)) as taken:
        home, port = Path(place), taken.getsockname()[1]
        taken.close()
        (home / "in").mkdir()
        HOST.write_private_key(home / "host")
        (home / "keys").write_bytes(client_key(tmp_path / "client").export_public_key())
        (home / "config").write_text("\n".join([
            f"ListenAddress 127.0.0.1:{port}", f"HostKey {home}/host", f"AuthorizedKeysFile {home}/keys",
            f"PidFile {home}/pid", "StrictModes no", "PasswordAuthentication no", "ForceCommand internal-sftp",
            "Subsystem sftp internal-sftp", f"UsePAM {'yes' if os.geteuid() == 0 else 'no'}", ""]))
        who = pwd.getpwnam(USER)
        hand_over(home, who)
        identity = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        assert SSHD is not None
        server = await asyncio.create_subprocess_exec(
            SSHD, "-D", "-e", "-f", str(home / "config"), stderr=asyncio.subprocess.DEVNULL, cwd="/", **identity)
        try:
            await listening(port)
            yield SftpTerms(server=f"sftp://{USER}@127.0.0.1:{port}", put=f"{home}/in",
                            host_keys=(HOST.export_public_key().decode(),))
        finally:
            with suppress(ProcessLookupError):
                server.terminate()
            await server.wait()


def hand_over(home: Path, who: pwd.struct_passwd) -> None:
    for path in (home, *home.iterdir()):
        os.chown(path, who.pw_uid, who.pw_gid)
        path.chmod(0o700 if path.is_dir() else 0o600)


def lying(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def listening(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def to_send(terms: SftpTerms, content: bytes, name: str) -> Outgoing:
    sent = outgoing(content, name)
    return Outgoing(sent.message, sent.message_id, sent.receiver.model_copy(update={"sftp": terms}), sent.filename,
                    sent.format, sent.sha256, sent.length, sent.source)


async def test_files_lie_on_a_real_server_and_a_broken_off_one_is_gone_on_with(
    terms: SftpTerms, tmp_path: Path
) -> None:
    push, folder = SftpPush(str, tmp_path / "client"), Path(terms.put or "")
    await push.deliver(to_send(terms, b"ISA", "small.edi"))
    content = os.urandom(3 * PIECE)
    draft = folder / ".msg_1.part"
    draft.write_bytes(content[: 2 * PIECE])
    shutil.chown(draft, USER)
    await push.deliver(to_send(terms, content, "large.edi"))
    assert lying(folder) == {"small.edi": b"ISA", "large.edi": content}


async def test_a_real_server_that_is_not_the_one_we_know_gets_nothing(terms: SftpTerms, tmp_path: Path) -> None:
    other = client_key(tmp_path / "other").export_public_key().decode()
    with pytest.raises(Retry) as caught:
        await SftpPush(str, tmp_path / "client").deliver(
            to_send(terms.model_copy(update={"host_keys": (other,)}), b"ISA", "a.edi"))
    assert caught.value.reason == "PEER_UNKNOWN"
