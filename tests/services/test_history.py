"""History: what is kept of a day of polls, and that a gap stays a gap."""

from __future__ import annotations

import tracemalloc

from services.history import COARSE_S, FINE_S, STEP_S, History
from services.readings import (
    NOT_RECORDED,
    AtLeast,
    Estimate,
    Fault,
    Figure,
    HealthCheck,
    HealthValues,
    Reading,
    RunsValues,
    StorageValues,
    Values,
)

START = 1_700_000_040.0  # on a minute


def _reading(at: float, values: Values | None, source: str = "s") -> Reading:
    fault = None if values else Fault("timeout", "no answer")
    return Reading(source, at, at, 0.1, 2.0, values, fault)


def _storage(read: Figure) -> StorageValues:
    return StorageValues("e", "b", True, read, 0.1, "", NOT_RECORDED, 1, 1, 1.0, "", 0.0, 0.0)


def _runs(*statuses: str) -> RunsValues:
    return RunsValues(tuple((s, 1) for s in statuses), 60.0, 0.0, 0.0, 0.0, (), ())


def test_each_poll_is_a_point_and_a_failed_or_unknown_one_a_gap() -> None:
    history = History()
    for at, values in enumerate(
        [_storage(0.5), None, _storage(NOT_RECORDED), _storage(Estimate(2)), _storage(AtLeast(3))]
    ):
        history.append(_reading(START + at, values))
    points = history.series("s", "canary_read_s")
    assert points == tuple((START + at, value) for at, value in enumerate([0.5, None, None, 2.0, 3.0]))


def test_what_is_gone_from_the_values_leaves_a_gap() -> None:
    history = History()
    history.append(_reading(START, _runs("queued", "running")))
    history.append(_reading(START + 1, _runs("queued")))
    assert history.series("s", "by_status.running") == ((START, 1.0), (START + 1, None))
    assert history.series("s", "by_status.queued") == ((START, 1.0), (START + 1, 1.0))


def test_sources_and_figures_are_kept_apart() -> None:
    history = History()
    check = HealthCheck("/a", True, 200, 0.25)
    history.append(_reading(START, HealthValues("x", (check,)), "api"))
    history.append(_reading(START, _storage(0.5), "storage"))
    assert history.series("api", "checks./a.latency_s") == ((START, 0.25),)
    assert history.series("storage", "checks./a.latency_s") == ()
    assert history.series("nothing", "failing") == ()
    assert "failing" in history.figures("api")


def test_older_points_become_the_mean_of_their_minute() -> None:
    history = History()
    polls = int(FINE_S + 10 * STEP_S) // 10
    for n in range(polls):  # a poll every 10 s, six a minute: 0 1 2 3 4 5, 6 ...
        history.append(_reading(START + 10.0 * n, _storage(float(n))))
    points = history.series("s", "canary_read_s")
    coarse = [point for point in points if point[0] < START + 8 * STEP_S]
    assert coarse == [(START + STEP_S * m, 6 * m + 2.5) for m in range(8)]
    assert list(points) == sorted(points)
    newest = points[-60:]
    assert [value for _, value in newest] == [float(n) for n in range(polls - 60, polls)]


def test_a_minute_of_failures_is_a_gap_and_one_good_poll_in_it_is_not() -> None:
    history = History()
    history.append(_reading(START - 10, _storage(1.0)))
    for n in range(int(FINE_S + 10 * STEP_S) // 10):
        history.append(_reading(START + 10.0 * n, _storage(7.0) if n >= 12 or n == 8 else None))
    points = dict(history.series("s", "canary_read_s"))
    assert (points[START], points[START + STEP_S], points[START + 2 * STEP_S]) == (None, 7.0, 7.0)


def test_a_day_and_a_half_of_polls_takes_a_bounded_place() -> None:
    history = History()
    tracemalloc.start()
    for n in range(int(1.5 * COARSE_S / 10)):
        history.append(_reading(START + 10.0 * n, _storage(float(n))))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    points = history.series("s", "canary_read_s")
    assert len(points) <= (COARSE_S + FINE_S) / STEP_S + (FINE_S + 2 * STEP_S) / 10
    assert points[-1][0] - points[0][0] <= COARSE_S + 2 * STEP_S
    assert used < 500_000  # four figures


def test_names_from_outside_cannot_fill_the_memory() -> None:
    history = History(limit=20)
    history.append(_reading(START, _storage(1.0), "storage"))
    for n in range(100):
        kept = history.append(_reading(START + n, _runs(*(f"made-up-{n}-{m}" for m in range(10)))))
        assert set(kept) <= set(history.figures("s")), "what is kept of them elsewhere is bounded as well"
    assert len(history.figures("s")) + len(history.figures("storage")) <= 20
    assert history.series("storage", "canary_read_s") == ((START, 1.0),)


def test_a_series_that_held_no_value_for_a_day_makes_room() -> None:
    history = History(limit=4)
    history.append(_reading(START, _runs("old")))
    for n in range(1, int(COARSE_S / 60) + 40):
        history.append(_reading(START + 60.0 * n, _runs()))
    history.append(_reading(START + 2 * COARSE_S, _runs("new")))
    assert "by_status.new" in history.figures("s")
