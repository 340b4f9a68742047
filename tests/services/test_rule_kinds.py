"""Kinds of rules over the figures of a source that is polled: windows, growth, age, what is missing, what changed."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from services.readings import NOT_RECORDED, AtLeast, HealthCheck, HealthValues, Unknown, Values
from services.rules.past import Past, Span
from tests.polled import EVERY, START, Polled, named, rule


def test_a_mean_over_a_window_needs_most_of_the_window() -> None:
    polled = Polled(rule("threshold", figure="figures.depth", over="mean", window="1m", value=5))
    polled.read(*[named(n) for n in (9, 9, 9, 9)])
    assert (polled.holds, polled.look().reason) == (None, "only 50% of the window was seen")
    polled.read(*[named(n) for n in (9, 9, 0)])
    assert (polled.holds, polled.look().value) == (True, 9.0)  # the newest has only just begun
    polled.read(None, None, None, named(0))
    assert polled.holds is None, "a gap was not observed"
    polled.read(*[named(0)] * 6)
    assert (polled.holds, polled.look().clears) == (False, True)


@pytest.mark.parametrize(("over", "value"), [("min", 0.0), ("max", 9.0), ("p50", 4.0), ("p95", 8.25)])
def test_each_way_to_look_at_a_window(over: str, value: float) -> None:
    polled = Polled(rule("threshold", figure="figures.depth", over=over, window="1m", value=5))
    polled.read(*[named(n) for n in (5, 9, 5, 0, 3, 6, 3)])
    assert polled.look().value == value


def test_a_count_in_the_window_that_stopped_at_its_cap_leaves_more_open() -> None:
    polled = Polled(rule("threshold", figure="figures.depth", over="max", window="1m", value=20_000))
    polled.read(*[named(n) for n in (7, AtLeast(10_000), 7, 7, 7, 7)])
    assert (polled.holds, polled.look().value) == (None, AtLeast(10_000))
    polled.read(*[named(7)] * 7)
    assert polled.holds is False


def test_a_window_goes_on_from_the_minutes_that_were_kept_over_a_restart() -> None:
    polled = Polled(rule("threshold", figure="figures.depth", over="mean", window="10m", value=5))
    polled.past.restore([Span("s", "figures.depth", START - 60.0 * n, 8.0) for n in range(10, 0, -1)])
    polled.read(named(2))
    assert (polled.holds, polled.look().value) == (True, 8.0)
    assert polled.past.history.series("s", "figures.depth")[0] == (START - 600.0, 8.0), "the panes have them too"


def test_a_figure_is_kept_for_the_longest_window_that_any_rule_has_for_it() -> None:
    keys = {"over": "mean", "value": 5}
    rules = {
        "long": rule("threshold", figure="figures.depth{*}", window="30m", **keys),
        "short": rule("threshold", figure="figures.depth{at=1}", window="1m", **keys),
    }
    polled = Polled(rules["long"])
    polled.past = Past(rules)
    polled.read(*[named(9, 9)] * 200)
    assert [look.holds for look in polled.looks()] == [True, True]


def test_names_from_outside_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.rules.record.LIMIT", 3)
    polled = Polled(rule("threshold", figure="figures.depth{*}", over="mean", window="1m", value=5))
    for _ in range(8):
        polled.read(named(*[9] * 5))
    assert [look.holds for look in polled.looks()] == [True, True, True, None, None]


def test_between_threshold_and_clear_it_neither_holds_nor_clears() -> None:
    polled = Polled(rule("threshold", figure="figures.depth", value=5, clear=3))
    for depth, told in ((6, (True, False)), (4, (False, False)), (3, (False, True))):
        polled.read(named(depth))
        assert (polled.look().holds, polled.look().clears) == told


def test_what_is_no_number_is_not_on_the_good_side() -> None:
    look = Polled(rule("threshold", figure="figures.depth", value=5)).read(named(math.nan)).look()
    assert (look.holds, look.clears, look.reason) == (None, None, "it is reported as not a number")


def test_a_star_makes_an_instance_of_each_name_and_of_each_set_of_labels() -> None:
    polled = Polled(rule("threshold", figure="figures.depth{*}", value=5)).read(named(9, 1, NOT_RECORDED))
    assert [(look.labels, look.holds) for look in polled.looks()] == [
        ((("at", "0"),), True),
        ((("at", "1"),), False),
        ((("at", "2"),), None),
    ]
    checks = tuple(HealthCheck(path, True, 200, latency) for path, latency in (("/a", 0.1), ("/b", 2.0)))
    endpoints = Polled(rule("threshold", figure="checks.*.latency_s", value=1)).read(HealthValues("x", checks))
    assert [(look.labels, look.holds) for look in endpoints.looks()] == [
        ((("path", "/a"),), False),
        ((("path", "/b"),), True),
    ]


def test_without_any_instance_one_look_says_that_there_is_none() -> None:
    look = Polled(rule("threshold", figure="figures.depth{*}", value=5)).read(named()).look()
    assert (look.labels, look.holds, look.reason) == ((), None, "there is no figures.depth{*} now")


GROWTH = {"figure": "figures.depth", "window": "15m", "part": "5m"}


@pytest.mark.parametrize(
    ("depth", "grows"),
    [
        (lambda t: 100 + t / 20, True),  # 45 in 15 minutes
        (lambda t: 100 + t / 20 + (80 if t % 70 == 0 else 0), True),  # and now and then a peak
        (lambda t: 100 + t / 200, False),  # 4.5: less than ten
        (lambda t: 1_000 + t / 20, False),  # 45 of 1,000: less than a tenth
        (lambda t: 100.0, False),
        (lambda t: 100 - t / 20, False),
        (lambda t: 100 + (50 if t >= 450 else 0), True),  # a step is growth, until it is past
        (lambda t: 100 + (50 if t >= 200 else 0), False),  # a step, and then a plateau
        (lambda t: 100 + (900 if t == 450 else 0), False),  # a peak
        (
            lambda t: 100 - t / 100 + (50 + t // 6 if t % 100 == 0 else 0),
            False,
        ),  # it falls, with higher and higher peaks
    ],
)
def test_growth_is_a_trend_with_each_part_above_the_last_and_enough_in_all(
    depth: Callable[[float], float], grows: bool
) -> None:
    polled = Polled(rule("growth", **GROWTH))
    for n in range(91):
        polled.read(named(depth(n * EVERY)))
    assert (polled.holds, polled.look().clears) == (grows, not grows)


def test_growth_that_was_not_seen_for_long_enough_is_unknown() -> None:
    polled = Polled(rule("growth", **GROWTH)).read(*[named(5 * n) for n in range(60)])
    assert (polled.holds, polled.look().reason) == (None, "only 66% of 15 min was seen")


def test_an_age_counts_from_the_point_in_time_that_is_told() -> None:
    polled = Polled(rule("age", figure="figures.newest_at", value="26h", clear="25h"))
    for hours, told in ((24.9, (False, True)), (25.5, (False, False)), (26.5, (True, False)), (-1.0, (False, True))):
        polled.read(named(START - 3_600 * hours, name="newest_at"))
        assert (polled.look().holds, polled.look().clears) == told
    polled.read(named(Unknown("no data yet", "no backup was ever made"), name="newest_at"))
    assert (polled.holds, polled.look().reason) == (None, "no data yet: no backup was ever made")


def test_what_was_old_when_it_was_read_has_grown_older_since() -> None:
    polled = Polled(rule("age", figure="figures.age", unit="s", value=60)).read(named(58.0, name="age"))
    assert polled.holds is False
    polled.past.at(polled.past.mono + 3.0, START)
    assert polled.look().value == 61.0


@pytest.mark.parametrize(
    ("values", "absent"),
    [
        (named(0), False),
        (named(3, name="other"), True),
        (named(Unknown("no data yet")), True),
        (named(Unknown("not permitted", "no right to see it")), None),
        (named(Unknown("failed")), None),
    ],
)
def test_what_is_missing_is_told_from_what_may_not_be_seen(values: Values, absent: bool | None) -> None:
    assert Polled(rule("absent", figure="figures.depth")).read(values).holds is absent


def _version(text: str) -> HealthValues:
    return HealthValues("x", (HealthCheck("/v", True, 200, 0.1, text),))


def test_a_text_has_changed_when_it_was_seen_as_another_in_the_window() -> None:
    polled = Polled(rule("change", figure="checks.*.version", window="2m")).read(*[_version("1.0")] * 6)
    assert (polled.holds, polled.look().reason) == (None, "seen for 1 of 2 min")
    assert polled.read(_version("1.1")).holds is True, "one change is enough, however short it was looked at"
    assert polled.read(*[_version("1.1")] * 11).holds is True
    assert polled.read(*[_version("1.1")] * 2).holds is False


def test_a_number_has_changed_at_all_or_by_more_than_is_allowed_against_then() -> None:
    any_change = Polled(rule("change", figure="figures.depth", window="1m")).read(*[named(5)] * 7)
    assert any_change.holds is False
    assert any_change.read(named(6), named(5)).holds is True
    by_half = Polled(rule("change", figure="figures.depth", window="1m", more_than=0.5, unit="share"))
    by_half.read(*[named(10)] * 6)
    assert (by_half.holds, by_half.look().reason) == (None, "what it was 1 min ago was not seen")
    assert by_half.read(named(14)).holds is False
    assert by_half.read(named(16)).holds is True
    assert by_half.read(named(4)).holds is True
    assert by_half.read(*[named(5)] * 6).holds is False, "against a minute ago, when it was 4"


def test_a_count_is_judged_by_its_rise_alone_and_a_low_one_at_once() -> None:
    restarts = Polled(rule("change", figure="figures.depth", window="1m", more_than=2, unit="count"))
    assert restarts.read(named(2)).holds is False, "it cannot have risen by more than 2"
    restarts.read(*[named(9)] * 7)
    assert restarts.holds is False
    assert restarts.read(named(12)).holds is True
    assert restarts.read(named(0)).holds is False, "begun anew by a start by hand"
    again = Polled(restarts.rule).read(*[named(4)] * 7)
    assert again.holds is False
    assert again.read(named(3)).holds is True, "three since it began anew, whatever it was before"
    assert Polled(restarts.rule).read(named(9)).holds is None, "how much of it is old is not known"
