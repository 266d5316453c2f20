"""One line of the checklist that a partner has to pass before it goes into business."""

from __future__ import annotations

from typing import Literal

from hub.model.value import Value


class Proof(Value):
    """`area`: what it sends (in), what it gets (out), how files travel (wire), its certificates. "open" is what could
    not be proven, because something is missing for it; `remedy` says what, or how to mend what failed."""

    area: Literal["in", "out", "wire", "certificates"]
    what: str
    outcome: Literal["passed", "open", "failed"]
    told: str
    remedy: str = ""
