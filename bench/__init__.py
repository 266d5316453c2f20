"""Figures beside their limits, measured in the same run: `python -m bench.<name>`, for machines with `--json`."""
