"""Sparklines, bars and plots: a gap where nothing is known, and never a crash."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from widgets.lines import text_of
from widgets.plot import Plot
from widgets.sparkline import bar, spark

values = st.lists(st.one_of(st.none(), st.floats()), max_size=300)


@given(values, st.integers(0, 40))
def test_a_sparkline_is_as_wide_as_asked(series: list[float | None], width: int) -> None:
    assert len(spark(series, width)) == width


def test_unknown_is_a_gap_and_zero_is_not() -> None:
    assert spark([0, None, 4, math.nan, 8], 5) == "▁ ▅ █"
    assert spark([1, 2], 5) == "   ▅█"


def test_a_peak_survives_the_downsampling() -> None:
    assert "█" in spark([1.0] * 500 + [90.0] + [1.0] * 500, 10)


def test_a_share_above_none_shows_and_an_unknown_one_says_so() -> None:
    assert (bar(0.0, 4), bar(0.001, 4), bar(1.0, 4), bar(None, 4)) == ("░░░░", "█░░░", "████", "?···")


@given(values)
def test_a_plot_takes_any_series(series: list[float | None]) -> None:
    tame = [v if v is None or not math.isfinite(v) else max(-1e12, min(1e12, v)) for v in series]
    plot = Plot(tuple((float(at), value) for at, value in enumerate(tame)), 300.0, "jobs")
    for row in plot.lines(40, 10):
        assert text_of(row).isprintable()


def test_a_plot_of_too_little_or_in_too_little_room_is_told_in_words() -> None:
    assert "not enough" in text_of(Plot(((0.0, 1.0),), 1.0).lines(40, 10)[0])
    series = tuple((float(at), float(at)) for at in range(10))
    assert text_of(Plot(series, 9.0, "jobs").lines(15, 3)[0]) == "now 9 jobs, between 0 and 9"
