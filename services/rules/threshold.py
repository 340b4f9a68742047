"""The threshold: a figure, as it is or over a window, against a number, given enough events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.figures import Instance
from services.quantile import quantile
from services.readings import AtLeast, Figure, Unknown, number
from services.rules.compare import compared, none_now, unknown
from services.rules.look import Look

if TYPE_CHECKING:
    from services.profile.rules import Level, ThresholdRule
    from services.rules.past import Past

_OVER: Mapping[str, Callable[[Sequence[float]], float]] = MappingProxyType(
    {
        "min": min,
        "max": max,
        "p50": lambda values: quantile(sorted(values), 0.5),
        "p95": lambda values: quantile(sorted(values), 0.95),
        "p99": lambda values: quantile(sorted(values), 0.99),
    }
)


def look(rule: ThresholdRule, level: Level, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    found = tuple(_one(instance, rule, level, past, at) for instance in past.instances(rule.source, rule.figure))
    return found or (none_now(rule.figure, at),)


def _one(instance: Instance, rule: ThresholdRule, level: Level, past: Past, at: float) -> Look:
    value = past.figure(rule.source, instance.path)
    if not isinstance(value, Unknown) and rule.events:
        events = past.figure(rule.source, rule.events.replace("*", instance.name))
        if reason := too_few(events, rule.events, rule.min_events):
            return unknown(instance.labels, value, reason, at)
    if rule.over == "last":
        return compared(instance.labels, value, level, at)
    return _over(instance, rule, level, past, at)


def _over(instance: Instance, rule: ThresholdRule, level: Level, past: Past, at: float) -> Look:
    window = past.window(rule.source, instance.path, rule.window_of(level))
    if not window.values:
        value = past.figure(rule.source, instance.path)
        reason = str(value) if isinstance(value, Unknown) else "no data yet: nothing was seen in the window"
        return unknown(instance.labels, value, reason, at)
    whole = window.mean.value if rule.over == "mean" else _OVER[rule.over](window.values)
    if whole is None or window.coverage < rule.min_coverage:
        return unknown(instance.labels, window.values[-1], f"only {window.coverage:.0%} of the window was seen", at)
    return compared(instance.labels, AtLeast(whole) if window.capped else whole, level, at)


def too_few(events: Figure, what: str, needed: float) -> str:
    """Why a share over so few events says nothing; empty when there are enough."""
    count = number(events)
    if count is None:
        return f"{what}: {events}"
    return "" if count >= needed else f"only {count:g} of {needed:g} events needed"
