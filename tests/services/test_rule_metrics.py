"""Kinds of rules over scraped metrics: ratios, quantiles, budgets that burn, and what is usual at this hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.readings import AtLeast, Fault, Reading
from services.readings.metrics import MetricFamily, MetricSample, MetricsValues
from services.rules.look import Look
from services.rules.past import Span
from tests.polled import START, Polled, named, rule


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


def nodes(**pressed: float) -> MetricsValues:
    series = [("node", {"node": node, "condition": "MemoryPressure"}, value) for node, value in pressed.items()]
    return scrape(*series, ("node", {"node": "a", "condition": "Ready"}, 1.0), kind="gauge")


def test_gauges_are_added_up_by_group_and_none_of_the_kind_is_zero_only_where_the_page_knows_the_metric() -> None:
    keys = {"metric": "node", "match": {"condition": "~.*Pressure"}, "value": 0}
    each = Polled(rule("gauge", **keys, by=["node"])).read(nodes(a=0, b=1))
    assert {look.labels: look.holds for look in each.looks()} == {(("node", "a"),): False, (("node", "b"),): True}
    together = Polled(rule("gauge", **keys)).read(nodes(a=1, b=1))
    assert (together.holds, together.look().value) == (True, 2)
    assert (together.read(nodes()).holds, together.look().value) == (False, 0), "the page has the metric, and no such"
    assert (together.read(scrape()).holds, together.look().labels) == (None, ())
    worst = Polled(rule("gauge", **keys, of="max")).read(nodes(a=3, b=float("nan")))
    assert (worst.holds, worst.look().reason) == (None, "it is reported as not a number")
    assert worst.read(nodes(a=3, b=1)).look().value == 3
    assert worst.read(nodes()).holds is None, "of nothing there is no largest"


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


FAILED = {True: Fault("timeout", "no answer"), False: None}
NAMES = ("shop", "café")
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


def test_a_rate_is_recorded_by_the_minute_and_not_beyond_its_last_scrape() -> None:
    polled = Polled(rule("burn", **BURN, by=["service"]), every=30.0)
    taken = []
    for n in range(9):
        lines = [*requests(30.0 * n, 0), *(requests(60.0 * n, 0, "café") if n < 5 else ())]
        reading = Reading("s", START, 1_030.0 + 30 * n, 0.1, 30.0, scrape(*lines) if n != 3 else None, FAILED[n == 3])
        taken.append(polled.past.take(reading))
    shop, café = ([each.get(f"rate(http_requests_total){{service={of}}}", "-") for each in taken] for of in NAMES)
    assert shop == ["-", "-", 1.0, None, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert café == ["-", "-", 2.0, None, 2.0, 2.0, 0.0, 0.0, None], "gone from the page since the fifth"


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
