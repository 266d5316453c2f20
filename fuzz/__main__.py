"""`python -m fuzz`: all targets, or those named, for so many CPU seconds together. Exit code 1 when one broke."""

from __future__ import annotations

import argparse
import os

from fuzz.engine import run
from fuzz.targets import TARGETS


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", default=[], help=f"of {', '.join(TARGETS)}; all when none is named")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("SECONDS_TO_FUZZ", "600")))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    names = asked.targets or list(TARGETS)
    if unknown := set(names) - TARGETS.keys():
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    broken = 0
    for name in names:
        ran = run(name, asked.seconds / len(names), asked.seed)
        print(f"{name:10} {ran.inputs:>10,} inputs in {ran.seconds:6.1f} s by {ran.engine}", flush=True)
        if ran.crasher:
            broken += 1
            print(f"  broken by {ran.crasher.name}\n{ran.said}", flush=True)
    print("nothing was found" if not broken else f"{broken} target(s) broke: see tests/edi/crashers")
    return int(broken > 0)


if __name__ == "__main__":
    raise SystemExit(main())
