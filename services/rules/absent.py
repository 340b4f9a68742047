"""Something that should be there and is not, while its source answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.figures import Instance
from services.readings import Unknown
from services.rules.compare import told, unknown
from services.rules.look import Look

if TYPE_CHECKING:
    from services.profile.rules import AbsentRule, Level
    from services.rules.past import Past


def look(rule: AbsentRule, level: Level, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    found = past.instances(rule.source, rule.figure)
    if not found:  # nothing of the name at all
        return (told((), Unknown("no data yet", f"there is no {rule.figure} now"), True, at),)
    return tuple(_one(instance, rule, past, at) for instance in found)


def _one(instance: Instance, rule: AbsentRule, past: Past, at: float) -> Look:
    """Not there is not the same as not to be seen: whoever may not look cannot say that it is missing."""
    value = past.figure(rule.source, instance.path)
    if isinstance(value, Unknown) and value.why != "no data yet":
        return unknown(instance.labels, value, str(value), at)
    return told(instance.labels, value, isinstance(value, Unknown), at)
