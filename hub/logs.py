"""Logs: one event per line on standard error; for people on a terminal, as JSON everywhere else.

No payload and no secret stands in any line. Values of local variables never do (tracebacks are plain), and where an
exception's text may quote a message, `frames` says what happened and where without it.
"""

from __future__ import annotations

import logging
import sys
import traceback

import structlog
from structlog.typing import Processor

QUIET = ("alembic", "procrastinate", "apscheduler", "uvicorn", "httpx", "httpcore", "psycopg", "asyncio",
         "asyncssh")
"""Libraries whose own events say nothing that ours do not: only their warnings are written."""


def configure(level: str = "INFO") -> None:
    """Send events of `level` (a name of `logging`) and above to standard error: ours, written without a detour through
    `logging`, which would cost as much again; and the libraries'.

    Call it once, when a process of the hub starts.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending = _ending(sys.stderr.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *ending], wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr), cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    ))
    logging.basicConfig(level=number, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def _ending(terminal: bool) -> list[Processor]:
    if terminal:
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=str)]


def frames(error: BaseException, deepest: int = 6) -> str:
    """`ValueError < settle:88 inbound.py < …`: an exception and the functions it came through, innermost first."""
    passed = traceback.extract_tb(error.__traceback__)[-deepest:]
    places = [f"{frame.name}:{frame.lineno} {frame.filename.rsplit('/', 1)[-1]}" for frame in reversed(passed)]
    return " < ".join([type(error).__name__, *places])
