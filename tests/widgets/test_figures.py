"""Numbers are told with their unit, and what is not known is never told as a number."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from services.alerts import Alerts
from services.readings import NOT_RECORDED, AtLeast, Estimate, Figure
from tests import samples
from widgets import alerts, figures


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1234, "1,234"), (12_345, "12.3k"), (1_250_000, "1.25M"), (0.5, "0.5"), (Estimate(1234), "~1.23k"),
     (AtLeast(10_000), "10k+"), (999_990, "1M"), (-20_000, "-20k")],
)  # fmt: skip
def test_a_count_is_exact_while_that_is_short(value: Figure, shown: str) -> None:
    assert figures.figure(value) == (shown, "")


_TELLING = [figures.figure, figures.span, figures.share, figures.size, figures.percent, figures.milliseconds]


@pytest.mark.parametrize("value", [NOT_RECORDED, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("tell", _TELLING)
def test_what_is_not_known_is_a_question_mark_and_never_zero(tell: object, value: Figure) -> None:
    assert tell(value) == ("?", "unknown")  # type: ignore[operator]


def test_an_unknown_figure_keeps_its_unit() -> None:
    assert figures.figure(NOT_RECORDED, "active") == ("? active", "unknown")


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (0.0004, "1 ms"), (0.34, "340 ms"), (4.25, "4.2 s"), (9.96, "9 s"), (61, "61 s"), (120, "2 m"),
     (7199, "119 m"), (7200, "2 h"), (172_800, "2 d"), (-30, "-30 s"), (None, "?")],
)  # fmt: skip
def test_a_duration_has_one_unit(seconds: float | None, shown: str) -> None:
    assert figures.duration(seconds) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0, "0 %"),
        (0.0004, "<0.1 %"),
        (0.042, "4.2 %"),
        (0.42, "42 %"),
        (0.9972, "99.7 %"),
        (0.99999, ">99.9 %"),
        (1, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(share: float, shown: str) -> None:
    assert figures.share(share)[0] == shown


def test_bytes_are_told_in_powers_of_a_thousand() -> None:
    assert [figures.size(n)[0] for n in (0, 999, 12_400_000_000, Estimate(2e12))] == [
        "0 B",
        "999 B",
        "12.4 GB",
        "~2 TB",
    ]


def test_an_age_moves_in_steps_so_that_a_quiet_screen_stays_quiet() -> None:
    told = [figures.age(second) for second in range(120)]
    assert len(set(told)) == 13
    assert (told[4], told[7], told[59], told[61]) == ("now", "5 s", "55 s", "1 m")


def test_a_moment_ahead_of_us_is_told_as_such() -> None:
    assert figures.ago(100, 40) == "in 60 s"
    assert figures.ago(None, 40) == "?"


def test_percent_and_milliseconds_are_told_like_shares_and_durations() -> None:
    assert figures.percent(99.5) == ("99.5 %", "") and figures.percent(Estimate(5)) == ("~5.0 %", "")
    assert figures.milliseconds(820) == ("820 ms", "") and figures.milliseconds(1500) == ("1.5 s", "")


def test_of_an_alert_about_a_long_path_the_end_is_shown() -> None:
    (first, *_) = samples.alerts().by_key.values()
    about = replace(first, title="Disk is full", labels=(("mount", "/opt/somewhere/deep/down/app/logs"),))
    (row,) = alerts.alerts(Alerts({"x": about}), samples.NOW, lambda _: ()).rows
    assert row.cells[2] == "Disk is full: …here/deep/down/app/logs"
