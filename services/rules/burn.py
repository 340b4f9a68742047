"""How fast the error budget burns: 1 is just as fast as the objective allows, 14.4 uses a month's up in two days.

Scrapes are kept for some hours; what lies before that, or before a restart, is known from the rates that were recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from services.metrics.measure import Measure
from services.readings import NO_DATA_YET, number
from services.rules.compare import none, unknown
from services.rules.look import Labels, Look
from services.rules.rates import no_counter, path

if TYPE_CHECKING:
    from services.profile.rules import BurnLevel, BurnRule, Pair
    from services.rules.past import Past

Burns = Mapping[Labels, float | None]  # None: not enough of the window was seen


def look(rule: BurnRule, level: BurnLevel, past: Past) -> tuple[Look, ...]:
    at = past.seen(rule.source)
    if reason := no_counter(past.values(rule.source), rule.bad, rule.all):
        return (none(reason, at),)
    windows = {seconds for pair in level.pairs for seconds in (pair.long, pair.short)}
    burns = {seconds: _burns(rule, seconds, past) for seconds in sorted(windows)}
    labels = dict.fromkeys(labels for of_window in burns.values() for labels in of_window)
    if any(labels):
        labels.pop((), None)  # which only said that there was nothing in some window
    return tuple(_one(each, level, burns, at) for each in labels)


def _one(labels: Labels, level: BurnLevel, burns: Mapping[float, Burns], at: float) -> Look:
    """The value is that of the pair which is nearest to its factor."""
    told = [(pair, burns[pair.long].get(labels), burns[pair.short].get(labels)) for pair in level.pairs]
    every = [_holds(*each) for each in told]
    known = [(min(seen) / pair.factor, min(seen)) for pair, *of in told if (seen := [b for b in of if b is not None])]
    value = max(known)[1] if known else NO_DATA_YET
    if True not in every and None in every:
        return unknown(labels, value, "too little of the windows was seen, or nothing counted in them", at)
    return Look(labels, value, True in every, True not in every, "", at)


def _holds(pair: Pair, long: float | None, short: float | None) -> bool | None:
    """One window that does not burn is enough to know that the pair does not hold."""
    known = [burn for burn in (long, short) if burn is not None]
    if any(burn <= pair.factor for burn in known):
        return False
    return True if len(known) == 2 else None


def _burns(rule: BurnRule, seconds: float, past: Past) -> Burns:
    found = past.samples.ratio(rule.source, rule.bad, rule.all, seconds, past.seen(rule.source), rule.by)
    return {each.labels: _burn(rule, each, seconds, past) for each in found}


def _burn(rule: BurnRule, each: Measure, seconds: float, past: Past) -> float | None:
    budget = 1 - rule.objective
    if each.coverage < rule.min_coverage:
        share = _recorded(rule, each.labels, seconds, past)
    else:
        share = 0.0 if number(each.events) == 0 else number(each.value)  # without events nothing is used up
    return None if share is None else share / budget


def _recorded(rule: BurnRule, labels: Labels, seconds: float, past: Past) -> float | None:
    """The same share, from the rates that were recorded."""
    every = past.rate(rule.source, path(rule.all, labels), seconds)
    bad = past.rate(rule.source, path(rule.bad, labels), seconds)
    if every.value is None or every.coverage < rule.min_coverage:
        return None
    return (bad.value or 0.0) / every.value if every.value else 0.0
