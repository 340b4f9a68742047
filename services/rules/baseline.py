"""Against what is usual at this hour of the week: a burst of failed logins, a volume that fell away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.readings import Figure, Unknown, number
from services.rules.compare import none, none_now, unknown
from services.rules.look import Labels, Look
from services.rules.rates import no_counter, path

if TYPE_CHECKING:
    from services.profile.rules import BaselineRule, Level
    from services.rules.past import Past


def look(rule: BaselineRule, level: Level, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    if rule.selector and (reason := no_counter(past.values(rule.source), rule.selector)):
        return (none(reason, at),)
    found = tuple(
        _one(labels, signal, value, rule, level, past, at) for labels, signal, value in _now(rule, level, past, at)
    )
    return found or (none_now(rule.about, at),)


def _now(rule: BaselineRule, level: Level, past: Past, at: float) -> Iterator[tuple[Labels, str, Figure]]:
    """Each instance, the path under which its past is kept, and its mean over the window."""
    seconds = rule.window_of(level)
    if rule.selector:
        for each in past.samples.rate(rule.source, rule.selector, seconds, at, rule.by):
            yield each.labels, path(rule.selector, each.labels), _seen(each.value, each.coverage, rule)
        return
    for instance in past.instances(rule.source, rule.figure):
        window = past.window(rule.source, instance.path, seconds)
        newest = past.figure(rule.source, instance.path)
        value = newest if isinstance(newest, Unknown) or window.mean.value is None else window.mean.value
        yield instance.labels, instance.path, _seen(value, window.coverage, rule)


def _seen(value: Figure, coverage: float, rule: BaselineRule) -> Figure:
    if isinstance(value, Unknown) or coverage >= rule.min_coverage:
        return value
    return Unknown("no data yet", f"only {coverage:.0%} of the window was seen")


def _one(labels: Labels, signal: str, value: Figure, rule: BaselineRule, level: Level, past: Past, at: float) -> Look:
    now = number(value)
    if now is None:
        return unknown(labels, value, str(value), at)
    usual = past.usual(rule.source, signal)
    if usual.lacks or usual.value is None:
        return unknown(labels, value, usual.lacks, at)
    holds = _unusual(now, usual.value, level.value, rule)
    clears = not _unusual(now, usual.value, level.value if level.clear is None else level.clear, rule)
    return Look(labels, value, holds, clears, "", at)


def _unusual(now: float, usual: float, factor: float, rule: BaselineRule) -> bool:
    """Where less than the floor is usual, falling away cannot be told from a quiet hour, and is not looked for."""
    floor = rule.floor or 0.0
    above = now > factor * max(usual, floor)
    below = usual >= floor and now < usual / factor
    return (above and rule.direction != "down") or (below and rule.direction != "up")
