"""Sessions of SFTP in which a partner brings many small files: by OpenSSH's `sftp`, which waits for each before it
begins the next, and by a client with a queue (`bench.ahead`). Counted from when it has logged in to when it has ended.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from pathlib import Path

import asyncssh

HERE, KEY = Path(__file__).parents[1], "key"
LANES = 8
OPTIONS = ("-q", "-F", "none", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no",
           "-o", "UserKnownHostsFile=/dev/null")


@dataclass(frozen=True, slots=True)
class Way:
    """How a client is started; what it is told first; what it says once it has logged in; what makes it begin."""

    command: tuple[str, ...]
    hello: bytes
    ready: bytes
    begin: bytes


def one_by_one(partner: str, port: int) -> Way:
    return Way(("sftp", *OPTIONS, "-i", KEY, "-P", str(port), "-b", "-", f"{partner}@127.0.0.1"), b"cd in\npwd\n",
               b"Remote working directory", b"mput *.edi\n")


def in_a_queue(partner: str, port: int, files: int) -> Way:
    return Way((sys.executable, "-m", "bench.ahead", partner, str(port), KEY, str(files), str(LANES)), b"", b"ready",
               b"go\n")


async def session(way: Way, key: asyncssh.SSHKey, files: int) -> tuple[float, float]:
    """Files a second, by the clock and by the processor time of this process; the best of three."""
    best, cheapest = 0.0, 0.0
    for _ in range(3):
        with tempfile.TemporaryDirectory(prefix="hub-bench-") as place:
            lay(folder := Path(place), key, files)
            client = await asyncio.create_subprocess_exec(
                *way.command, cwd=folder, stdin=PIPE, stdout=PIPE, env={**os.environ, "PYTHONPATH": str(HERE)})
            await logged_in(client, way)
            began, spent = time.perf_counter(), time.process_time()
            await client.communicate(way.begin)
            if client.returncode:
                raise SystemExit(f"{way.command[0]} failed")
            best = max(best, files / (time.perf_counter() - began))
            cheapest = max(cheapest, files / (time.process_time() - spent))
    return best, cheapest


async def logged_in(client: Process, way: Way) -> None:
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(way.hello)
    await client.stdin.drain()
    while way.ready not in (line := await client.stdout.readline()):
        if not line:
            raise SystemExit(f"{way.command[0]} could not log in")


def lay(folder: Path, key: asyncssh.SSHKey, files: int) -> None:
    key.write_private_key(folder / KEY)
    (folder / KEY).chmod(0o600)
    for number in range(files):
        (folder / f"{number}.edi").write_bytes(os.urandom(1000).hex().encode())
