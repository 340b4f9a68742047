"""What rules look back on, held against slow and plain definitions of the same, over made-up pasts."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from itertools import groupby
from statistics import fmean, median

from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.growth import means, slope
from services.rules.series import Mean, Series, Window
from services.rules.spells import Spells
from services.rules.usual import DAYS, Hours

KEEP = 60
values = st.one_of(st.none(), st.integers(-9, 9).map(float))
gaps = st.lists(st.tuples(st.integers(1, 20), values, st.integers(0, 15)), min_size=1, max_size=200)
few = settings(max_examples=60, deadline=None)


def _at(points: list[tuple[int, float | None, int]], second: int) -> float | None:
    """The value that held in this second."""
    before = [point for point in points if point[0] <= second]
    if not before:
        return None
    at, value, holds = before[-1]
    return value if second < at + holds else None


@few
@given(gaps, st.integers(1, KEEP))
def test_a_window_is_what_held_in_each_of_its_seconds(steps: list[tuple[int, float | None, int]], seconds: int) -> None:
    series, points, now = Series(KEEP), [], 100
    for gap, value, holds in steps:
        now += gap
        series.append(now, value, holds)
        points.append((now, value, holds))
    held = [value for second in range(now - seconds, now) if (value := _at(points, second)) is not None]
    window = series.window(seconds, now)
    assert window.mean.seen_s == len(held)
    assert (window.mean.value is None) == (not held)
    assert window.mean.value is None or abs(window.mean.value - fmean(held)) < 1e-9
    assert [*window.points] == [(at, value) for at, value, _ in points if now - seconds < at and value is not None]
    assert series.last() == points[-1][1]


def test_what_is_not_kept_any_more_was_not_seen() -> None:
    series = Series(KEEP)
    for n in range(200):
        series.append(10.0 * n, 1.0, 15.0)
    assert series.mean(KEEP, 1_990.0).seen_s == KEEP
    assert series.mean(1_990.0, 1_990.0).seen_s < 700.0


@few
@given(gaps, st.integers(0, KEEP))
def test_what_it_was_then_is_what_held_then(steps: list[tuple[int, float | None, int]], ago: int) -> None:
    series, points, now = Series(KEEP), [], 100
    for gap, value, holds in steps:
        now += gap
        series.append(now, value, holds + 0.5)
        points.append((now, value, holds + 1))
    assert series.at(now - ago) == _at(points, now - ago)


@few
@given(st.lists(st.tuples(st.integers(1, 20), st.sampled_from("ab")), min_size=1, max_size=60), st.integers(1, KEEP))
def test_spells_are_the_texts_that_were_seen_one_after_the_other(steps: list[tuple[int, str]], seconds: int) -> None:
    spells, seen, now = Spells(KEEP), [], 100
    for gap, text in steps:
        now += gap
        spells.append(now, text)
        seen.append((now, text))
    inside = [text for at, text in seen if at > now - seconds]
    before = [text for at, text in seen if at <= now - seconds]
    expected = [text for text, _ in groupby([*before[-1:], *inside])]
    assert [spell.text for spell in spells.window(seconds, now)] == expected


@few
@given(st.lists(st.tuples(st.floats(0, 59.9), st.integers(-9, 9).map(float)), max_size=50), st.integers(1, 6))
def test_parts_of_a_window_are_equally_long(points: list[tuple[float, float]], count: int) -> None:
    at, numbers = (array("d", column) for column in zip(*sorted(points), strict=True)) if points else (array("d"),) * 2
    found = means(Window(60.0, Mean(60.0, 60.0, None), at, numbers), count)
    for n, mean in enumerate(found):
        inside = [value for at, value in points if n * 60 / count <= at < (n + 1) * 60 / count]
        assert (mean is None) == (not inside)
        assert mean is None or abs(mean[1] - fmean(inside)) < 1e-9


@few
@given(st.lists(st.integers(-9, 9), min_size=3, max_size=30, unique=True), st.integers(-5, 5), st.integers(-50, 50))
def test_a_line_has_its_own_slope_whatever_a_quarter_of_its_points_say(at: list[int], rise: int, wild: int) -> None:
    line = [(float(x), float(rise * x + 3)) for x in sorted(at)]
    assert slope(line) == rise
    spoiled = len(line) // 8
    bent = [(x, y + (wild if n < spoiled else 0)) for n, (x, y) in enumerate(line)]
    assert slope(bent) == rise


@few
@given(st.dictionaries(st.integers(-40 * 24, 30), st.integers(0, 99).map(float), max_size=900), st.integers(0, 167))
def test_usual_is_the_median_of_this_hour_on_this_weekday(means: dict[int, float], offset: int) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=offset, minutes=20)
    hours = Hours()
    for hour in sorted(means):
        hours.add((now + timedelta(hours=hour)).timestamp(), means[hour])
    past = {(now + timedelta(hours=hour)).replace(minute=0): mean for hour, mean in means.items()}
    this = now.replace(minute=0)
    past = {hour: mean for hour, mean in past.items() if this - timedelta(weeks=4) <= hour < this}
    same = [mean for hour, mean in past.items() if (hour.weekday(), hour.hour) == (now.weekday(), now.hour)]
    days = len({hour.date() for hour in past})
    usual = hours.usual(now.timestamp())
    assert usual.days == days
    assert usual.value == (median(same) if len(same) >= 2 else None)
    assert bool(usual.lacks) == (days < DAYS or len(same) < 2)
