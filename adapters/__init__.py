"""Verbs that speak a format or a wire: `mapping` (the table engine), `x12`, `edifact`, `csv`, `transports`."""
