"""How long ago a point in time is that a source tells: the newest backup, the last success of a daily task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.figures import Instance
from services.readings import number
from services.rules.compare import compared, none_now, unknown
from services.rules.look import Look

if TYPE_CHECKING:
    from services.profile.rules import AgeRule, Level
    from services.rules.past import Past


def look(rule: AgeRule, level: Level, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    found = tuple(_one(instance, rule, level, past, at) for instance in past.instances(rule.source, rule.figure))
    return found or (none_now(rule.figure, at),)


def _one(instance: Instance, rule: AgeRule, level: Level, past: Past, at: float) -> Look:
    """What was so old when it was read has grown older since. A time ahead of our clock is an age of nothing."""
    value = past.figure(rule.source, instance.path)
    told = number(value)
    if told is None:
        return unknown(instance.labels, value, str(value), at)
    age = past.wall - told if rule.unit == "unix" else told + (past.mono - at)
    return compared(instance.labels, max(0.0, age), level, at)
