"""Messages with their jobs, workers in processes of their own, and patience with both."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from hub.ports import Parcel
from hub.store import StoredUnits, Urls
from tests.jobs.hand import Diary

ROOT = Path(__file__).parents[2]
Post = Callable[[str, str | None], Awaitable[str]]


async def eventually(seen: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until `seen`, or fail."""
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110  (what we wait for is outside of this process)
            await asyncio.sleep(0.05)


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path / "diary")


@pytest.fixture
def post(units: StoredUnits) -> Post:
    """Receive a text as a message, with its `process` job in the given lane; returns the message's id."""

    async def post(text: str, lane: str | None = "acme") -> str:
        async def chunks() -> AsyncIterator[bytes]:
            yield text.encode()

        async with units.door(None) as unit:
            parcel = Parcel(chunks(), "test", None, datetime(2026, 11, 22, tzinfo=UTC))
            receipt = await unit.inbox.receive(parcel, 1000)
            await unit.queue.defer("process", lock=lane, message=receipt.message)
        return receipt.message

    return post


@dataclass
class Crew:
    """Worker processes. All of them are gone when the test ends."""

    urls: Urls
    diary: Diary
    members: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def hire(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.jobs.hand", self.urls.worker, self.urls.door, str(self.diary.path)]
        self.members.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))
        return self.members[-1]

    def keep_one(self) -> None:
        """Hire again when everyone is dead."""
        if all(member.poll() is not None for member in self.members):
            self.hire()

    def dismiss(self) -> None:
        for member in self.members:
            with suppress(ProcessLookupError):
                member.kill()
            member.wait()


@pytest.fixture
def crew(urls: Urls, diary: Diary) -> Iterator[Crew]:
    crew = Crew(urls, diary)
    yield crew
    crew.dismiss()


@dataclass
class Jobs:
    """The job table, as a test sees it."""

    url: str

    def all(self) -> list[tuple[str, str, int]]:
        """Task, status and attempts of each job."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(
                "SELECT task_name::text, status::text, attempts FROM procrastinate_jobs ORDER BY id"
            ).fetchall()

    def over(self) -> bool:
        return not [status for _, status, _ in self.all() if status in ("todo", "doing")]

    def hurry(self) -> None:
        """Let all waiting be over."""
        with psycopg.connect(self.url) as connection:
            connection.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")


@pytest.fixture
def jobs(urls: Urls) -> Jobs:
    return Jobs(urls.worker)
