"""The promises of `fuzz.targets`, on what broke them once, on small mutations, and on files that are nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.engine import by_chance
from fuzz.mutate import mutated
from fuzz.promises import Wrong, demand
from fuzz.seeds import CRASHERS, seeds
from fuzz.targets import TARGETS

CRASHED = sorted(CRASHERS.glob("*.bin"))
EXAMPLES = 40
BEGINNINGS = [b"UNA:+.? '", b"UNA:+.? '\r\n", b"UNA:+.? 'UNA:+.? '", b"\xef\xbb\xbf", b"UNA:+.? 'hello"]


@pytest.mark.parametrize("path", CRASHED, ids=lambda path: str(path.stem))
def test_what_broke_us_once_does_not_break_us_again(path: Path) -> None:
    TARGETS[path.stem.rsplit("-", 1)[0]](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_broken_messages_keep_every_promise(target: str, data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(seeds(longest=2_000)))
    spare = data.draw(st.sampled_from(seeds(longest=2_000)))
    TARGETS[target](mutated(content, data.draw(st.integers(0, 1 << 30)), spare=spare))


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
@given(st.binary(max_size=300))
def test_bytes_that_mean_nothing_keep_every_promise(target: str, content: bytes) -> None:
    TARGETS[target](content)


@pytest.mark.parametrize("head", BEGINNINGS)
def test_a_file_that_only_begins_is_told(head: bytes) -> None:
    for target in ("split", "envelope"):
        TARGETS[target](head)


def test_a_broken_promise_is_seen() -> None:
    with pytest.raises(Wrong, match="parts in order"):
        demand(False, "parts in order", [2, 1])


def test_fuzzing_by_chance_counts_its_inputs() -> None:
    ran = by_chance("split", 0.3, seed=1)
    assert (ran.target, ran.engine, ran.crasher) == ("split", "chance", None)
    assert ran.inputs > 1


def test_a_mutation_is_the_same_for_the_same_seed() -> None:
    content = seeds("x12")[0]
    assert mutated(content, 7) == mutated(content, 7)
    assert len({mutated(content, seed) for seed in range(50)}) > 30
