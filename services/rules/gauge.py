"""The newest scrape's series of a metric, as they are: added up, or the worst of them, for each group of labels."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.metrics.match import matcher
from services.readings.metrics import MetricsValues
from services.rules.compare import compared, none
from services.rules.look import Labels, Look

if TYPE_CHECKING:
    from services.profile.rules import GaugeRule, Level
    from services.rules.past import Past

_OF: Mapping[str, Callable[[Iterable[float]], float]] = MappingProxyType({"sum": sum, "max": max, "min": min})


def look(rule: GaugeRule, level: Level, past: Past) -> tuple[Look, ...]:
    at, values = past.seen(rule.source), past.values(rule.source)
    groups = _groups(rule, values)
    if groups:
        return tuple(compared(labels, _made(rule, found), level, at) for labels, found in groups.items())
    if rule.of == "sum" and _is_told(rule.metric, values):
        return (compared((), 0.0, level, at),)  # the page knows the metric, and there is nothing of the kind
    return (none(f"no series of {rule.metric} is as `match` says", at),)


def _groups(rule: GaugeRule, values: object) -> Mapping[Labels, list[float]]:
    fits = matcher(rule.selector.match)
    found: dict[Labels, list[float]] = defaultdict(list)
    for sample in values.samples if isinstance(values, MetricsValues) else ():
        if sample.name == rule.metric and fits(sample.labels):
            having = dict(sample.labels)
            found[tuple((label, having.get(label, "")) for label in rule.by)].append(sample.value)
    return found


def _made(rule: GaugeRule, values: list[float]) -> float:
    """Not a number if any of them is none."""
    return math.nan if any(map(math.isnan, values)) else _OF[rule.of](values)


def _is_told(metric: str, values: object) -> bool:
    return isinstance(values, MetricsValues) and any(family.name == metric for family in values.families)
