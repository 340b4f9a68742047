"""The window in the console against a naive one that forgets nothing."""

from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from services.queues.ordered import Ordered
from services.queues.window import Ended, JobsWindow
from services.readings import NO_DATA_YET, Estimate

WINDOW_S = 100.0

ends = st.builds(
    lambda at, id_, type_, failed, wait: Ended(at, id_, type_, "failed" if failed else "succeeded", wait, wait, "E"),
    st.floats(0, 400).map(lambda at: round(at, 1)),
    st.sampled_from("abcdefgh"),
    st.sampled_from(("x", "y")),
    st.booleans(),
    st.none() | st.integers(0, 50).map(float),
)


@given(st.lists(st.tuples(st.floats(0, 60), st.lists(ends, max_size=100)), max_size=8))
def test_any_feed_gives_what_reading_the_whole_window_would(polls: list[tuple[float, list[Ended]]]) -> None:
    window, now, seen = JobsWindow(WINDOW_S), 150.0, {}
    for step, entries in polls:
        now += step
        entries = [entry for entry in entries if entry.at <= now]
        window.feed(entries, now)
        for entry in entries:
            seen.setdefault((entry.id, entry.at), entry)
        seen = {key: entry for key, entry in seen.items() if entry.at > now - WINDOW_S}
        waits = sorted(entry.wait_s for entry in seen.values() if entry.wait_s is not None)
        assert window.all.ended == len(seen) == sum(tally.ended for tally in window.types.values())
        assert window.all.failed == sum(entry.state == "failed" for entry in seen.values())
        assert window.all.waits.at(0.5) == (statistics.median(waits) if waits else NO_DATA_YET)
        assert sum(window.minutes.values()) == len(seen)
        assert sum(sum(m.values()) for m in window.errors.minutes.values()) == window.all.failed


def test_memory_is_bounded_and_what_was_let_go_is_not_taken_in_again() -> None:
    window = JobsWindow(WINDOW_S, most=10)
    entries = [Ended(100.0 + at, str(at), "x", "succeeded", 1.0, 1.0) for at in range(30)]
    for _ in range(3):
        window.feed(entries, 130.0)
        assert (window.all.ended, len(window.kept)) == (10, 10)
        assert window.kept.cut(130.0)
    window.feed([], 229.5)
    assert window.all.ended == 0 and not window.kept.cut(229.5)


def test_an_estimate_says_so() -> None:
    values = Ordered()
    values.add([3.0, 1.0])
    assert values.at(0.5, estimated=True) == Estimate(2.0)
