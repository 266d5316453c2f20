"""All figures, one bench after the other: `make bench`, or `python -m bench [--json]`.

Each bench is a module of its own with more arguments; each runs in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys

BENCHES = ("edi", "xml", "ingest", "panel", "cycle", "exchange", "rpc")


def main() -> int:
    """The worst exit code of all benches."""
    return max(
        subprocess.run([sys.executable, "-m", f"bench.{name}", *sys.argv[1:]], check=False).returncode
        for name in BENCHES
    )


if __name__ == "__main__":
    sys.exit(main())
