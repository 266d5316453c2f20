"""The mark of a test for files whose dialect has none: their name."""

from __future__ import annotations

from pathlib import PurePosixPath

MARK = ".test"
"""Before a file's extension, or in the place of one."""
WITH_A_MARK = ("x12", "edifact")
"""Formats whose envelopes say it (ISA15, UNB 0035)."""


def by_name(filename: str | None) -> bool:
    """Whether a file's name says that it is a test, as `week47.test.csv` does."""
    return filename is not None and MARK in PurePosixPath(filename.lower()).suffixes[-2:]
