"""Rules over scraped metrics that can say nothing: rates of what is no counter, instances that are all bad."""

from __future__ import annotations

from collections.abc import Iterator

from services.metrics.selector import Selector
from services.profile import AnyRule, Profile
from services.profile.rules import AbsentRule, GaugeRule, QuantileRule
from services.profile.rules.of_metrics import OfCounters

SCRAPED = ("prometheus",)
# How counters end, and how gauges do: neither is a law, so only what is surely a gauge is refused.
_COUNTERS = ("_total", "_count", "_sum", "_bucket", "_created")
_GAUGES = (
    *("_seconds", "_bytes", "_ratio", "_percent", "_celsius", "_volts", "_info", "_timestamp", "_fds"),
    *("_in_progress", "_in_flight", "_current", "_connections", "_depth", "_size", "_up"),
)


def metrics(rule: AnyRule, profile: Profile) -> Iterator[str]:
    if not rule.selectors:
        return
    kind = profile.sources[rule.source].kind
    if kind not in SCRAPED:
        hint = "; over what a Prometheus server answers, a threshold" if kind == "promql" else ""
        yield f"source: {rule.source} is of kind {kind}: this rule needs a page of metrics, kind prometheus{hint}"
    if isinstance(rule, QuantileRule):
        if rule.histogram.endswith("_bucket"):
            yield f"histogram: by its name without _bucket: {rule.histogram.removesuffix('_bucket')!r}"
        if "le" in (*rule.by, *rule.match):
            yield "by, match: `le` tells the buckets of one histogram apart, which belong together"
    elif not isinstance(rule, AbsentRule | GaugeRule):
        yield from (f"{key}: {_no_counter(selector.metric)}" for key, selector in _counted(rule) if _gauge(selector))
    if isinstance(rule, OfCounters):
        yield from _split(rule)


def _counted(rule: AnyRule) -> Iterator[tuple[str, Selector]]:
    if isinstance(rule, OfCounters):
        yield "bad", rule.bad
        yield "all", rule.all
    else:
        yield from (("metric", selector) for selector in rule.selectors)


def _gauge(selector: Selector) -> bool:
    return selector.metric.endswith(_GAUGES) and not selector.metric.endswith(_COUNTERS)


def _no_counter(metric: str) -> str:
    return f"{metric} goes up and down: it has no rate. Counters end in _total, _count, _sum or _bucket"


def _split(rule: OfCounters) -> Iterator[str]:
    """Conditions on a label that instances are told apart by: each would be wholly bad, or wholly good."""
    for label in rule.by:
        bad, every = rule.bad.match.get(label), rule.all.match.get(label)
        if bad is not None and bad != every and rule.bad.metric == rule.all.metric:
            yield f"by: `bad` is chosen by {label}, so that each instance by {label} would be all bad, or all good"
    if rule.bad == rule.all:
        yield "bad: it is the same as `all`, so that every event is bad"
