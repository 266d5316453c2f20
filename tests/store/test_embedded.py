"""The embedded PostgreSQL: one server for many processes, gone with the last of them, and whole after a crash."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from hub.errors import Retry, Stop
from hub.settings import Settings
from hub.store import StoredUnits, ground, open_store
from hub.store.embedded import EmbeddedPostgres
from hub.store.migration import migrate
from hub.store.opening import database
from tests.database import HASTE

USER = """
import sys, time
from pathlib import Path
from hub.store.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.data.joinpath("postmaster.pid").read_text().split()[0], flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="hub-home-") as path:
        Path(path).chmod(0o711)
        yield Path(path)


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def pid_file(home: Path) -> Path:
    return home / "postgres" / "data" / "postmaster.pid"


def use(home: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its standard input ends."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


def query(server: EmbeddedPostgres, sql: str, role: str = "hub_owner") -> object:
    with psycopg.connect(server.url(role)) as connection:
        cursor = connection.execute(sql.encode())
        return cursor.fetchone() if cursor.description else None


def test_start_and_stop_may_be_repeated(home: Path) -> None:
    server = EmbeddedPostgres(home, settings=HASTE)
    for _ in range(2):
        server.start()
        server.start()
        assert query(server, "SELECT current_user") == ("hub_owner",)
        server.stop()
        server.stop()
        assert not pid_file(home).exists()


def test_processes_that_start_together_share_one_server_and_the_last_one_stops_it(home: Path) -> None:
    users = [use(home) for _ in range(3)]
    assert len({said(user) for user in users}) == 1
    for user in users[:2]:
        leave(user)
    assert pid_file(home).exists()
    leave(users[2])
    assert not pid_file(home).exists()


def test_a_server_whose_users_were_killed_is_stopped(home: Path) -> None:
    user = use(home)
    assert said(user)
    user.kill()
    user.communicate()
    until(lambda: not pid_file(home).exists())


def test_what_was_committed_survives_a_crash_of_the_server(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    query(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(int(pid_file(home).read_text().split()[0]), signal.SIGKILL)
    server.stop()
    server.start()
    assert query(server, "SELECT answer FROM kept") == (42,)
    server.stop()


async def test_a_server_that_dies_under_a_running_hub_is_started_again(home: Path) -> None:
    async with database(Settings(home=home)) as urls:
        units = StoredUnits(urls.worker, urls.door, pool_size=1, overflow=0)
        await asyncio.to_thread(migrate, urls.owner)
        async with units.worker() as unit:
            assert await unit.partners.revision() == 0
        first = int(pid_file(home).read_text().split()[0])
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(60):
            while True:
                with suppress(Retry):
                    async with units.worker() as unit:
                        assert await unit.partners.revision() == 0
                    if int(pid_file(home).read_text().split()[0]) != first:
                        break
                await asyncio.sleep(0.1)
        await units.dispose()
    assert not pid_file(home).exists()


def test_a_pid_that_belongs_to_somebody_else_by_now_is_not_taken_for_the_server(home: Path) -> None:
    server = EmbeddedPostgres(home, settings=HASTE)
    server.start()
    os.kill(int(pid_file(home).read_text().split()[0]), signal.SIGKILL)
    server.stop()
    pid_file(home).write_text(re.sub(r"^\d+", str(os.getpid()), pid_file(home).read_text()))
    server.start()
    assert query(server, "SELECT 1") == (1,)
    server.stop()


def test_nobody_enters_without_the_generated_password(home: Path) -> None:
    server = EmbeddedPostgres(home, settings=HASTE)
    server.start()
    secret = server.url("hub_door")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(re.sub(r":[^:@]+@", ":guess@", secret)).close()
    assert query(server, "SHOW listen_addresses") == ("",)
    assert query(server, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules", "postgres") == (
        ["scram-sha-256"],)
    for path, mode in ((home / "postgres" / "passwords.json", 0o600), (server.data, 0o700)):
        assert stat.S_IMODE(path.stat().st_mode) == mode
    assert "password" not in (server.data / "server.log").read_text().replace("password authentication failed", "")
    server.stop()


def test_an_older_cluster_is_served_by_the_version_that_made_it(home: Path) -> None:
    for version in (16, 18):
        server = EmbeddedPostgres(home, version, HASTE)
        server.start()
        assert str(query(server, "SHOW server_version")).startswith("('16.")
        server.stop()


def test_a_version_that_the_wheel_does_not_have_is_refused(home: Path) -> None:
    with pytest.raises(Stop, match="not 12"):
        EmbeddedPostgres(home, 12).start()


def test_a_deep_home_gets_a_socket_that_the_kernel_accepts(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    server = EmbeddedPostgres(deep, settings=HASTE)
    server.start()
    assert query(server, "SELECT 1") == (1,)
    server.stop()


def test_a_socket_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trap").symlink_to(tmp_path)
    with pytest.raises(Stop, match="somebody else"):
        ground.owned(tmp_path / "trap", ground.Account())


@pytest.mark.parametrize("file", ["/etc/passwd", "/etc/group"])
def test_nothing_is_added_to_the_system(home: Path, file: str) -> None:
    before, mode = Path(file).read_bytes(), home.parent.stat().st_mode
    server = EmbeddedPostgres(home, settings=HASTE)
    server.start()
    server.stop()
    assert (Path(file).read_bytes(), home.parent.stat().st_mode) == (before, mode)


def test_programs_out_of_the_users_reach_are_copied_beside_the_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "traversable", lambda path: False)
    for _ in range(2):
        programs = ground.programs(18, tmp_path, ground.Account(65534, 65534))
        assert programs.is_relative_to(tmp_path)
    told = subprocess.run([programs / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    assert "18." in told


def test_a_home_out_of_the_users_reach_is_not_opened_but_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(ground, "ELSEWHERE", tmp_path / "elsewhere")
    place = ground.place(closed / "home", ground.Account(65534, 65534))
    assert place.parent == tmp_path / "elsewhere"
    assert str(place) in (closed / "home" / "postgres.txt").read_text()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert ground.place(tmp_path / "own", ground.Account()) == tmp_path / "own" / "postgres"


async def test_open_store_starts_migrates_serves_and_stops(home: Path) -> None:
    for _ in range(2):
        async with open_store(Settings(home=home)) as store:
            async with store.units.worker() as unit:
                assert await unit.partners.profiles() == []
            assert pid_file(home).exists()
        assert not pid_file(home).exists()


def test_hub_migrate_says_which_version_it_reached(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hub.cli import store
    from hub.cli.terminal import app

    monkeypatch.setenv("HUB_HOME", str(home))
    result = CliRunner().invoke(app, [store.migrate.__name__])
    assert result.exit_code == 0
    assert re.search(r"version \d{4}", result.output)
