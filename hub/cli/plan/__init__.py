"""`hub plan`: run a planning cycle, look at the joint forecast, at what the two sides disagree about, and settle it."""

from hub.cli.plan import cycle, exceptions, settle, show

__all__ = ["cycle", "exceptions", "settle", "show"]
