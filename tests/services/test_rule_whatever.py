"""Whatever sources report, a rule of any kind tells something that can be relied on, and never raises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.readings import AtLeast, Estimate, NamedFigure, NamedValues, Unknown, Values
from services.readings.metrics import MetricFamily, MetricSample, MetricsValues
from services.rules.past import Span
from tests.polled import START, Polled, rule

numbers = st.one_of(st.floats(), st.integers(-5, 5), st.floats(-5, 5))
figures = st.one_of(
    numbers,
    st.builds(Estimate, numbers),
    st.builds(AtLeast, numbers),
    st.builds(Unknown, st.sampled_from(["no data yet", "failed", "not permitted"])),
)
labels = st.sampled_from([(("at", "a"),), (("at", "b"),), ()])
named = st.lists(figures.flatmap(lambda value: st.builds(NamedFigure, st.just("x"), st.just(value), labels=labels)))
names = st.sampled_from(["x_total", "t_bucket"])
bounds = st.sampled_from(["0.1", "1", "+Inf", "NaN", "what"])
series = st.builds(lambda name, le, value: MetricSample(name, (("at", "a"), ("le", le)), value), names, bounds, numbers)
FAMILIES = tuple(MetricFamily(name, "counter", ("at", "le")) for name in ("x_total", "t_bucket"))

OF_FIGURES: list[tuple[str, dict[str, Any]]] = [
    *(("threshold", {"over": over, "value": 1, "clear": 0}) for over in ("last", "mean", "max", "p95")),
    ("growth", {"window": "1m", "part": "20s", "rise": 1}),
    ("age", {"value": 5}),
    ("age", {"value": 5, "unit": "s"}),
    ("absent", {}),
    ("change", {"window": "30s"}),
    ("change", {"window": "30s", "more_than": 0.5, "unit": "share"}),
    ("baseline", {"factor": 2, "floor": 0, "direction": "both", "window": "30s"}),
]
COUNTED = {"bad": {"metric": "x_total", "match": {"le": "1"}}, "all": {"metric": "x_total"}, "min_coverage": 0.1}
OF_METRICS: list[tuple[str, dict[str, Any]]] = [
    ("ratio", {**COUNTED, "value": 0.5, "by": ["at"]}),
    ("ratio", {**COUNTED, "value": 0.5, "op": "<"}),
    ("quantile", {"histogram": "t", "q": 0.9, "value": 0.5, "clear": 0.1, "min_coverage": 0.1}),
    ("quantile", {"histogram": "t", "q": 0.9, "value": 1, "op": "<", "by": ["at"], "min_coverage": 0.1}),
    ("burn", {**COUNTED, "objective": 0.9, "by": ["at"]}),
    ("absent", {"metric": "x_total"}),
    *(("gauge", {"metric": "x_total", "of": of, "by": ["le"], "value": 1}) for of in ("sum", "max", "min")),
    ("baseline", {"metric": "x_total", "factor": 2, "floor": 0, "min_coverage": 0.1}),
]


def _holds_what_it_promises(polled: Polled, every: list[Values | None]) -> None:
    paths = ("figures.x", "figures.x{at=a}", "rate(x_total)")
    polled.past.learn(Span("s", path, START - 3_600.0 * 24 * day, 1.0) for path in paths for day in range(28))
    for values in every:
        polled.read(values)
        for level, _ in polled.rule.levels:
            looks = polled.looks(level)
            assert looks, "nothing at all is no answer"
            for look in looks:
                assert (look.holds is None) == bool(look.reason), "unknown has its reason, and nothing else has one"
                assert not (look.holds and look.clears), "it cannot hold and be over"


@pytest.mark.parametrize("path", ["figures.x", "figures.x{*}", "figures.*"])
@pytest.mark.parametrize(("kind", "keys"), OF_FIGURES)
@settings(max_examples=4, deadline=None)
@given(every=st.lists(st.one_of(st.none(), st.builds(NamedValues, st.just("x"), named.map(tuple))), max_size=12))
def test_of_figures(kind: str, keys: dict[str, Any], path: str, every: list[Values | None]) -> None:
    _holds_what_it_promises(Polled(rule(kind, figure=path, **keys)), every)


@pytest.mark.parametrize(("kind", "keys"), OF_METRICS)
@settings(max_examples=10, deadline=None)
@given(every=st.lists(st.one_of(st.none(), st.lists(series, max_size=8).map(tuple)), max_size=12))
def test_of_metrics(kind: str, keys: dict[str, Any], every: list[tuple[MetricSample, ...] | None]) -> None:
    pages = [each and MetricsValues("x", each, FAMILIES, None, len(each), 9) for each in every]
    _holds_what_it_promises(Polled(rule(kind, **keys)), [page or None for page in pages])
