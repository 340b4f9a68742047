"""Each kind of rule over a source that is polled: what it says of growth, of age, of what is missing, of rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.profile import AnyRule
from services.profile.rules import Rule
from services.readings import (
    NOT_RECORDED,
    AtLeast,
    Fault,
    Figure,
    HealthCheck,
    HealthValues,
    NamedFigure,
    NamedValues,
    Reading,
    Unknown,
    Values,
)
from services.readings.metrics import MetricFamily, MetricSample, MetricsValues
from services.rules.kinds import RULES
from services.rules.look import Look
from services.rules.past import Past, Span

START = 1_767_618_000.0  # a Monday, 13:00 UTC
EVERY = 10.0


def rule(kind: str, **keys: Any) -> AnyRule:
    data = {"title": "x", "source": "s", "kind": kind, **keys}
    found: AnyRule = TypeAdapter(Rule).validate_python(data, strict=False)
    return found


class Polled:
    """A source, what is known of its past, and what a rule makes of it."""

    def __init__(self, rule: AnyRule, every: float = EVERY) -> None:
        self.rule, self.every = rule, every
        self.past = Past({"r": rule})
        self.past.at(1_000.0, START)

    def read(self, *each: Values | None, after: float | None = None) -> Polled:
        for values in each:
            mono = self.past.mono + (self.every if after is None else after)
            fault = None if values else Fault("timeout", "no answer")
            self.past.take(Reading("s", START - 1_000.0 + mono, mono, 0.1, self.every, values, fault))
        return self

    def looks(self, level: str = "page") -> tuple[Look, ...]:
        return RULES[self.rule.kind](self.rule, dict(self.rule.levels)[level], self.past)  # type: ignore[index]

    def look(self, level: str = "page") -> Look:
        (found,) = self.looks(level)
        return found

    @property
    def holds(self) -> bool | None:
        return self.look().holds


def named(*figures: Figure, name: str = "depth") -> NamedValues:
    """Several figures of one name are told apart by the label `at`."""
    labels = [(("at", str(n)),) for n in range(len(figures))] if len(figures) > 1 else [()] * len(figures)
    return NamedValues("x", tuple(NamedFigure(name, value, "", at) for value, at in zip(figures, labels, strict=True)))


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


# -- metrics ----------------------------------------------------------------------------------------------------------


def scrape(*series: tuple[str, dict[str, str], float], kind: str = "counter") -> MetricsValues:
    samples = tuple(MetricSample(name, tuple(sorted(labels.items())), value) for name, labels, value in series)
    names: dict[str, set[str]] = {}
    for sample in samples:
        names.setdefault(sample.name, set()).update(label for label, _ in sample.labels)
    families = tuple(MetricFamily(name, kind, tuple(labels)) for name, labels in names.items())
    return MetricsValues("x", samples, families, 1.0, len(samples), 100)


def requests(good: float, bad: float, service: str = "shop") -> Sequence[tuple[str, dict[str, str], float]]:
    return [
        ("http_requests_total", {"status": status, "service": service}, count)
        for status, count in (("200", good), ("500", bad))
    ]


RATIO = {
    "bad": {"metric": "http_requests_total", "match": {"status": "~5.."}},
    "all": {"metric": "http_requests_total"},
}
TWO_LEVELS = {"warn": {"value": 0.03, "window": "1m", "clear": 0.02}, "page": {"value": 0.05, "window": "30s"}}


def test_a_ratio_is_of_increases_with_a_window_for_each_level_and_an_instance_for_each_group() -> None:
    polled = Polled(rule("ratio", **RATIO, **TWO_LEVELS, by=["service"], min_events=50))
    for n in range(8):  # 4 % of the shop's requests fail, 10 % of the café's, which has hardly any
        polled.read(scrape(*requests(960 + 96 * n, 40 + 4 * n), *requests(90 + 0.9 * n, 10 + 0.1 * n, "café")))
    warn, page = ({dict(look.labels)["service"]: look for look in polled.looks(level)} for level in ("warn", "page"))
    assert (warn["shop"].holds, page["shop"].holds, page["shop"].clears) == (True, False, True)
    assert warn["shop"].value == pytest.approx(0.04)
    assert (warn["café"].holds, warn["café"].reason) == (None, "only 6 of 50 events needed")


def test_a_ratio_without_traffic_or_with_half_a_window_is_unknown() -> None:
    polled = Polled(rule("ratio", **RATIO, value=0.05, window="1m"))
    polled.read(scrape(*requests(100, 50)), scrape(*requests(200, 100)), scrape(*requests(300, 150)))
    assert (polled.holds, polled.look().reason) == (None, "only 33% of the window was seen")
    polled.read(*[scrape(*requests(300, 150))] * 8)
    assert (polled.holds, polled.look().reason) == (None, "no data yet: nothing was counted in the window")


def histogram(**counts: float) -> MetricsValues:
    """`b01=5`: five of at most 0.1 s."""
    bounds = {"b01": "0.1", "b08": "0.8", "b1": "1", "inf": "+Inf"}
    return scrape(*[("t_bucket", {"le": bounds[name]}, count) for name, count in counts.items()])


def test_where_a_bucket_ends_at_the_threshold_the_count_beyond_it_decides() -> None:
    exact = Polled(rule("quantile", histogram="t", q=0.95, value=0.8, window="1m"))
    exact.read(*[histogram(b01=90.0 * n, b08=94.0 * n, b1=100.0 * n, inf=100.0 * n) for n in range(8)])
    assert exact.holds is True
    assert exact.look().value == pytest.approx(0.8 + 0.2 / 6)
    just = Polled(rule("quantile", histogram="t", q=0.95, value=0.8, window="1m"))
    just.read(*[histogram(b01=90.0 * n, b08=95.0 * n, b1=100.0 * n, inf=100.0 * n) for n in range(8)])
    assert just.holds is False


def test_between_two_buckets_a_quantile_is_interpolated_and_in_the_top_one_it_is_at_least() -> None:
    between = Polled(rule("quantile", histogram="t", q=0.95, value=0.5, window="1m"))
    between.read(*[histogram(b01=90.0 * n, b08=100.0 * n, b1=100.0 * n, inf=100.0 * n) for n in range(8)])
    assert (between.holds, between.look().value) == (False, pytest.approx(0.45))
    beyond = Polled(rule("quantile", histogram="t", q=0.95, value=0.9, clear=0.5, window="1m"))
    beyond.read(*[histogram(b01=0, b08=0, b1=50.0 * n, inf=100.0 * n) for n in range(8)])
    assert (beyond.look().holds, beyond.look().clears, beyond.look().value) == (True, False, AtLeast(1))


def test_a_threshold_that_no_bucket_reaches_is_unknown_however_quick_everything_is() -> None:
    polled = Polled(rule("quantile", histogram="t", q=0.95, value=60.0, window="1m"))
    polled.read(*[histogram(b01=100.0 * n, b08=100.0 * n, b1=100.0 * n, inf=100.0 * n) for n in range(8)])
    assert (polled.holds, polled.look().reason) == (
        None,
        "the last bucket of t ends at 1: whether it is > 60 is never known",
    )


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("ratio", {**RATIO, "value": 0.1}),
        ("burn", {**RATIO, "objective": 0.9, "page": {}}),
        ("baseline", {"metric": "http_requests_total", "factor": 3, "floor": 1}),
    ],
)
def test_what_its_page_calls_a_gauge_has_no_rate(kind: str, keys: dict[str, Any]) -> None:
    polled = Polled(rule(kind, **keys)).read(*[scrape(*requests(9 * n, n), kind="gauge") for n in range(60)])
    assert polled.holds is None
    assert polled.look().reason == "http_requests_total is a gauge: it has no rate, so this never fires"


def test_a_metric_is_missing_when_the_newest_page_has_no_series_that_matches() -> None:
    polled = Polled(rule("absent", metric="http_requests_total", match={"status": "500"}))
    assert polled.read(scrape(*requests(1, 1))).holds is False
    assert polled.read(scrape(requests(1, 1)[0])).holds is True


BURN = {**RATIO, "objective": 0.99}  # a hundredth of the requests may fail


def _burning(polled: Polled, share: float, seconds: float, total: float = 0.0, bad: float = 0.0) -> tuple[float, float]:
    for _ in range(int(seconds / polled.every)):
        total, bad = total + 100 * (1 - share), bad + 100 * share
        polled.read(scrape(*requests(total, bad)))
    return total, bad


def test_a_budget_burns_when_it_does_over_the_long_window_and_still_over_the_short_one() -> None:
    polled = Polled(rule("burn", **BURN, page={}), every=60.0)
    counted = _burning(polled, 0.005, 1_800)
    assert polled.holds is False, "the short windows alone show that neither pair holds"
    counted = _burning(polled, 0.2, 3_600, *counted)
    assert (polled.holds, polled.look().value) == (True, pytest.approx(20))  # of the first pair: 20 / 14.4
    counted = _burning(polled, 0.0, 300, *counted)
    assert polled.holds is None, "not over the last 5 minutes; of the six hours too little was seen"
    _burning(polled, 0.0, 1_800, *counted)
    assert (polled.holds, polled.look().clears) == (False, True)


def test_before_a_restart_the_budget_burned_as_the_minutes_say_that_were_kept() -> None:
    told = rule("burn", **BURN, page={})
    polled = Polled(told, every=60.0)
    kept = [
        Span("s", f"rate(http_requests_total{chosen})", START - 60.0 * (60 - n), value)
        for n in range(60)
        for chosen, value in (("{status=~5..}", 3.0), ("", 10.0))
    ]
    polled.past.restore(kept)
    _burning(polled, 0.3, 420)
    assert (polled.holds, polled.look().value) == (True, pytest.approx(30, rel=0.05))


# -- what is usual ----------------------------------------------------------------------------------------------------


def _hours(days: int, usual: float, path: str = "figures.depth") -> list[Span]:
    """Of the last days: `usual` at this hour of the week, ten times as much at any other."""
    return [
        Span("s", path, START - 3_600.0 * n, usual if n % 168 == 0 else 10 * usual) for n in range(24 * days, 0, -1)
    ]


BASELINE = {"figure": "figures.depth", "window": "1m"}


def _usual(depth: float, days: int = 28, usual: float = 20.0, **keys: Any) -> Look:
    polled = Polled(rule("baseline", **BASELINE, **keys))
    polled.past.learn(_hours(days, usual))
    return polled.read(*[named(depth)] * 7).look()


@pytest.mark.parametrize(
    ("depth", "direction", "holds"),
    [(59, "up", False), (61, "up", True), (5, "up", False), (5, "down", True), (7, "down", False), (61, "both", True)],
)
def test_it_is_held_against_the_same_hour_of_the_week(depth: float, direction: str, holds: bool) -> None:
    look = _usual(depth, factor=3, floor=5, direction=direction)
    assert (look.holds, look.clears) == (holds, not holds)


def test_hardly_anything_counts_as_the_floor() -> None:
    assert _usual(9, usual=1, factor=3, floor=5).holds is False
    assert _usual(16, usual=1, factor=3, floor=5).holds is True
    assert _usual(0, usual=1, factor=3, floor=5, direction="down").holds is False, "a quiet hour is no fall"


def test_before_two_weeks_are_learned_nothing_is_usual() -> None:
    look = _usual(1_000, days=3, factor=3, floor=5)
    assert (look.holds, look.reason) == (None, "learning 4 of 14 days")
    assert _usual(1_000, days=0, factor=3, floor=5).reason == "learning 0 of 14 days"


def test_the_rate_of_a_counter_has_its_usual_too() -> None:
    counted = {"metric": "http_requests_total", "match": {"status": "500"}, "by": ["service"], "window": "1m"}
    polled = Polled(rule("baseline", **counted, factor=3, floor=0.1))
    polled.past.learn(_hours(28, 1.0, "rate(http_requests_total{status=500}){service=shop}"))
    polled.read(*[scrape(*requests(0, 40.0 * n)) for n in range(8)])
    assert (polled.look().labels, polled.holds, polled.look().value) == ((("service", "shop"),), True, 4.0)
