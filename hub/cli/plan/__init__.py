"""`hub plan`: run a planning cycle, look at the joint forecast, at what the two sides disagree about, and settle it."""

from hub.cli.plan import (
    business,
    compare,
    cycle,
    due,
    edit,
    exceptions,
    performance,
    revise,
    settle,
    show,
    what_if,
)

__all__ = ["business", "compare", "cycle", "due", "edit", "exceptions", "performance", "revise", "settle", "show",
           "what_if"]
