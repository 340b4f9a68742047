"""The share of bad events in all events: of the increases of counters, never of the counters themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.metrics.measure import Measure
from services.readings import Unknown
from services.rules.compare import compared, none, unknown
from services.rules.look import Look
from services.rules.rates import no_counter
from services.rules.threshold import too_few

if TYPE_CHECKING:
    from services.profile.rules import AnyRule, Level, RatioRule
    from services.rules.past import Past


def look(rule: RatioRule, level: Level, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    if reason := no_counter(past.values(rule.source), rule.bad, rule.all):
        return (none(reason, at),)
    found = past.samples.ratio(rule.source, rule.bad, rule.all, rule.window_of(level), at, rule.by)
    return tuple(_one(each, rule, level, at) for each in found)


def _one(each: Measure, rule: RatioRule, level: Level, at: float) -> Look:
    if reason := lacks(each, rule):
        return unknown(each.labels, each.value, reason, at)
    return compared(each.labels, each.value, level, at)


def lacks(each: Measure, rule: AnyRule) -> str:
    """Why what was measured is not enough to judge by; empty when it is."""
    if isinstance(each.value, Unknown):
        return str(each.value)
    if each.coverage < rule.min_coverage:
        return f"only {each.coverage:.0%} of the window was seen"
    return too_few(each.events, "events", rule.min_events)
