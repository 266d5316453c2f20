"""Wires on which files come and go.

Every transport obeys three rules, and `tests/transports` runs them against each: the sender is told "got it" only after
`receive` has returned, which is after COMMIT; a file that may still grow is not taken; a repeat of the same bytes is
harmless. A new transport is one file here plus one line in the list of the transport suite.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hub.ports import Parcel, Receipt

Receive = Callable[[Parcel], Awaitable[Receipt]]
"""Stores a parcel and returns after COMMIT. Raises TooLarge or another Reject for what will never be taken, Retry for
what may be taken later; whatever it raises, nothing was stored."""
