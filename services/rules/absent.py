"""Something that should be there and is not, while its source answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.figures import Instance
from services.metrics.match import matcher
from services.readings import Unknown, Values
from services.readings.metrics import MetricsValues
from services.rules.compare import told, unknown
from services.rules.look import Look

if TYPE_CHECKING:
    from services.metrics.selector import Selector
    from services.profile.rules import AbsentRule, Level
    from services.rules.past import Past


def look(rule: AbsentRule, level: Level, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    if rule.selector:
        return (_series(rule.selector, past.values(rule.source), at),)
    found = past.instances(rule.source, rule.figure)
    if not found:  # nothing of the name at all
        return (told((), Unknown("no data yet", f"there is no {rule.figure} now"), True, at),)
    return tuple(_one(instance, rule, past, at) for instance in found)


def _series(selector: Selector, values: Values | None, at: float) -> Look:
    """On the newest page; the value is how many series there are."""
    fits = matcher(selector.match)
    samples = values.samples if isinstance(values, MetricsValues) else ()
    count = sum(sample.name == selector.metric and fits(sample.labels) for sample in samples)
    return told((), count, count == 0, at)


def _one(instance: Instance, rule: AbsentRule, past: Past, at: float) -> Look:
    """Not there is not the same as not to be seen: whoever may not look cannot say that it is missing."""
    value = past.figure(rule.source, instance.path)
    if isinstance(value, Unknown) and value.why != "no data yet":
        return unknown(instance.labels, value, str(value), at)
    return told(instance.labels, value, isinstance(value, Unknown), at)
