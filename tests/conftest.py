"""What all tests may ask for: `settings`, `urls` and `units` on a fresh, migrated, empty database."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog
from hypothesis.internal.conjecture import providers

from hub.settings import Settings
from hub.store import StoredUnits, Urls
from tests.database import Server, lent, serve

hypothesis.settings.register_profile("hub", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("hub")
"""Everywhere the same documents, on machines that are busy as well; `make fuzz` looks for new ones."""
providers.HypothesisProvider._local_constants = providers._local_constants  # type: ignore[assignment]
"""None. Hypothesis would draw from the constants of the modules of ours that are loaded so far as well, and they are
others in every order of the tests: a document that failed once would not come again."""


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """A command that a test runs in this process sets up logs; the next test finds them as they were."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """PostgreSQL of the newest version in the wheel."""
    yield from serve(18)


@pytest.fixture
def urls(server: Server) -> Iterator[Urls]:
    """The three logins of a fresh database."""
    with lent(server) as urls:
        yield urls


@pytest.fixture
def settings(urls: Urls, tmp_path: Path) -> Settings:
    """Settings of a hub on that database, with a home of its own."""
    return settings_for(urls, tmp_path)


def settings_for(urls: Urls, place: Path) -> Settings:
    """Whatever doors it opens, the machine picks the ports."""
    return Settings(
        home=place / "home", database_url=urls.owner, worker_url=urls.worker, door_url=urls.door,
        http_port=0, grpc_port=0, grpc_token_port=0,
    )


@pytest.fixture
async def units(urls: Urls) -> AsyncIterator[StoredUnits]:
    """Transactions on a fresh, migrated, empty database."""
    opened = StoredUnits(urls.worker, urls.door, pool_size=4, overflow=4)
    yield opened
    await opened.dispose()
