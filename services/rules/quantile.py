"""A quantile of a histogram. Where a bucket ends at the threshold the count beyond it decides, which is exact.

Within a bucket a quantile is interpolated and may be far off: "P95 > 0.8 s" is the same as "more than 5 % took longer
than 0.8 s", and with a bucket that ends at 0.8 the latter is known to the last event.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from services.metrics.match import matcher
from services.metrics.measure import Measure
from services.readings import Values, number
from services.readings.metrics import MetricsValues
from services.rules.compare import CAPPED, beyond, none, unknown
from services.rules.look import Labels, Look
from services.rules.ratio import lacks

if TYPE_CHECKING:
    from services.profile.rules import Level, QuantileRule
    from services.rules.past import Past


def look(rule: QuantileRule, level: Level, past: Past) -> tuple[Look, ...]:
    at, seconds = past.seen(rule.source), rule.window_of(level)
    if reason := _out_of_reach(rule, level, past.values(rule.source)):
        return (none(reason, at),)
    found = past.samples.quantile(rule.source, rule.selector, rule.q, seconds, at, rule.by)
    over = _shares(rule, level.value, seconds, past)
    over_clear = over if level.clear is None else _shares(rule, level.clear, seconds, past)
    return tuple(_one(each, rule, level, over, over_clear, at) for each in found)


def _out_of_reach(rule: QuantileRule, level: Level, values: Values | None) -> str:
    """Whether no bucket reaches up to the threshold: what lies above the last is counted, but not how far above."""
    fits, name = matcher(rule.match), f"{rule.histogram}_bucket"
    samples = values.samples if isinstance(values, MetricsValues) else ()
    ends = {dict(sample.labels).get("le", "") for sample in samples if sample.name == name and fits(sample.labels)}
    top = max((end for text in ends if (end := _end(text)) is not None), default=level.value)
    if top >= level.value:
        return ""
    return (
        f"the last bucket of {rule.histogram} ends at {top:g}: whether it is {level.op} {level.value:g} is never known"
    )


def _end(text: str) -> float | None:
    """None for +Inf, and for what is no bound at all: of that the quantile itself tells."""
    try:
        end = float(text)
    except ValueError:
        return None
    return end if math.isfinite(end) else None


def _shares(rule: QuantileRule, edge: float, seconds: float, past: Past) -> dict[Labels, float | None]:
    """What share of the events lies above the edge; None where no bucket ends there."""
    found = past.samples.share_above(rule.source, rule.selector, edge, seconds, past.seen(rule.source), rule.by)
    return {each.labels: number(each.value) for each in found}


def _one(
    each: Measure,
    rule: QuantileRule,
    level: Level,
    over: dict[Labels, float | None],
    over_clear: dict[Labels, float | None],
    at: float,
) -> Look:
    if reason := lacks(each, rule):
        return unknown(each.labels, each.value, reason, at)
    holds = _beyond(each, rule.q, level.op, level.value, over.get(each.labels))
    clear = level.value if level.clear is None else level.clear
    over_it = _beyond(each, rule.q, level.op, clear, over_clear.get(each.labels))
    clears = None if over_it is None else not over_it
    return Look(each.labels, each.value, holds, clears, CAPPED if holds is None else "", at)


def _beyond(each: Measure, q: float, op: str, threshold: float, above: float | None) -> bool | None:
    if above is None:
        return beyond(each.value, op, threshold)
    return above > 1 - q if op in (">", ">=") else above <= 1 - q
