"""Whether a charset can carry a text, and where it cannot: told before anything has a number."""

from __future__ import annotations

import re

from hub.errors import Reject


def carried(text: str, codec: str, charset: str, element: str, segment: str, odd: str | None = None) -> None:
    """Raises Reject CHARACTER_NOT_ALLOWED for the first character of `text` that `codec` cannot carry, or that matches
    `odd`, with its segment and element. `element` and `segment` are the separators."""
    at = None
    if odd is not None and (found := re.search(odd, text)):
        at = found.start()
    if at is None and not text.isascii():
        try:
            text.encode(codec)
        except UnicodeEncodeError as wrong:
            at = wrong.start
    if at is None:
        return
    before = re.split(rf"(?<!\?)(?:\?\?)*{re.escape(segment)}", text[:at])
    parts = re.split(rf"(?<!\?)(?:\?\?)*{re.escape(element)}", before[-1])
    tag = parts[0] or "the segment"
    raise Reject(
        f"{tag} (segment {len(before)} of the content), element {len(parts) - 1}: the character {text[at]!r} is not of "
        f"the charset {charset}; write it otherwise, or agree on another charset with the receiver ([writing] charset)",
        reason="CHARACTER_NOT_ALLOWED",
    )
