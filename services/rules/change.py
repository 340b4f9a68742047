"""A figure or a text that is not what it was: a version, a setting, a count that ought to stand still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.figures import Instance
from services.readings import Figure, Unknown, number
from services.rules.compare import none_now, told, unknown
from services.rules.look import Look
from services.rules.series import Window
from services.rules.spells import Spell

if TYPE_CHECKING:
    from services.profile.rules import ChangeRule, Level
    from services.rules.past import Past


def look(rule: ChangeRule, level: Level, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    found = tuple(_one(instance, rule, past, at) for instance in past.instances(rule.source, rule.figure))
    return found or (none_now(rule.figure, at),)


def _one(instance: Instance, rule: ChangeRule, past: Past, at: float) -> Look:
    if past.text(rule.source, instance.path) is not None:
        return _text(instance, rule, past.spells(rule.source, instance.path, rule.window), at)
    value = past.figure(rule.source, instance.path)
    if isinstance(value, Unknown):
        return unknown(instance.labels, value, str(value), at)
    window = past.window(rule.source, instance.path, rule.window)
    return _number(instance, rule, window, past.then(rule.source, instance.path, rule.window), value, at)


def _text(instance: Instance, rule: ChangeRule, spells: tuple[Spell, ...], at: float) -> Look:
    """The value is how often it changed. One change is enough, however short it has been looked at."""
    changes = len(spells) - 1
    if changes < 1 and at - spells[0].since < rule.min_coverage * rule.window:
        return unknown(instance.labels, changes, _short(at - spells[0].since, rule), at)
    return told(instance.labels, changes, changes > 0, at)


def _number(instance: Instance, rule: ChangeRule, window: Window, then: float | None, value: Figure, at: float) -> Look:
    if rule.more_than is None:
        seen = {*window.values, *(() if then is None else (then,))}
        if len(seen) < 2 and window.coverage < rule.min_coverage:
            return unknown(instance.labels, value, _short(window.mean.seen_s, rule), at)
        return told(instance.labels, value, len(seen) > 1, at)
    now = number(value)
    if rule.unit == "count" and now is not None and now <= rule.more_than:
        return told(instance.labels, value, False, at)  # it cannot have risen by more than all of it
    if then is None or now is None:
        return unknown(instance.labels, value, f"what it was {rule.window / 60:g} min ago was not seen", at)
    allowed = rule.more_than * (abs(then) if rule.unit == "share" else 1.0)
    return told(instance.labels, value, _by(then, now, rule.unit == "count") > allowed, at)


def _by(then: float, now: float, counts: bool) -> float:
    """How far it has come; a count that is lower than it was began anew."""
    if counts and now < then:
        return now
    return abs(now - then)


def _short(seconds: float, rule: ChangeRule) -> str:
    return f"seen for {seconds / 60:.0f} of {rule.window / 60:g} min"
