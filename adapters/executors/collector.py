"""How the garbage collector is set in a process that does the hub's work: a matter of the process, not of a library."""

from __future__ import annotations

import gc

THRESHOLDS = (200_000, 50, 1_000)
"""Documents are trees of thousands of objects without cycles: looking through them for some after every 700 new ones
costs a third of the time of reading them."""


def quieten() -> None:
    """What is loaded now stays for ever and is not looked through again; of the rest, seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
