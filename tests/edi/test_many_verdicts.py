"""What is kept of a hundred thousand transactions is little, and says the same as if all of it were kept."""

from __future__ import annotations

import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mapping.seen import Seen
from hub.model.exchange import Interchange, Reading, Status, Verdict, Verdicts

HEAD = Interchange(ordinal=1, format="x12")
CONTROLS = st.lists(
    st.sampled_from(["1", "2", "3", "4", "9", "10", "11", "0001", "0002", "0003", "A1", "", "٣", "9" * 5000, "01"])
    | st.integers(0, 12).map(lambda n: f"{n:04d}"),
    max_size=30,
)


def reading(control: str | None, status: Status = Status.ACCEPTED, message: str = "850") -> Reading:
    return Reading(HEAD, 1, 1, message, "004010", control, status, None)


@settings(deadline=None, database=None, derandomize=True)
@given(CONTROLS)
def test_a_number_was_seen_when_it_was_there_before(controls: list[str]) -> None:
    seen, known = Seen(), set[str]()
    for control in controls:
        assert (control in seen) == (control in known)
        seen.add(control)
        known.add(control)
    assert all((control in seen) == (control in known) for control in ("0", "5", "12", "0004", "00001", "B", "1"))


@settings(deadline=None, database=None, derandomize=True)
@given(
    st.lists(
        st.builds(
            reading,
            st.none() | st.sampled_from(["1", "2", "3", "9", "10", "0001", "0002", "0003", "X", "9" * 5000]),
            st.sampled_from([Status.ACCEPTED, Status.ACCEPTED, Status.ACCEPTED, Status.REJECTED]),
            st.sampled_from(["850", "850", "850", "860"]),
        ),
        max_size=30,
    )
)
def test_verdicts_are_given_back_as_they_were_noted(readings: list[Reading]) -> None:
    verdicts, whole = Verdicts(), [Verdict.of(one) for one in readings]
    for one in readings:
        verdicts.add(one)
    assert verdicts == whole
    assert list(verdicts) == whole
    assert len(verdicts) == len(whole)
    assert [verdicts[at] for at in range(len(whole))] == whole
    assert list(verdicts[1:3]) == whole[1:3]


def test_numbers_that_count_up_take_no_room() -> None:
    tracemalloc.start()
    verdicts, seen = Verdicts(), Seen()
    for number in range(1, 9000):
        verdicts.add(reading(f"{number:04d}"))
        seen.add(f"{number:04d}")
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 50_000
    assert [v.control for v in verdicts][-1] == "8999"
