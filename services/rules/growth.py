"""Growth that goes on: not a peak, and not a step with a plateau after it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from statistics import median
from typing import TYPE_CHECKING

from services.figures import Instance
from services.rules.compare import none_now, told, unknown
from services.rules.look import Look
from services.rules.series import Window

if TYPE_CHECKING:
    from services.profile.rules import GrowthRule, Level
    from services.rules.past import Past

POINTS = 60  # that the trend is taken from: each the mean of its share of the window; 1,770 slopes, not 100,000


def look(rule: GrowthRule, level: Level, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    found = tuple(_one(instance, rule, past, at) for instance in past.instances(rule.source, rule.figure))
    return found or (none_now(rule.figure, at),)


def _one(instance: Instance, rule: GrowthRule, past: Past, at: float) -> Look:
    value = past.figure(rule.source, instance.path)
    window = past.window(rule.source, instance.path, rule.window)
    parts = means(window, round(rule.window / rule.part))
    whole = [part[1] for part in parts if part is not None]
    if window.coverage < rule.min_coverage or len(whole) < len(parts):
        return unknown(instance.labels, value, f"only {window.coverage:.0%} of {rule.window / 60:g} min was seen", at)
    rises = all(later > earlier for earlier, later in pairwise(whole))
    return told(instance.labels, value, rises and _goes_on(rule, window), at)


def _goes_on(rule: GrowthRule, window: Window) -> bool:
    points = [point for point in means(window, POINTS) if point is not None]
    began, ended = points[0][1], points[-1][1]
    return ended - began >= max(rule.rise, rule.rise_share * abs(began)) and slope(points) > 0


def means(window: Window, count: int) -> list[tuple[float, float] | None]:
    """The window in equal parts: the mean time and value of each; None where a part has no value."""
    numbers, times, values = [0] * count, [0.0] * count, [0.0] * count
    start, width = window.end - window.seconds, window.seconds / count
    for at, value in window.points:
        n = min(count - 1, int((at - start) / width))
        numbers[n] += 1
        times[n] += at - start
        values[n] += value
    each = zip(numbers, times, values, strict=True)
    return [(start + time / number, value / number) if number else None for number, time, value in each]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Theil and Sen's: the median of the slopes between any two points. A few wild values do not turn it."""
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x2 > x1]
    return median(slopes) if slopes else 0.0
