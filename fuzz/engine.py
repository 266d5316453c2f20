"""Runs one target for some seconds. With atheris the inputs follow the coverage of our own code; without it, chance."""

from __future__ import annotations

import hashlib
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fuzz.mutate import mutated
from fuzz.seeds import CRASHERS, DICTIONARY, HOME, seeds

LONGEST = 16_000
CRASHED = 77
"""What libFuzzer exits with after an exception."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run went. `crasher` is the file that holds what broke the target."""

    target: str
    engine: str
    inputs: int
    seconds: float
    crasher: Path | None = None
    said: str = ""


def guided() -> bool:
    return importlib.util.find_spec("atheris") is not None


def run(target: str, seconds: float, seed: int) -> Ran:
    """Fuzz one target. Atheris works in a process of its own, so that instrumented code and a crash stay there."""
    return _atheris(target, seconds, seed) if guided() else by_chance(target, seconds, seed)


def by_chance(target: str, seconds: float, seed: int) -> Ran:
    """Mutations of the seeds, one after the other, until so many CPU seconds are used."""
    from fuzz.targets import TARGETS

    check, rng, all_ = TARGETS[target], random.Random(seed), seeds()
    began, inputs = time.process_time(), 0
    while time.process_time() - began < seconds:
        data = mutated(rng.choice(all_), rng.randrange(1 << 30), spare=rng.choice(all_))
        inputs += 1
        try:
            check(data)
        except Exception as wrong:
            return Ran(target, "chance", inputs, time.process_time() - began, keep(target, data), repr(wrong)[:600])
    return Ran(target, "chance", inputs, time.process_time() - began)


def keep(target: str, data: bytes) -> Path:
    """The input as a file of the tests, under the target's name."""
    CRASHERS.mkdir(parents=True, exist_ok=True)
    path = CRASHERS / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}.bin"
    path.write_bytes(data)
    return path


def _atheris(target: str, seconds: float, seed: int) -> Ran:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as room:
        home = Path(room)
        (home / "corpus").mkdir()
        for number, content in enumerate(seeds()):
            (home / "corpus" / f"{number:04d}").write_bytes(content)
        (home / "words").write_text("".join(f'"{_quoted(word)}"\n' for word in DICTIONARY))
        options = [f"-max_total_time={max(1, int(seconds))}", f"-seed={seed}", f"-max_len={LONGEST}", "-timeout=30"]
        options += [f"-artifact_prefix={home}/found-", "-rss_limit_mb=2048", f"-dict={home}/words"]
        options += ["-print_final_stats=1"]
        command = [sys.executable, "-m", "fuzz.engine", target, *options, str(home / "corpus")]
        done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, errors="replace")
        found = next(iter(sorted(home.glob("found-*"))), None)
        said = done.stdout + done.stderr
        crasher = keep(target, found.read_bytes()) if found else None
    if crasher is None and done.returncode:
        raise RuntimeError(f"the fuzzer stopped by itself with {done.returncode}: {said[-2000:]}")
    count = said.rpartition("stat::number_of_executed_units:")[2].split()[:1]
    wrong = said[said.find("=== Uncaught Python exception") :][:1500] if crasher else ""
    return Ran(target, "atheris", int(count[0]) if count else 0, time.monotonic() - began, crasher, wrong)


def _quoted(word: str) -> str:
    return "".join(c if c.isprintable() and c not in '"\\' else f"\\x{ord(c):02x}" for c in word)


def _inside(target: str, arguments: list[str]) -> None:
    """The process that atheris drives."""
    import atheris

    with atheris.instrument_imports(include=["adapters", "hub", "schemas"]):
        from fuzz.targets import TARGETS
    check: Callable[[bytes], None] = TARGETS[target]
    all_ = seeds()

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        """Half by libFuzzer, half by what we know of EDI."""
        if seed % 2 or not data:
            return bytes(atheris.Mutate(data, most))
        return mutated(data, seed, spare=all_[seed % len(all_)])[:most]

    atheris.Setup([sys.argv[0], *arguments], check, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    _inside(sys.argv[1], sys.argv[2:])
